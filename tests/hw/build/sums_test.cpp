// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/build/sums.hpp"

#include <gtest/gtest.h>

#include "tests/support/random_quantized_net.hpp"

namespace sluice::hw {
namespace {

using sluice::test::QuantizedNet;

const ir::Node& only_node(const ir::Graph& network) {
  EXPECT_EQ(network.nodes.size(), 1U);
  return network.nodes.front();
}

ir::Graph convolution() {
  QuantizedNet net(1);
  const ir::ValueId x = net.input({1, 4, 6, 6});
  const ir::ValueId weights = net.weights_per_channel({4, 4, 3, 3}, DType::Int8, 0, false);
  return net.finish({net.add(ir::Conv{}, {x, weights}, net.grid_after(x, weights, 36))});
}

// Weights that are all as large as they can be, and words too.
TEST(SumBitsOf, HoldTheLargestSum) {
  ir::Graph network = convolution();
  const ir::Node& node = only_node(network);
  ir::Value& weights = network[node.inputs[1]];
  const auto codes = weights.constant->mutable_data<std::int8_t>();
  for (std::int8_t& code : codes) code = -127;
  for (auto& zero_point : weights.quantization->zero_points) zero_point = 0;
  const numeric::Quantization& x = *network[node.inputs[0]].quantization;
  const numeric::CodeRange range = numeric::codes_of(x);
  const std::int64_t largest =
      std::max(range.highest - x.zero_points[0], x.zero_points[0] - range.lowest) * 127 * 36;
  const auto bits = sum_bits_of(network, node);
  ASSERT_TRUE(bits);
  EXPECT_EQ(bits->weight_bits, 8);
  EXPECT_GE(std::int64_t{1} << (bits->acc_bits - 1), largest);
  EXPECT_LT(std::int64_t{1} << (bits->acc_bits - 2), largest + 1);
}

TEST(SumRange, TakesTheWorstWordOfEachWeight) {
  const std::vector<std::int64_t> weights{3, -2, 0};
  const numeric::CodeRange range = sum_range(weights, {-1, 10});
  EXPECT_EQ(range.lowest, -3 - 20);
  EXPECT_EQ(range.highest, 30 + 2);
}

// The filters of a transposed convolution lie along the second dimension.
TEST(SumBitsOf, AreKnownOfTransposedConvolutions) {
  QuantizedNet net(1);
  const ir::ValueId x = net.input({1, 4, 6, 6}, {DType::Int8, {0.05F}, {0}});
  const ir::ValueId weights = net.codes({4, 2, 1, 1}, {DType::Int8, {0.05F}, {0}});
  const ir::Graph network =
      net.finish({net.add(ir::ConvTranspose{}, {x, weights}, net.grid_after(x, weights, 4))});
  const auto bits = sum_bits_of(network, only_node(network));
  ASSERT_TRUE(bits);
  EXPECT_LE(bits->acc_bits, 8 + 8 + 2);
  EXPECT_GE(bits->acc_bits, 8 + 2);
}

TEST(SumBitsOf, NothingIsKnownOfRealWeights) {
  ir::Graph network = convolution();
  network[only_node(network).inputs[1]].quantization.reset();
  EXPECT_FALSE(sum_bits_of(network, only_node(network)));
}

}  // namespace
}  // namespace sluice::hw
