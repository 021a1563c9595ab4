// SPDX-License-Identifier: Apache-2.0
// The zeros that the published system counts in windows, and the average it makes of them.
#include "tests/conformance/emulation_golden.hpp"
#include "tests/support/net.hpp"

#include "sluice/ir/ops/conv.hpp"
#include "sluice/sparse/window_zeros.hpp"
#include "sluice/sparse/zero_summary.hpp"

namespace sluice::sparse {
namespace {

class Sparsity : public test::EmulationGolden {};

ir::Graph conv_of(const Json& row) {
  test::Net net;
  const auto x = net.input(row["x"]["shape"].get<Shape>());
  const auto w = net.constant(test::tensor(row["w"]));
  const auto stride = row["stride"].get<std::int64_t>();
  const auto pad = row["pad"].get<std::int64_t>();
  const ir::Window window{.strides = {stride, stride}, .pads = {pad, pad, pad, pad}};
  const auto group = row["groups"].get<std::int64_t>();
  return net.finish({net.add(ir::Conv{.window = window, .group = group}, {x, w})});
}

TEST_F(Sparsity, EqualsThePublishedHistogramsAndAverages) {
  const Json rows = load("sparsity.json");
  ASSERT_FALSE(rows.empty());
  for (const Json& row : rows) {
    const ir::Graph graph = conv_of(row);
    ZeroCounter counter(*conv_windows(graph, graph.nodes[0]));
    counter.add(test::tensor(row["x"]));
    const ZeroHistogram histogram = counter.histogram();
    std::vector<std::uint64_t> expected;
    for (const Json& channel : row["hist"]) {
      for (const Json& count : channel) expected.push_back(count.get<std::uint64_t>());
    }
    EXPECT_EQ(histogram.counts, expected) << row["k"];
    const ZeroTotals totals = totals_of(histogram);
    EXPECT_NEAR(totals.sparsity(), row["avg_sparsity_true"].get<double>(), 1e-6);
    EXPECT_NEAR(totals.published_sparsity(), row["avg_sparsity_as_reported"].get<double>(), 1e-6);
  }
}

}  // namespace
}  // namespace sluice::sparse
