// SPDX-License-Identifier: Apache-2.0
// A whole network in the published system's six modes: weights, calibration and outputs.
#include "tests/conformance/tiny_network.hpp"

#include <gtest/gtest.h>

namespace sluice::quant {
namespace {

using test::EmulationGolden;
using test::floats;
using test::Mode;
using test::TinyNetwork;

Result<Tensor> run(ir::Graph graph, const Tensor& x) {
  SL_TRY_STATUS(test::infer(graph, x.shape()[0]));
  SL_TRY(const auto executor, runtime::make_reference_executor(std::move(graph)));
  SL_TRY(auto outputs, executor->run({&x, 1}));
  return std::move(outputs[0]);
}

TEST_F(EmulationGolden, TinyNetworkIsEqualWithThePublishedScales) {
  const Json json = load("tiny_network.json");
  const TinyNetwork tiny(json);
  const Tensor x = test::tensor(json["x"]);
  for (const Mode& mode : test::modes()) {
    SCOPED_TRACE(mode.name);
    ir::Graph graph = tiny.graph;
    ASSERT_TRUE(test::infer(graph, x.shape()[0]));
    const auto weighted = quantize_weights(graph, mode.format, Compat::Fpgaconvnet);
    ASSERT_TRUE(weighted) << weighted.error().text();
    const auto grids = test::published_grids(tiny, *weighted, json[mode.name]["quant"],
                                             test::bits_of(mode.format));
    const auto emulated = insert_snaps(*weighted, grids, Compat::Fpgaconvnet);
    ASSERT_TRUE(emulated) << emulated.error().text();
    const auto y = run(*emulated, x);
    ASSERT_TRUE(y) << y.error().text();
    EXPECT_EQ(test::mismatches(*y, test::tensor(json[mode.name]["y"])), 0);
  }
}

Result<ir::Graph> emulated(const TinyNetwork& tiny, const Json& json, const Mode& mode) {
  ir::Graph graph = tiny.graph;
  SL_TRY_STATUS(test::infer(graph, json["calib"][0]["shape"][0].get<std::int64_t>()));
  std::size_t next = 0;
  const BatchSource batches = [&]() -> Result<std::vector<Tensor>> {
    if (next == json["calib"].size()) return std::vector<Tensor>{};
    return std::vector<Tensor>{test::tensor(json["calib"][next++])};
  };
  return emulate(graph, mode.format, runtime::make_reference_executor, batches,
                 {.compat = Compat::Fpgaconvnet});
}

// The published system sums convolutions in float32, ours in double and rounds once; so ranges of
// computed values may differ in their last bits, and an output by a code.
TEST_F(EmulationGolden, TinyNetworkCalibratesToThePublishedScales) {
  const Json json = load("tiny_network.json");
  const TinyNetwork tiny(json);
  const Tensor x = test::tensor(json["x"]);
  for (const Mode& mode : test::modes()) {
    SCOPED_TRACE(mode.name);
    const auto graph = emulated(tiny, json, mode);
    ASSERT_TRUE(graph) << graph.error().text();
    const auto y = run(*graph, x);
    ASSERT_TRUE(y) << y.error().text();
    const Json& last = json[mode.name]["quant"]["model.10"];
    const std::vector<float> scale = floats(last["output_scale"]);
    const auto ours = y->data<float>();
    const Tensor expected = test::tensor(json[mode.name]["y"]);
    const auto theirs = expected.data<float>();
    for (std::size_t i = 0; i < ours.size(); ++i) {
      EXPECT_NEAR(ours[i], theirs[i], 1.01F / scale[i % scale.size()]);
    }
  }
}

TEST_F(EmulationGolden, TinyNetworkInFloat32IsWithinRounding) {
  const Json json = load("tiny_network.json");
  const TinyNetwork tiny(json);
  const auto y = run(tiny.graph, test::tensor(json["x"]));
  ASSERT_TRUE(y) << y.error().text();
  const auto ours = y->data<float>();
  const Tensor expected = test::tensor(json["float32"]);
  for (std::size_t i = 0; i < ours.size(); ++i) {
    EXPECT_NEAR(ours[i], expected.data<float>()[i], 1e-6F);
  }
}

}  // namespace
}  // namespace sluice::quant
