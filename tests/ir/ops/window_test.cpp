// SPDX-License-Identifier: Apache-2.0
#include "sluice/ir/ops/window.hpp"

#include <gtest/gtest.h>

namespace sluice::ir {
namespace {

TEST(Window, DefaultsAreOneAndZero) {
  const auto resolved = resolve({.kernel = {3, 3}}, Dims{5, 7});
  ASSERT_TRUE(resolved);
  EXPECT_EQ(resolved->output, (Dims{3, 5}));
  EXPECT_EQ(resolved->strides, (Dims{1, 1}));
  EXPECT_EQ(resolved->pad_end, (Dims{0, 0}));
}

TEST(Window, SameUpperPutsTheOddPadAtTheEnd) {
  const auto upper =
      resolve({.kernel = {2}, .strides = {1}, .auto_pad = AutoPad::SameUpper}, Dims{5});
  ASSERT_TRUE(upper);
  EXPECT_EQ(upper->pad_begin, (Dims{0}));
  EXPECT_EQ(upper->pad_end, (Dims{1}));
  EXPECT_EQ(upper->output, (Dims{5}));
}

TEST(Window, CeilModeDropsAWindowThatStartsInThePadding) {
  EXPECT_EQ(resolve({.kernel = {2}, .strides = {2}}, Dims{5}, true)->output, (Dims{3}));
  EXPECT_EQ(resolve({.kernel = {1}, .strides = {2}}, Dims{4}, true)->output, (Dims{2}));
}

TEST(Window, KernelLargerThanTheInputIsRefused) {
  EXPECT_FALSE(resolve({.kernel = {8}}, Dims{5}));
}

TEST(Window, ZeroStrideIsRefused) {
  EXPECT_FALSE(resolve({.kernel = {1}, .strides = {0}}, Dims{5}));
}

TEST(Window, NegativePadsCutTheInput) {
  EXPECT_EQ(resolve({.kernel = {2}, .pads = {-1, -2}}, Dims{7})->output, (Dims{3}));
}

TEST(TransposedWindow, OutputShapePutsTheOddPadAtTheBegin) {
  const auto resolved =
      resolve_transposed({.kernel = {3}, .strides = {2}}, {.output_shape = {6}}, Dims{3});
  ASSERT_TRUE(resolved);
  EXPECT_EQ(resolved->output, (Dims{6}));
  EXPECT_EQ(resolved->pad_begin, (Dims{1}));
  EXPECT_EQ(resolved->pad_end, (Dims{0}));
}

TEST(TransposedWindow, SameUpperPutsTheOddPadAtTheEnd) {
  const auto resolved = resolve_transposed(
      {.kernel = {3}, .strides = {2}, .auto_pad = AutoPad::SameUpper}, {}, Dims{3});
  ASSERT_TRUE(resolved);
  EXPECT_EQ(resolved->output, (Dims{6}));
  EXPECT_EQ(resolved->pad_begin, (Dims{0}));
  EXPECT_EQ(resolved->pad_end, (Dims{1}));
}

TEST(TransposedWindow, AnOutputLargerThanTheFullOneGetsNoNegativePads) {
  const auto resolved = resolve_transposed({.kernel = {1}}, {.output_shape = {5}}, Dims{3});
  ASSERT_TRUE(resolved);
  EXPECT_EQ(resolved->output, (Dims{5}));
  EXPECT_EQ(resolved->pad_begin, (Dims{0}));
}

TEST(TransposedWindow, PadsThatLeaveNothingAreRefused) {
  EXPECT_FALSE(resolve_transposed({.kernel = {2}, .pads = {2, 2}}, {}, Dims{3}));
}

TEST(TransposedWindow, OutputPaddingMustBeLessThanStrideOrDilation) {
  EXPECT_FALSE(
      resolve_transposed({.kernel = {2}, .strides = {2}}, {.output_padding = {2}}, Dims{3}));
  EXPECT_TRUE(resolve_transposed({.kernel = {2}, .strides = {2}, .dilations = {3}},
                                 {.output_padding = {2}}, Dims{3}));
}

TEST(TransposedWindow, TheLargestSizesDoNotOverflow) {
  const std::int64_t huge = std::int64_t{1} << 31;
  EXPECT_FALSE(resolve_transposed(
      {.kernel = {huge}, .strides = {huge}, .dilations = {huge}, .pads = {-huge, -huge}}, {},
      Dims{huge}));
}

}  // namespace
}  // namespace sluice::ir
