// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/apply.hpp"
#include "tests/support/non_finite.hpp"

namespace sluice::runtime::reference {
namespace {

using test::computed;
using test::kInfinity;
using test::kNan;
using ::testing::ElementsAre;
using ::testing::FloatEq;

Tensor row(const std::vector<float>& values) {
  return Tensor::from<float>({1, 1, static_cast<std::int64_t>(values.size())}, values);
}

Tensor square(std::int64_t rows, std::int64_t columns) {
  std::vector<float> values(static_cast<std::size_t>(rows * columns));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i + 1);
  return Tensor::from<float>({1, 1, rows, columns}, values);
}

TEST(MaxPool, PaddingNeverWins) {
  EXPECT_THAT(
      computed<float>(ir::MaxPool{.window = {.kernel = {3}, .pads = {1, 1}}}, {row({-5, -4, -3})}),
      ElementsAre(-4, -3, -3));
}

TEST(MaxPool, DilationAndCeilMode) {
  EXPECT_THAT(computed<float>(ir::MaxPool{.window = {.kernel = {2}, .dilations = {2}}},
                              {row({9, 1, 2, 8})}),
              ElementsAre(9, 8));
  EXPECT_THAT(
      computed<float>(ir::MaxPool{.window = {.kernel = {2}, .strides = {2}}, .ceil_mode = true},
                      {row({1, 3, 2, 4, 0})}),
      ElementsAre(3, 4, 0));
}

TEST(MaxPool, IndicesCountThroughTheWholeInput) {
  const ir::MaxPool op{.window = {.kernel = {2, 2}, .strides = {1, 2}}};
  const auto x = Tensor::from<float>({1, 2, 2, 2}, {1, 4, 3, 2, 0, 0, 0, 9});
  const auto outputs = test::apply_all(op, {x}, 2);
  ASSERT_TRUE(outputs);
  EXPECT_THAT(outputs->at(0).data<float>(), ElementsAre(4, 9));
  EXPECT_THAT(outputs->at(1).data<std::int64_t>(), ElementsAre(1, 7));
}

TEST(MaxPool, ColumnMajorIndicesCountRowsFirst) {
  const ir::MaxPool op{.window = {.kernel = {1, 1}}, .column_major_indices = true};
  const auto outputs = test::apply_all(op, {square(2, 3)}, 2);
  ASSERT_TRUE(outputs);
  EXPECT_THAT(outputs->at(1).data<std::int64_t>(), ElementsAre(0, 2, 4, 1, 3, 5));
}

TEST(MaxPool, TheFirstOfEqualsIsNamed) {
  const auto outputs = test::apply_all(ir::MaxPool{.window = {.kernel = {3}}}, {row({7, 7, 7})}, 2);
  ASSERT_TRUE(outputs);
  EXPECT_THAT(outputs->at(1).data<std::int64_t>(), ElementsAre(0));
}

TEST(MaxPool, WorksOnBytes) {
  const ir::MaxPool op{.window = {.kernel = {2}}};
  EXPECT_THAT(computed<std::uint8_t>(op, {Tensor::from<std::uint8_t>({1, 1, 3}, {200, 100, 50})}),
              ElementsAre(200, 100));
  EXPECT_THAT(computed<std::int8_t>(op, {Tensor::from<std::int8_t>({1, 1, 3}, {-128, -3, -5})}),
              ElementsAre(-3, -3));
}

TEST(MaxPool, NanIsTheLargest) {
  const auto y = computed<float>(ir::MaxPool{.window = {.kernel = {2}}}, {row({kNan, 1, kNan})});
  ASSERT_EQ(y.size(), 2U);
  EXPECT_TRUE(std::isnan(y[0]));
  EXPECT_TRUE(std::isnan(y[1]));
}

TEST(MaxPool, OfPaddingAloneIsTheLeastValueWithoutAnIndex) {
  const auto outputs =
      test::apply_all(ir::MaxPool{.window = {.kernel = {1}, .pads = {1, 0}}}, {row({3})}, 2);
  ASSERT_TRUE(outputs);
  EXPECT_THAT(outputs->at(0).data<float>(), ElementsAre(-kInfinity, 3));
  EXPECT_THAT(outputs->at(1).data<std::int64_t>(), ElementsAre(-1, 0));
}

TEST(MaxPool, NegativePadsCrop) {
  EXPECT_THAT(computed<float>(ir::MaxPool{.window = {.kernel = {2}, .pads = {-1, -1}}},
                              {row({9, 1, 2, 9})}),
              ElementsAre(2));
}

TEST(AveragePool, PaddingCountsOnlyIfAsked) {
  const ir::Window window{.kernel = {3}, .pads = {1, 1}};
  EXPECT_THAT(computed<float>(ir::AveragePool{.window = window}, {row({3, 6, 9})}),
              ElementsAre(4.5F, 6, 7.5F));
  EXPECT_THAT(computed<float>(ir::AveragePool{.window = window, .count_include_pad = true},
                              {row({3, 6, 9})}),
              ElementsAre(3, 6, 5));
}

TEST(AveragePool, WhatCeilModeReachesBeyondThePaddingNeverCounts) {
  const ir::AveragePool op{.window = {.kernel = {3}, .strides = {2}, .pads = {1, 1}},
                           .ceil_mode = true,
                           .count_include_pad = true};
  // The last window holds element 8, one padded position, and one beyond.
  EXPECT_THAT(computed<float>(op, {row({3, 6, 6, 8})}), ElementsAre(3, FloatEq(20.0F / 3), 4));
}

TEST(AveragePool, DilationSkipsElements) {
  EXPECT_THAT(computed<float>(ir::AveragePool{.window = {.kernel = {2, 2}, .dilations = {2, 2}}},
                              {square(3, 3)}),
              ElementsAre(5));
}

TEST(AveragePool, OfPaddingAloneIsZero) {
  EXPECT_THAT(
      computed<float>(ir::AveragePool{.window = {.kernel = {1}, .pads = {1, 0}}}, {row({3})}),
      ElementsAre(0, 3));
}

TEST(LpPool, IsTheNormOfTheWindow) {
  EXPECT_THAT(computed<float>(ir::LpPool{.window = {.kernel = {2}}}, {row({3, -4, 3})}),
              ElementsAre(5, 5));
  EXPECT_THAT(computed<float>(ir::LpPool{.window = {.kernel = {2}}, .p = 1}, {row({3, -4, 3})}),
              ElementsAre(7, 7));
}

TEST(GlobalPool, ReducesEachChannelOfEachImage) {
  const auto x = Tensor::from<float>({1, 2, 2, 2}, {1, 2, 3, 4, -1, -2, -3, -6});
  EXPECT_THAT(computed<float>(ir::GlobalAveragePool{}, {x}), ElementsAre(2.5F, -3));
  EXPECT_THAT(computed<float>(ir::GlobalMaxPool{}, {x}), ElementsAre(4, -1));
}

TEST(Pool, ThreeDimensions) {
  std::vector<float> values(8);
  for (std::size_t i = 0; i < 8; ++i) values[i] = static_cast<float>(i);
  const auto x = Tensor::from<float>({1, 1, 2, 2, 2}, values);
  EXPECT_THAT(computed<float>(ir::AveragePool{.window = {.kernel = {2, 1, 2}}}, {x}),
              ElementsAre(2.5F, 4.5F));
}

}  // namespace
}  // namespace sluice::runtime::reference
