// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/hw/unit_coefficients.hpp"

#include "sluice/hw/modules/kinds.hpp"

namespace sluice::hw {
namespace {

const Stream kStream{.map = {8, 10, 1, 4}, .data_bits = 16, .streams = 2};

TEST(Pad, ReadsLessOftenThanItWrites) {
  const Timing timing = Pad{kStream, {.top = 1, .bottom = 1, .left = 2, .right = 0}}.timing();
  EXPECT_EQ(timing.out, (FeatureMap{10, 12, 1, 4}));
  EXPECT_EQ(timing.rate_in, 80.0 / 120);
  EXPECT_EQ(timing.latency_cycles, 480);
}

TEST(SlidingWindow, WaitsForTheLinesOfItsFirstWindow) {
  const SlidingWindow window{
      kStream, {3, 3}, {2, 2}, {.top = 1, .bottom = 1, .left = 1, .right = 1}};
  const Timing timing = window.timing();
  EXPECT_EQ(timing.out, (FeatureMap{4, 5, 1, 4}));
  // Two lines of 12 words and two words, of 4 channels, less the padding that need not come.
  EXPECT_EQ(timing.pipeline_depth, 2 * 12 * 4 + 2 * 4 - (10 * 4 + 4));
}

TEST(SlidingWindow, KeepsLinesInBlocksOnceTheyAreLong) {
  const auto bram18 = [](std::int64_t cols) {
    Stream stream = kStream;
    stream.map.cols = cols;
    return SlidingWindow{stream, {3, 3}, {1, 1}, {}}.resources(test::uniform(0)).bram18;
  };
  EXPECT_EQ(bram18(4), 0);    // 16 words of 64 bits
  EXPECT_EQ(bram18(100), 2);  // 400 of them
}

TEST(SlidingWindow, HasAThirdDimension) {
  Stream stream = kStream;
  stream.is_3d = true;
  stream.map.depth = 6;
  const SlidingWindow window{stream, {3, 3, 3}, {1, 1, 1}, {}};
  EXPECT_EQ(window.timing().out, (FeatureMap{6, 8, 4, 4}));
  EXPECT_EQ(window.timing().pipeline_depth, 2 * 10 * 6 * 4 + 2 * 6 * 4 + 2 * 4);
  EXPECT_GT(window.resources(test::uniform(1)).ff, 0);
}

}  // namespace
}  // namespace sluice::hw
