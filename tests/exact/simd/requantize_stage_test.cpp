// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/simd/requantize_stage.hpp"

#include <gtest/gtest.h>

#include "tests/exact/simd/random_requantizers.hpp"

namespace sluice::exact {
namespace {

void expect_equal(const std::vector<numeric::Requantizer>& by, std::int64_t largest, Rng& rng) {
  const auto channels = static_cast<std::int64_t>(by.size());
  const ConvOutput output{DType::Int8, by};
  const auto acc = hard_accumulators(by, 50, largest, rng);
  const PixelRows<const std::int32_t> rows{acc.data(), channels};
  std::vector<std::byte> expected(static_cast<std::size_t>(50 * channels));
  plain_requantize(output, 50, channels, rows, {expected.data(), channels});
  std::vector<std::byte> codes(expected.size());
  const RequantizeStage stage(output, channels, largest);
  stage.run(0, channels, 50, rows, {codes.data(), channels});
  EXPECT_EQ(codes, expected) << numeric::to_string(by[0].arithmetic);
}

TEST(RequantizeStage, IsRightForAccumulatorsThatLanesHaveNoRoomFor) {
  Rng rng(1);
  for (const numeric::Arithmetic arithmetic : kKernelArithmetics) {
    expect_equal(random_requantizers(arithmetic, DType::Int8, 20, -31, 0, rng), kWide, rng);
  }
}

TEST(RequantizeStage, IsRightForFactorsAboveOne) {
  Rng rng(2);
  for (const numeric::Arithmetic arithmetic : kKernelArithmetics) {
    expect_equal(random_requantizers(arithmetic, DType::Int8, 20, -2, 20, rng), kNarrow, rng);
  }
}

TEST(RequantizeStage, GivesOneRequantizerToAllChannels) {
  Rng rng(3);
  for (const numeric::Arithmetic arithmetic : kKernelArithmetics) {
    const auto one = random_requantizers(arithmetic, DType::UInt8, 1, -8, -4, rng);
    const ConvOutput output{DType::UInt8, one};
    const std::vector<numeric::Requantizer> each(33, one[0]);
    const auto acc = hard_accumulators(each, 4, kNarrow, rng);
    std::vector<std::byte> expected(132);
    std::vector<std::byte> codes(expected.size());
    plain_requantize(output, 4, 33, {acc.data(), 33}, {expected.data(), 33});
    RequantizeStage(output, 33, kNarrow).run(0, 33, 4, {acc.data(), 33}, {codes.data(), 33});
    EXPECT_EQ(codes, expected);
  }
}

TEST(RequantizeStage, StartsAtAnyVectorOfChannels) {
  Rng rng(4);
  const auto by =
      random_requantizers(numeric::Arithmetic::TfliteDouble, DType::Int8, 70, -8, 0, rng);
  const ConvOutput output{DType::Int8, by};
  const auto acc = hard_accumulators(by, 3, kNarrow, rng);
  std::vector<std::byte> expected(210);
  std::vector<std::byte> codes(expected.size());
  plain_requantize(output, 3, 70, {acc.data(), 70}, {expected.data(), 70});
  const RequantizeStage stage(output, 70, kNarrow);
  stage.run(0, 64, 3, {acc.data(), 70}, {codes.data(), 70});
  stage.run(64, 6, 3, {acc.data() + 64, 70}, {codes.data() + 64, 70});
  EXPECT_EQ(codes, expected);
}

}  // namespace
}  // namespace sluice::exact
