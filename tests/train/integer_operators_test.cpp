// SPDX-License-Identifier: Apache-2.0
// Operators on codes as the exact engine has them.
#include "sluice/train/integer_operators.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <vector>

namespace sluice::train {
namespace {

using numeric::Quantization;

Quantization quantization(float scale, std::int64_t zero_point = 0, DType dtype = DType::Int8) {
  return {.dtype = dtype, .scales = {scale}, .zero_points = {zero_point}};
}

at::Tensor row(const std::vector<float>& values) {
  return at::tensor(values).reshape({1, static_cast<std::int64_t>(values.size())});
}

std::vector<float> numbers(const at::Tensor& tensor) {
  const at::Tensor all = tensor.contiguous();
  return {all.data_ptr<float>(), all.data_ptr<float>() + all.numel()};
}

TEST(LevelsOfReals, RoundHalvesAwayFromZeroAndSaturate) {
  const auto levels = levels_of_reals(row({0.25F, -0.25F, 0.2F, 100, -100}), quantization(0.5F, 3));
  EXPECT_EQ(numbers(levels), (std::vector<float>{1, -1, 0, 124, -131}));
}

TEST(LevelsOfSums, AreMultipliedAndRoundedOnceByTheScaleOfTheirChannel) {
  const std::vector<float> weight_scales{0.5F, 0.25F};
  const auto levels =
      levels_of_sums(row({3, 3}), 1, quantization(1), weight_scales, quantization(1, -5));
  ASSERT_TRUE(levels) << levels.error().text();
  EXPECT_EQ(numbers(*levels), (std::vector<float>{2, 1}));  // 1.5 up, 0.75
}

TEST(LevelsOfSums, AlongTheAxisThatIsSaid) {
  const std::vector<float> weight_scales{1, 2};
  const at::Tensor sums = at::tensor(std::vector<float>{1, 2, 3, 4}).reshape({1, 2, 2});
  const auto rows = levels_of_sums(sums, 1, quantization(1), weight_scales, quantization(1));
  const auto columns = levels_of_sums(sums, 2, quantization(1), weight_scales, quantization(1));
  ASSERT_TRUE(rows && columns);
  EXPECT_EQ(numbers(*rows), (std::vector<float>{1, 2, 6, 8}));
  EXPECT_EQ(numbers(*columns), (std::vector<float>{1, 4, 3, 8}));
}

TEST(LevelsOfSums, Beyond32BitsAreRefused) {
  const std::vector<float> one{1};
  const auto levels =
      levels_of_sums(at::full({1, 1}, 3e9, at::kDouble), 1, quantization(1), one, quantization(1));
  ASSERT_FALSE(levels);
  EXPECT_EQ(levels.error().code, ErrorCode::Unsupported);
  EXPECT_NE(levels.error().message.find("32 bits"), std::string::npos);
}

TEST(ClampedLevels, HaveTheCodesBetweenTheBounds) {
  const Quantization same = quantization(0.5F, -10);
  const auto levels = clamped_levels(row({-4, 3, 20}), same, same, 0, 6);
  ASSERT_TRUE(levels);
  EXPECT_EQ(numbers(*levels), (std::vector<float>{0, 3, 12}));
}

TEST(ClampedLevels, MayChangeTheirStep) {
  const auto levels =
      clamped_levels(row({-4, 3, 20}), quantization(0.5F), quantization(0.25F, 7), 0, INFINITY);
  ASSERT_TRUE(levels);
  EXPECT_EQ(numbers(*levels), (std::vector<float>{0, 6, 40}));
}

TEST(SumLevels, AddWhatTheirStepsMakeOfThem) {
  const Quantization y = quantization(0.5F);
  const Addend a{row({1, -3, 100}), quantization(0.5F, 2)}, b{row({2, 2, 100}), quantization(1)};
  const auto sum = sum_levels(a, b, 1, y), difference = sum_levels(a, b, -1, y);
  ASSERT_TRUE(sum && difference);
  EXPECT_EQ(numbers(*sum), (std::vector<float>{5, 1, 127}));
  EXPECT_EQ(numbers(*difference), (std::vector<float>{-3, -7, -100}));
}

TEST(SumLevels, Broadcast) {
  const Addend a{row({1, 2, 3}), quantization(1)}, b{row({10}), quantization(1)};
  const auto sum = sum_levels(a, b, 1, quantization(1));
  ASSERT_TRUE(sum);
  EXPECT_EQ(numbers(*sum), (std::vector<float>{11, 12, 13}));
}

TEST(PooledLevels, AreMeansOfCodesWhichLeavePaddingOut) {
  const ir::ResolvedWindow window{.kernel = {2, 2},
                                  .strides = {2, 2},
                                  .dilations = {1, 1},
                                  .pad_begin = {1, 1},
                                  .pad_end = {1, 1},
                                  .output = {2, 2}};
  const at::Tensor levels = at::tensor(std::vector<float>{1, 2, 3, 4}).reshape({1, 1, 2, 2});
  EXPECT_EQ(numbers(pooled_levels(levels, window, false, quantization(1))),
            (std::vector<float>{1, 2, 3, 4}));
}

TEST(PooledLevels, RoundHalvesOfCodesAwayFromZero) {
  const ir::ResolvedWindow window{.kernel = {1, 2},
                                  .strides = {1, 2},
                                  .dilations = {1, 1},
                                  .pad_begin = {0, 0},
                                  .pad_end = {0, 0},
                                  .output = {1, 1}};
  const at::Tensor levels = at::tensor(std::vector<float>{1, 2}).reshape({1, 1, 1, 2});
  EXPECT_EQ(numbers(pooled_levels(levels, window, false, quantization(1))),
            (std::vector<float>{2}));
  // Of the codes −9 and −8.
  EXPECT_EQ(numbers(pooled_levels(levels, window, false, quantization(1, -10))),
            (std::vector<float>{1}));
}

TEST(MeanLevels, AreRescaledSums) {
  const auto levels = mean_levels(row({9, -9}), 4, quantization(1, 3), quantization(0.5F));
  ASSERT_TRUE(levels);
  EXPECT_EQ(numbers(*levels), (std::vector<float>{5, -4}));  // ±4.5, ties up
}

}  // namespace
}  // namespace sluice::train
