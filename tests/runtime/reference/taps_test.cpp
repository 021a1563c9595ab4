// SPDX-License-Identifier: Apache-2.0
#include "sluice/runtime/reference/taps.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::runtime::reference {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<Tap> taps(const ir::Window& window, const ir::Dims& input, const ir::Dims& at,
                      bool ceil_mode = false) {
  return window_taps(*ir::resolve(window, input, ceil_mode), input, at);
}

TEST(Taps, PaddingIsLeftOut) {
  EXPECT_THAT(taps({.kernel = {3}, .pads = {1, 1}}, {4}, {0}), ElementsAre(Tap{0, 1}, Tap{1, 2}));
  EXPECT_THAT(taps({.kernel = {3}, .pads = {1, 1}}, {4}, {3}), ElementsAre(Tap{2, 0}, Tap{3, 1}));
}

TEST(Taps, DilationSkipsElements) {
  EXPECT_THAT(taps({.kernel = {2}, .dilations = {3}, .pads = {2, 0}}, {5}, {0}),
              ElementsAre(Tap{1, 1}));
}

TEST(Taps, DimensionsCombineRowMajor) {
  EXPECT_THAT(taps({.kernel = {2, 2}}, {3, 4}, {1, 2}),
              ElementsAre(Tap{6, 0}, Tap{7, 1}, Tap{10, 2}, Tap{11, 3}));
}

TEST(Taps, NegativePadsCutTheInputAtBothEnds) {
  EXPECT_THAT(taps({.kernel = {2}, .strides = {2}, .pads = {-1, -1}}, {5}, {0}, true),
              ElementsAre(Tap{1, 0}, Tap{2, 1}));
  EXPECT_THAT(taps({.kernel = {2}, .strides = {2}, .pads = {-1, -1}}, {5}, {1}, true),
              ElementsAre(Tap{3, 0}))
      << "element 4 is cut off";
}

TEST(Taps, AWindowMayLieInThePaddingEntirely) {
  EXPECT_THAT(taps({.kernel = {1}, .pads = {2, 0}}, {1}, {0}), IsEmpty());
}

TEST(Taps, AHugeKernelCostsNoMoreThanItsInput) {
  const std::int64_t huge = std::int64_t{1} << 31;
  EXPECT_THAT(taps({.kernel = {huge}, .pads = {huge - 2, 0}}, {2}, {0}),
              ElementsAre(Tap{0, huge - 2}, Tap{1, huge - 1}));
}

TEST(Taps, TransposedOnesMeetWhereTheStrideDivides) {
  const auto window = *ir::resolve_transposed({.kernel = {3}, .strides = {2}}, {}, ir::Dims{2});
  EXPECT_THAT(transposed_taps(window, ir::Dims{2}, ir::Dims{0}), ElementsAre(Tap{0, 0}));
  EXPECT_THAT(transposed_taps(window, ir::Dims{2}, ir::Dims{1}), ElementsAre(Tap{0, 1}));
  EXPECT_THAT(transposed_taps(window, ir::Dims{2}, ir::Dims{2}), ElementsAre(Tap{1, 0}, Tap{0, 2}));
}

TEST(Taps, PaddedOnesLeaveOutOnlyWhatIsBeyondThePadding) {
  const ir::Dims input{4};
  const auto window = *ir::resolve({.kernel = {3}, .strides = {2}, .pads = {1, 0}}, input, true);
  EXPECT_EQ(window.output, (ir::Dims{2}));
  EXPECT_EQ(padded_taps(window, input, ir::Dims{0}), 3);
  const auto partial = *ir::resolve({.kernel = {3}, .strides = {2}, .pads = {1, 1}}, input, true);
  EXPECT_EQ(partial.output, (ir::Dims{3}));
  EXPECT_EQ(padded_taps(partial, input, ir::Dims{2}), 2);
}

}  // namespace
}  // namespace sluice::runtime::reference
