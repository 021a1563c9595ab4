// SPDX-License-Identifier: Apache-2.0
#include "sluice/runtime/onednn/conv_scatter.hpp"

#include "tests/support/fast_equals_reference.hpp"

namespace sluice::runtime::onednn {
namespace {

using test::Net;

ir::ConvTranspose edge_to_edge(std::int64_t rows, std::int64_t columns) {
  return {.window = {.kernel = {rows, columns}, .strides = {rows, columns}}};
}

TEST(ConvScatter, EqualsTheReference) {
  for (const std::int64_t channels : {1, 5, 16, 19}) {
    for (const auto& [rows, columns] : {std::pair{2, 2}, std::pair{3, 2}, std::pair{1, 4}}) {
      for (const bool has_bias : {false, true}) {
        Net net;
        std::vector<ir::ValueId> inputs{net.input({2, 7, 5, 4}),
                                        net.weight({7, channels, rows, columns})};
        if (has_bias) inputs.push_back(net.weight({channels}));
        const ir::ValueId y = net.add(edge_to_edge(rows, columns), inputs);
        const ir::ValueId z = net.add(ir::Relu{}, {y});
        const ir::Graph graph =
            net.finish({net.add(ir::Conv{}, {z, net.weight({3, channels, 3, 3})})});
        EXPECT_EQ(test::expect_fast_equals_reference(graph), 0U);
      }
    }
  }
}

TEST(ConvScatter, LeavesWindowsThatOverlapOrAreCut) {
  const std::vector<ir::ConvTranspose> others{
      {.window = {.kernel = {2, 2}}},
      {.window = {.kernel = {2, 2}, .strides = {2, 2}, .pads = {1, 0, 0, 0}}},
      {.window = {.kernel = {2, 2}, .strides = {2, 2}, .dilations = {2, 2}}},
      {.window = {.kernel = {2, 2}, .strides = {2, 2}}, .group = 2},
      {.window = {.kernel = {2, 2}, .strides = {2, 2}}, .output_padding = {1, 1}}};
  for (const ir::ConvTranspose& op : others) {
    const ir::Graph graph = test::one_node(op, {1, 4, 5, 5}, {{4, 3, 2, 2}});
    Planner planner(graph, {});
    EXPECT_FALSE(plan_scatter(op, planner, ir::NodeId{0}));
    test::expect_fast_equals_reference(graph);
  }
}

}  // namespace
}  // namespace sluice::runtime::onednn
