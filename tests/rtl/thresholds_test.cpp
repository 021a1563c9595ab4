// SPDX-License-Identifier: Apache-2.0
#include "sluice/rtl/thresholds.hpp"

#include <gmock/gmock.h>

#include "tests/rtl/rescale_site.hpp"

#include "sluice/base/rng.hpp"
#include "sluice/numeric/requantize.hpp"

namespace sluice::rtl {
namespace {

using numeric::Arithmetic;
using test::kSums;
using test::number;
using test::RescaleSite;
using testing::ElementsAre;
using testing::HasSubstr;

// The number of thresholds that x reaches, from a code on.
AccumulatorRule rule_by(std::vector<std::int64_t> thresholds, std::int64_t lowest_code,
                        std::int64_t lowest = -kSums, std::int64_t highest = kSums - 1) {
  return {[thresholds = std::move(thresholds), lowest_code](std::int64_t x) {
            return lowest_code +
                   std::ranges::count_if(thresholds, [&](std::int64_t each) { return each <= x; });
          },
          lowest, highest};
}

TEST(ThresholdList, HasTheFirstAccumulatorOfEachCode) {
  EXPECT_THAT(threshold_list(rule_by({-500, 0, 1}, 0), {0, 3}), ElementsAre(-500, 0, 1));
}

TEST(ThresholdList, CodesThatAreJumpedOverBeginWithTheNext) {
  EXPECT_THAT(threshold_list(rule_by({7, 7, 7, 9}, -2), {-2, 2}), ElementsAre(7, 7, 7, 9));
}

TEST(ThresholdList, CodesThatAllReachBeginAtTheEnd) {
  EXPECT_THAT(threshold_list(rule_by({-5000, -kSums, 3}, 0), {0, 3}),
              ElementsAre(-kSums, -kSums, 3));
}

TEST(ThresholdList, CodesThatNoneReachLieBeyond) {
  EXPECT_THAT(threshold_list(rule_by({kSums - 1}, 0), {0, 3}),
              ElementsAre(kSums - 1, kSums, kSums));
}

TEST(ThresholdList, IsThatOfTheRequantizer) {
  Rng rng(1);
  for (const Arithmetic arithmetic :
       {Arithmetic::TfliteDouble, Arithmetic::OnnxRuntime, Arithmetic::Xnnpack}) {
    const auto by =
        numeric::make_requantizer(arithmetic, {static_cast<float>(rng.real(1e-6, 1e-5)), 1, 1},
                                  rng.integer(-20, 20), {-128, 127});
    ASSERT_TRUE(by) << by.error().text();
    constexpr std::int64_t kFar = 1 << 30;
    EXPECT_EQ(threshold_list(rule_of(*by, -kFar, kFar), {-128, 127}), numeric::thresholds_of(*by))
        << numeric::to_string(arithmetic);
  }
}

// Codes that begin anywhere, each channel's.
std::vector<AccumulatorRule> random_rules(std::int64_t channels, std::int64_t codes,
                                          std::int64_t lowest_code, Rng& rng) {
  std::vector<AccumulatorRule> rules;
  rules.reserve(static_cast<std::size_t>(channels));
  for (std::int64_t m = 0; m < channels; ++m) {
    std::vector<std::int64_t> thresholds(static_cast<std::size_t>(codes - 1));
    for (std::int64_t& each : thresholds) each = rng.integer(-kSums - 5, kSums + 5);
    rules.push_back(rule_by(std::move(thresholds), lowest_code));
  }
  return rules;
}

void expect_codes(RescaleSite& made, const std::vector<AccumulatorRule>& rules,
                  std::size_t channels) {
  made.site().finish("");
  const auto codes = made.codes();
  ASSERT_EQ(codes.size(), static_cast<std::size_t>(2 * kSums) * channels);
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const std::int64_t sum = static_cast<std::int64_t>(i / channels) - kSums;
    const AccumulatorRule& rule = rules[rules.size() == 1 ? 0 : i % channels];
    ASSERT_EQ(codes[i], rule.code(sum)) << "channel " << i % channels << ", sum " << sum;
  }
}

TEST(AddThresholds, MeetAnyRuleOfAnyChannel) {
  Rng rng(2);
  for (const std::int64_t lanes : {1, 2, 3, 6}) {
    for (const std::int64_t codes : {2, 5, 16, 200}) {
      RescaleSite made(6, lanes);
      const auto rules = random_rules(6, codes, -codes / 2, rng);
      ASSERT_TRUE(
          add_thresholds(made.site(), 0, {8, true}, rules, {-codes / 2, codes - 1 - codes / 2}));
      expect_codes(made, rules, 6);
    }
  }
}

TEST(AddThresholds, OfOneRuleAreSharedByAllChannels) {
  Rng rng(3);
  RescaleSite made(6, 2);
  const auto rules = random_rules(1, 9, 0, rng);
  ASSERT_TRUE(add_thresholds(made.site(), 0, {4, false}, rules, {0, 8}));
  EXPECT_EQ(number(made.instance(), "Depth"), 1);
  expect_codes(made, rules, 6);
}

TEST(AddThresholds, TakeAStepABitOfTheCodes) {
  for (const auto& [codes, steps] : {std::pair(2, 1), {3, 2}, {4, 2}, {5, 3}, {256, 8}}) {
    Rng rng(4);
    RescaleSite made(1);
    ASSERT_TRUE(
        add_thresholds(made.site(), 0, {9, true}, random_rules(1, codes, 0, rng), {0, codes - 1}));
    made.site().finish("");
    EXPECT_EQ(made.netlist().blocks.back().instances.size(), static_cast<std::size_t>(steps));
    EXPECT_EQ(made.netlist().memories.size(), static_cast<std::size_t>(steps));
  }
}

TEST(AddThresholds, OfCodesTooWideAreRefused) {
  RescaleSite made(1);
  const auto rules = std::vector{rule_by({0}, 0)};
  const auto codes = add_thresholds(made.site(), 0, {11, false}, rules, {0, 1024});
  ASSERT_FALSE(codes);
  EXPECT_EQ(codes.error().code, ErrorCode::Unsupported);
  EXPECT_THAT(codes.error().text(), HasSubstr("lists of thresholds are for at most 10"));
}

}  // namespace
}  // namespace sluice::rtl
