// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/compare/judge.hpp"

#include <gtest/gtest.h>

namespace sluice::exact::compare {
namespace {

using numeric::Arithmetic;

Tensor codes(const Shape& shape, const std::vector<std::int8_t>& values) {
  return Tensor::from(shape, values);
}

// Channel 0 by a half, channel 1 as it is.
Sums two_channels(std::vector<std::int64_t> accumulators) {
  const auto half =
      numeric::make_requantizer(Arithmetic::TfliteDouble, {0.5F, 1, 1}, 0, {-128, 127});
  const auto whole = numeric::make_requantizer(Arithmetic::TfliteDouble, {1, 1, 1}, 0, {-128, 127});
  return {std::move(accumulators), {*half, *whole}, 1};
}

TEST(Judge, EqualResultsHaveNoDifferences) {
  const Tensor a = codes({1, 2, 2}, {1, 2, 3, 4});
  EXPECT_EQ(judge(a, a, {}).count, 0);
  EXPECT_EQ(count_differences(a, a).count, 0);
}

TEST(Judge, TakesEachElementsOwnSumAndChannel) {
  const Evidence evidence{.sums = two_channels({1, 4, 5, 200})};
  // Half of 1 is a tie; 200 wraps; and 6 for 5 is just wrong.
  const Differences result =
      judge(codes({1, 2, 2}, {1, 2, 5, 127}), codes({1, 2, 2}, {0, 2, 6, -56}), evidence);
  EXPECT_EQ(result.count, 3);
  EXPECT_EQ(result.first, 0U);
  EXPECT_EQ(result.of(Cause::Tie), 1);
  EXPECT_EQ(result.of(Cause::Real), 1);
  EXPECT_EQ(result.of(Cause::Wrap), 1);
}

TEST(Judge, WithoutSumsAlternativesExplain) {
  const Tensor ours = codes({3}, {1, 2, 3});
  const Tensor theirs = codes({3}, {1, 3, 4});
  const Evidence evidence{
      {},
      {{Arithmetic::TfliteDouble, ours}, {Arithmetic::TfliteSingle, codes({3}, {1, 3, 3})}},
      {}};
  const Differences result = judge(ours, theirs, evidence);
  EXPECT_EQ(result.first, 1U);
  EXPECT_EQ(result.of(Cause::DoubleRounding), 1);
  EXPECT_EQ(result.of(Cause::Real), 1);
}

TEST(Judge, UnexplainedDifferencesOnTheBorderAloneArePadding) {
  const Tensor ours = codes({4}, {1, 2, 3, 4});
  const Evidence evidence{.border = {true, false, false, true}};
  EXPECT_EQ(judge(ours, codes({4}, {9, 2, 3, 9}), evidence).of(Cause::Padding), 2);
  // One inside, and it is something else.
  EXPECT_EQ(judge(ours, codes({4}, {9, 9, 3, 4}), evidence).of(Cause::Real), 2);
  // Where all is border, nothing points at it.
  const Evidence all{.border = {true, true, true, true}};
  EXPECT_EQ(judge(ours, codes({4}, {9, 2, 3, 4}), all).of(Cause::Real), 1);
}

TEST(BorderOf, IsWhereTheWindowReachesOver) {
  // 3 wide, padded with one on the left only, stride 2: positions start at −1, 1, 3 of 5.
  const golden::LayerWindow window{{3}, {2}, {1}, {1}, {1}};
  const std::vector<bool> border = border_of(window, {1, 1, 5}, {1, 2, 3});
  EXPECT_EQ(border, (std::vector<bool>{true, false, true, true, false, true}));
  const golden::LayerWindow dilated{{3}, {1}, {2}, {0}, {0}};
  EXPECT_EQ(border_of(dilated, {1, 1, 6}, {1, 1, 2}), (std::vector<bool>{false, false}));
}

}  // namespace
}  // namespace sluice::exact::compare
