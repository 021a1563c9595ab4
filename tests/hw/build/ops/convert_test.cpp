// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/build/ops/convert.hpp"

#include "tests/hw/build/built_text.hpp"
#include "tests/support/every_op.hpp"

namespace sluice::hw {
namespace {

// Whatever becomes of it: a reason and a remedy where it is not mapped.
void expect_decided(const ir::Graph& network, const BuildOptions& options) {
  for (const Unmappable& each : unmappable(network, options)) {
    EXPECT_FALSE(each.node.empty() || each.op.empty());
    EXPECT_FALSE(each.why.empty() || each.remedy.empty()) << each.node;
  }
  EXPECT_EQ(build_graph(network, options).has_value(), unmappable(network, options).empty());
}

TEST(Convert, DecidesEveryOperator) {
  for (const test::OpGraph& each : test::kEveryOp) {
    SCOPED_TRACE(each.op);
    const ir::Graph network = test::typed_graph(each);
    expect_decided(network, {});
    expect_decided(network, kFpgaConvNet);
  }
}

}  // namespace
}  // namespace sluice::hw
