// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/simd/wide_layer.hpp"

#include <gtest/gtest.h>
#include <numeric>

#include "tests/exact/simd/random_wide_layer.hpp"

namespace sluice::exact {
namespace {

using Weights = std::vector<std::int16_t>;

// A layer of one tap.
WideLayer one_tap(const Weights& weights, const std::vector<std::int64_t>& bias,
                  numeric::CodeRange inputs) {
  const auto out = static_cast<std::int64_t>(bias.size());
  return {.taps = 1,
          .channels = static_cast<std::int64_t>(weights.size()) / out,
          .out_channels = out,
          .inputs = inputs,
          .weights = weights,
          .bias = bias};
}

TEST(SegmentsOf, AreAsLongAs32BitsAllow) {
  // A step of two products of 2^14·2^15 is 2^30: one of them fits, two do not.
  const Weights large(8, 1 << 14);
  const std::vector<std::int64_t> bias{0};
  EXPECT_EQ(segments_of(one_tap(large, bias, {-32768, 32767}), false, 0, 1),
            (Segments{1, 1, 1, 1}));
  // Of numbers that are not negative, products of weights of both signs do not add up.
  Weights mixed = large;
  for (std::size_t i = 1; i < mixed.size(); i += 2) mixed[i] = -(1 << 14);
  EXPECT_EQ(segments_of(one_tap(mixed, bias, {0, 32767}), false, 0, 1), (Segments{4}));
  EXPECT_EQ(segments_of(one_tap(mixed, bias, {-32768, 32767}), false, 0, 1), (Segments{2, 2}));
  EXPECT_EQ(segments_of(one_tap(large, bias, {-2048, 2047}), false, 0, 1), (Segments{4}));
}

TEST(SegmentsOf, EndWhereAnyChannelMust) {
  Weights weights(16, 1);
  std::fill(weights.begin() + 8, weights.end(), std::int16_t{1 << 14});
  const std::vector<std::int64_t> bias{0, 0};
  const WideLayer layer = one_tap(weights, bias, {-32768, 32767});
  EXPECT_EQ(segments_of(layer, false, 0, 1), (Segments{4}));
  EXPECT_EQ(segments_of(layer, false, 0, 2), (Segments{1, 1, 1, 1}));
}

TEST(SegmentsOf, OfDepthwiseLayersCountTaps) {
  const Weights weights(9, 30'000);
  const std::vector<std::int64_t> bias{0};
  WideLayer layer = one_tap(weights, bias, {-32768, 32767});
  layer.taps = 9;
  layer.channels = 1;
  EXPECT_EQ(segments_of(layer, true, 0, 1), (Segments{2, 2, 2, 2, 1}));
}

// Twice −2^15·−2^15 is 2^31.
TEST(FitsWideKernels, NotWhereTwoProductsAreTooMuch) {
  const std::vector<std::int64_t> bias{0};
  const Weights lowest(2, -32768);
  EXPECT_FALSE(fits_wide_kernels(one_tap(lowest, bias, {-32768, 32767}), false));
  EXPECT_TRUE(fits_wide_kernels(one_tap(lowest, bias, {-32767, 32767}), false));
  WideLayer of_uint16 = one_tap(lowest, bias, {0, 65535});
  of_uint16.input_type = DType::UInt16;
  EXPECT_FALSE(fits_wide_kernels(of_uint16, false));
}

TEST(FitsWideKernels, NotWhereAccumulatorsAreHuge) {
  const Weights weights{1, 1};
  const std::vector<std::int64_t> huge{std::numeric_limits<std::int64_t>::min()};
  EXPECT_FALSE(fits_wide_kernels(one_tap(weights, huge, {-8, 7}), false));
  const std::vector<std::int64_t> large{(std::int64_t{1} << 60) - 17};
  EXPECT_TRUE(fits_wide_kernels(one_tap(weights, large, {-8, 7}), false));
  EXPECT_EQ(largest_accumulator(one_tap(weights, large, {-8, 7}), false),
            (std::int64_t{1} << 60) - 1);
}

TEST(PlainWide, ReadsEveryType) {
  for (const WideTypes& types : every_wide_type()) {
    for (const bool is_depthwise : {false, true}) {
      Rng rng(3);
      const LayerShape shape{7, 4, 5, 6};
      const RandomWideLayer random(shape, types, is_depthwise, rng);
      const auto found = random.accumulators();
      const std::int64_t most = largest_accumulator(random.layer, is_depthwise);
      for (const std::int64_t acc : found) EXPECT_LE(std::abs(acc), most);
    }
  }
}

}  // namespace
}  // namespace sluice::exact
