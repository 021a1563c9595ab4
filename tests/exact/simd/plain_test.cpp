// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/simd/plain.hpp"

#include <array>
#include <gtest/gtest.h>

namespace sluice::exact {
namespace {

// Two channels, 10 −1 and 20 3; two taps.
constexpr std::array kImage{std::byte{10}, std::byte{0xFF}, std::byte{20}, std::byte{3}};
constexpr std::array kWeights{std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4}};
constexpr std::array<const std::byte*, 2> kRows{kImage.data(), kImage.data() + 2};

TEST(PlainDense, SumsOverTapsAndChannels) {
  const std::array<std::int32_t, 1> bias{100};
  const ConvLayer layer{.taps = 2,
                        .channels = 2,
                        .out_channels = 1,
                        .input_zero_point = 1,
                        .weights = kWeights,
                        .bias = bias};
  std::int32_t acc = 0;
  plain_dense(layer, {kRows.data(), 1}, {&acc, 1});
  EXPECT_EQ(acc, 100 + 1 * 9 + 2 * -2 + 3 * 19 + 4 * 2);
}

TEST(PlainDense, ReadsUnsignedCodesAndWeightsWithAZeroPoint) {
  const std::array<std::int32_t, 1> zero{2};
  const ConvLayer layer{.taps = 2,
                        .channels = 1,
                        .out_channels = 1,
                        .input_type = DType::UInt8,
                        .weight_type = DType::UInt8,
                        .weights = {kWeights.data(), 2},
                        .weight_zero_points = zero};
  std::int32_t acc = 0;
  plain_dense(layer, {kRows.data(), 1, 1}, {&acc, 1});
  EXPECT_EQ(acc, -1 * 255 + 0 * 3);
}

TEST(PlainDepthwise, SumsOverTapsOnly) {
  const ConvLayer layer{.taps = 2, .channels = 2, .out_channels = 2, .weights = kWeights};
  std::array<std::int32_t, 2> acc{};
  plain_depthwise(layer, {kRows.data(), 1}, {acc.data(), 2});
  EXPECT_EQ(acc[0], 1 * 10 + 3 * 20);
  EXPECT_EQ(acc[1], 2 * -1 + 4 * 3);
}

TEST(PlainRequantize, TakesTheRequantizerOfEachChannel) {
  const auto half = numeric::make_requantizer(numeric::Arithmetic::Onnx, {.weight = 0.5F}, 1,
                                              {.lowest = -128, .highest = 127});
  const auto one =
      numeric::make_requantizer(numeric::Arithmetic::Onnx, {}, 1, {.lowest = -128, .highest = 127});
  const std::array by{*half, *one};
  const std::array<std::int32_t, 2> acc{-10, -500};
  std::array<std::byte, 2> codes{};
  plain_requantize({.requantizers = by}, 1, 2, {acc.data(), 2}, {codes.data(), 2});
  EXPECT_EQ(codes[0], std::byte{0xFC});
  EXPECT_EQ(codes[1], std::byte{0x80});
}

}  // namespace
}  // namespace sluice::exact
