// SPDX-License-Identifier: Apache-2.0
#include "sluice/sparse/zero_summary.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::sparse {
namespace {

using testing::DoubleEq;
using testing::ElementsAre;
using testing::HasSubstr;

// Two channels of kernels of two: 4 windows with 0, 1, 1 and 2 zeros; 4 without any but one.
ZeroHistogram two_channels() {
  return {2, 2, {1, 2, 1, 3, 1, 0}};
}

TEST(ZeroSummary, TotalsCountProductsZerosAndWindows) {
  const ZeroTotals totals = totals_of(two_channels());
  EXPECT_EQ(totals.products, 16U);
  EXPECT_EQ(totals.zeros, 5U);
  EXPECT_EQ(totals.windows, 8U);
  EXPECT_EQ(totals.zero_windows, 1U);
  EXPECT_DOUBLE_EQ(totals.sparsity(), 5.0 / 16);
  EXPECT_DOUBLE_EQ(totals.zero_window_share(), 1.0 / 8);
}

TEST(ZeroSummary, ThePublishedAverageCountsOneProductMoreAWindow) {
  const ZeroTotals all_zero = totals_of({1, 9, {0, 0, 0, 0, 0, 0, 0, 0, 0, 7}});
  EXPECT_DOUBLE_EQ(all_zero.sparsity(), 1);
  EXPECT_DOUBLE_EQ(all_zero.published_sparsity(), 0.9);
}

TEST(ZeroSummary, TotalsOfLayersAddUp) {
  ZeroTotals totals = totals_of(two_channels());
  totals += totals_of({1, 1, {0, 4}});
  EXPECT_EQ(totals.products, 20U);
  EXPECT_EQ(totals.zeros, 9U);
  EXPECT_EQ(totals.windows, 12U);
  EXPECT_EQ(totals.zero_windows, 5U);
}

TEST(ZeroSummary, NothingSeenIsNoSparsity) {
  const ZeroHistogram nothing{1, 1, {0, 0}};
  EXPECT_EQ(totals_of(nothing).sparsity(), 0);
  EXPECT_EQ(totals_of(nothing).published_sparsity(), 0);
  EXPECT_THAT(shares_of(nothing), ElementsAre(0, 0));
  EXPECT_THAT(moments_of(nothing).mean, ElementsAre(0));
}

TEST(ZeroSummary, MomentsAreThoseOfTheWindowsZeros) {
  const ZeroMoments moments = moments_of(two_channels());
  EXPECT_THAT(moments.mean, ElementsAre(DoubleEq(1), DoubleEq(0.25)));
  EXPECT_THAT(moments.variance, ElementsAre(DoubleEq(0.5), DoubleEq(0.1875)));
}

TEST(ZeroSummary, StreamsTakeChannelsInTurn) {
  const ZeroHistogram channels{4, 1, {1, 0, 2, 0, 0, 4, 8, 0}};
  const auto streams = streams_of(channels, 2);
  ASSERT_TRUE(streams);
  EXPECT_THAT(streams->counts, ElementsAre(1, 4, 10, 0));
  EXPECT_THAT(streams_of(channels, 4)->counts, testing::ElementsAreArray(channels.counts));
}

TEST(ZeroSummary, StreamsMustDivideTheChannels) {
  for (const std::int64_t streams : {std::int64_t{3}, std::int64_t{0}, std::int64_t{-2}}) {
    const auto result = streams_of({4, 1, std::vector<std::uint64_t>(8)}, streams);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::InvalidArgument);
    EXPECT_THAT(result.error().message, HasSubstr("4 channels"));
  }
}

TEST(ZeroSummary, SharesOfAChannelAddUpToOne) {
  EXPECT_THAT(shares_of(two_channels()), ElementsAre(0.25, 0.5, 0.25, 0.75, 0.25, 0));
}

}  // namespace
}  // namespace sluice::sparse
