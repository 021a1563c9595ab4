// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/simd/layer.hpp"

#include <array>
#include <gtest/gtest.h>

namespace sluice::exact {
namespace {

constexpr std::array kSignedWeights{std::byte{1}, std::byte{0xFE}, std::byte{3},
                                    std::byte{4}};  // 1 −2 3 4

TEST(LargestAccumulator, IsThatOfTheWorstInputAndTheWorstChannel) {
  const std::array<std::int32_t, 2> bias{1000, -2};
  const ConvLayer layer{.taps = 2,
                        .channels = 1,
                        .out_channels = 2,
                        .input_zero_point = 28,
                        .weights = kSignedWeights,
                        .bias = bias};
  EXPECT_EQ(largest_accumulator(layer, false), 1000 + 3 * 156);
}

TEST(LargestAccumulator, OfADepthwiseLayerTakesWeightsOfOneChannel) {
  const ConvLayer layer{.taps = 2,
                        .channels = 2,
                        .out_channels = 2,
                        .input_type = DType::UInt8,
                        .weights = kSignedWeights};
  EXPECT_EQ(largest_accumulator(layer, true), 6 * 255);
}

TEST(LargestAccumulator, TakesZeroPointsOffTheWeights) {
  const std::array<std::int32_t, 1> zero{4};
  const ConvLayer layer{.taps = 4,
                        .channels = 1,
                        .out_channels = 1,
                        .input_type = DType::UInt8,
                        .weights = kSignedWeights,
                        .weight_zero_points = zero};
  EXPECT_EQ(largest_accumulator(layer, false), (3 + 6 + 1 + 0) * 255);
}

}  // namespace
}  // namespace sluice::exact
