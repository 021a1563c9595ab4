// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/build/constants.hpp"

#include <gtest/gtest.h>

namespace sluice::hw {
namespace {

TEST(Constants, AreNotThereForStreamsAndAbsentInputs) {
  ir::Graph network;
  const ir::ValueId x = network.add_input("x", DType::Float32, {1});
  EXPECT_EQ(constant_of(network, x), nullptr);
  EXPECT_EQ(constant_of(network, ir::kNoValue), nullptr);
  EXPECT_FALSE(integers_of(network, x));
  EXPECT_FALSE(number_of(network, x));
  EXPECT_EQ(largest_of(network, x), 0);
}

TEST(Constants, HaveOneNumberIfAllAreEqual) {
  ir::Graph network;
  EXPECT_EQ(number_of(network, network.add_constant("a", Tensor::from<float>({2}, {3, 3}))), 3.0);
  EXPECT_FALSE(number_of(network, network.add_constant("b", Tensor::from<float>({2}, {3, 4}))));
}

TEST(Constants, AreListsOfIntegers) {
  ir::Graph network;
  const auto id = network.add_constant("a", Tensor::from<std::int64_t>({2}, {3, -1}));
  EXPECT_EQ(integers_of(network, id), (std::vector<std::int64_t>{3, -1}));
}

TEST(Constants, HaveALargestMagnitudeOfAnyType) {
  ir::Graph network;
  EXPECT_EQ(largest_of(network, network.add_constant("a", Tensor::from<float>({2}, {1, -3}))), 3);
  const auto codes = network.add_constant("b", Tensor::from<std::int8_t>({2}, {-128, 5}));
  EXPECT_EQ(largest_of(network, codes), 128);
}

TEST(Constants, HaveALargestMagnitudeWithTheNormalizationBehind) {
  ir::Graph network;
  const auto of = [&](const std::vector<float>& values) {
    return network.add_constant("c", Tensor::from<float>({2}, values));
  };
  const auto x = network.add_input("x", DType::Float32, {1, 1, 1, 1});
  const auto w = network.add_constant("w", Tensor::from<float>({2, 1, 1, 1}, {4, 1}));
  const auto conv = network.add_node("conv", ir::Conv{}, {x, w});
  const auto norm =
      network.add_node("norm", ir::BatchNormalization{.epsilon = 0},
                       {network[conv].outputs[0], of({1, -6}), of({0, 0}), of({0, 0}), of({4, 1})});
  EXPECT_EQ(largest_normalized(network, network[conv], network[norm]), 6);
}

}  // namespace
}  // namespace sluice::hw
