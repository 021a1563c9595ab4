// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/hw/modules/two_streams.hpp"
#include "tests/hw/unit_coefficients.hpp"

#include "sluice/hw/modules/kinds.hpp"

namespace sluice::hw {
namespace {

TEST(Pad, ReadsLessOftenThanItWrites) {
  const Timing timing =
      Pad{test::kTwoStreams, {.top = 1, .bottom = 1, .left = 2, .right = 0}}.timing();
  EXPECT_EQ(timing.out, (FeatureMap{10, 12, 1, 4}));
  EXPECT_EQ(timing.rate_in, 80.0 / 120);
  EXPECT_EQ(timing.latency_cycles, 480);
}

TEST(SlidingWindow, WaitsForTheLinesOfItsFirstWindow) {
  const SlidingWindow window{
      test::kTwoStreams, {3, 3}, {2, 2}, {.top = 1, .bottom = 1, .left = 1, .right = 1}};
  const Timing timing = window.timing();
  EXPECT_EQ(timing.out, (FeatureMap{4, 5, 1, 4}));
  // Two lines of 12 words and two words, of 4 channels, less the padding that need not come.
  EXPECT_EQ(timing.pipeline_depth, 2 * 12 * 4 + 2 * 4 - (10 * 4 + 4));
}

TEST(SlidingWindow, KeepsLinesInBlocksOnceTheyAreLong) {
  const auto bram18 = [](std::int64_t cols) {
    Stream stream = test::kTwoStreams;
    stream.map.cols = cols;
    return SlidingWindow{stream, {3, 3}, {1, 1}, {}}.resources(test::uniform(0)).bram18;
  };
  EXPECT_EQ(bram18(4), 0);    // 16 words of 64 bits
  EXPECT_EQ(bram18(100), 2);  // 400 of them
}

TEST(SlidingWindow, WithDilationWaitsForMoreAndKeepsMore) {
  const SlidingWindow window{test::kTwoStreams, {3, 3}, {1, 1}, {}, {2, 3, 1}};
  const Timing timing = window.timing();
  EXPECT_EQ(timing.out, (FeatureMap{4, 4, 1, 4}));
  EXPECT_EQ(timing.pipeline_depth, 4 * 10 * 4 + 6 * 4);
  Stream wide = test::kTwoStreams;
  wide.map.cols = 100;
  const auto bram18 = [&](const Extent& dilation) {
    return SlidingWindow{wide, {3, 3}, {1, 1}, {}, dilation}.resources(test::uniform(0)).bram18;
  };
  EXPECT_GT(bram18({4, 1, 1}), bram18({1, 1, 1}));
}
TEST(SlidingWindow, HasAThirdDimension) {
  Stream stream = test::kTwoStreams;
  stream.is_3d = true;
  stream.map.depth = 6;
  const SlidingWindow window{stream, {3, 3, 3}, {1, 1, 1}, {}};
  EXPECT_EQ(window.timing().out, (FeatureMap{6, 8, 4, 4}));
  EXPECT_EQ(window.timing().pipeline_depth, 2 * 10 * 6 * 4 + 2 * 6 * 4 + 2 * 4);
  EXPECT_GT(window.resources(test::uniform(1)).ff, 0);
}

}  // namespace
}  // namespace sluice::hw
