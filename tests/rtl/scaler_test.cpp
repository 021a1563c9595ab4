// SPDX-License-Identifier: Apache-2.0
#include "sluice/rtl/scaler.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <string>

#include "sluice/base/rng.hpp"
#include "sluice/numeric/code_rescale.hpp"
#include "sluice/numeric/sum_rescaler.hpp"

namespace sluice::rtl {
namespace {

using numeric::Arithmetic;
using numeric::CodeRange;
using numeric::Requantizer;

constexpr CodeRange kInt8{-128, 127};

struct Channel {
  Requantizer by;
  std::int64_t lowest;
  std::int64_t highest;

  [[nodiscard]] AccumulatorRule rule() const { return rule_of(by, lowest, highest); }
};

// A factor that spreads the range over the codes, as calibrated scales do; a power of two where the
// arithmetic shifts.
Channel random_channel(Arithmetic arithmetic, std::int64_t half_range, CodeRange codes, Rng& rng) {
  const auto width = static_cast<double>(codes.highest - codes.lowest);
  double factor = width / static_cast<double>(2 * half_range) * rng.real(0.3, 4);
  if (numeric::is_shift(arithmetic)) factor = std::exp2(std::round(std::log2(factor)));
  const auto by = numeric::make_requantizer(arithmetic, {static_cast<float>(factor), 1, 1},
                                            rng.integer(codes.lowest, codes.highest), codes);
  EXPECT_TRUE(by.has_value());
  return {*by, -rng.integer(0, half_range), rng.integer(0, half_range)};
}

void expect_equal_at(const ScalerBank& bank, const Channel& channel, std::int64_t x) {
  if (x < channel.lowest || x > channel.highest) return;
  ASSERT_EQ(bank.code(0, x), channel.rule().code(x))
      << to_string(channel.by.arithmetic) << " at " << x << " of " << channel.lowest << " to "
      << channel.highest;
}

bool fits(std::int64_t value, int bits) {
  return value >= -(std::int64_t{1} << (bits - 1)) && value < std::int64_t{1} << (bits - 1);
}

void expect_widths_hold(const ScalerBank& bank, const Channel& channel) {
  const Scaler& scaler = bank.channels[0];
  EXPECT_TRUE(fits(scaler.multiplier, bank.multiplier_bits));
  EXPECT_TRUE(fits(scaler.offset, bank.offset_bits));
  EXPECT_TRUE(fits(scaler.negative_offset, bank.offset_bits));
  for (const std::int64_t x :
       {channel.lowest, channel.highest, std::int64_t{0}, std::int64_t{-1}}) {
    if (x < channel.lowest) continue;
    const std::int64_t offset = x < 0 ? scaler.negative_offset : scaler.offset;
    EXPECT_TRUE(fits(x * scaler.multiplier + offset, bank.product_bits));
  }
}

class EveryArithmetic : public testing::TestWithParam<Arithmetic> {
 protected:
  // Ties to even have no line where accumulators hit them.
  static bool may_be_refused() {
    return GetParam() == Arithmetic::ShiftHalfEven || GetParam() == Arithmetic::Xnnpack ||
           GetParam() == Arithmetic::OnnxRuntime || GetParam() == Arithmetic::Onnx;
  }
};

TEST_P(EveryArithmetic, IsMetAtEveryAccumulator) {
  Rng rng(1);
  int num_refused = 0;
  constexpr int kChannels = 60;
  for (int i = 0; i < kChannels; ++i) {
    const std::int64_t half_range = std::int64_t{1} << rng.integer(4, 16);
    const CodeRange codes = numeric::code_range(static_cast<int>(rng.integer(2, 8)), i % 2 == 0);
    const Channel channel = random_channel(GetParam(), half_range, codes, rng);
    const AccumulatorRule rule = channel.rule();
    const auto bank = fit_scalers({&rule, 1}, codes);
    if (!bank) {
      EXPECT_EQ(bank.error().code, ErrorCode::Unsupported);
      ++num_refused;
      continue;
    }
    expect_widths_hold(*bank, channel);
    for (std::int64_t x = channel.lowest; x <= channel.highest; ++x) {
      ASSERT_EQ(bank->code(0, x), rule.code(x)) << to_string(GetParam()) << " at " << x;
    }
  }
  RecordProperty("refused", num_refused);
  EXPECT_TRUE(num_refused == 0 || may_be_refused()) << num_refused;
  EXPECT_LT(num_refused, kChannels);
}

TEST_P(EveryArithmetic, IsMetAroundTheStepsOfWideAccumulators) {
  Rng rng(2);
  for (int i = 0; i < 20; ++i) {
    const Channel channel =
        random_channel(GetParam(), std::int64_t{1} << rng.integer(17, 28), kInt8, rng);
    const AccumulatorRule rule = channel.rule();
    const auto bank = fit_scalers({&rule, 1}, kInt8);
    if (!bank) {
      EXPECT_TRUE(may_be_refused()) << bank.error().text();
      continue;
    }
    expect_widths_hold(*bank, channel);
    for (const std::int64_t step : numeric::thresholds_of(channel.by)) {
      for (const std::int64_t near : {-2, -1, 0, 1}) expect_equal_at(*bank, channel, step + near);
    }
    for (int sample = 0; sample < 20'000; ++sample) {
      expect_equal_at(*bank, channel, rng.integer(channel.lowest, channel.highest));
    }
  }
}

TEST_P(EveryArithmetic, HasBanksOfManyChannels) {
  Rng rng(3);
  std::vector<Channel> channels;
  std::vector<AccumulatorRule> rules;
  channels.reserve(64);
  rules.reserve(64);
  for (int i = 0; i < 64; ++i) {
    channels.push_back(random_channel(GetParam(), 1 << 15, kInt8, rng));
    rules.push_back(channels.back().rule());
  }
  const auto bank = fit_scalers(rules, kInt8);
  if (!bank) {
    EXPECT_TRUE(may_be_refused()) << bank.error().text();
    return;
  }
  EXPECT_EQ(find_mismatch(*bank, rules), std::nullopt);
  for (std::size_t i = 0; i < rules.size(); ++i) {
    EXPECT_TRUE(fits(bank->channels[i].multiplier, bank->multiplier_bits));
    for (std::int64_t x = rules[i].lowest; x <= rules[i].highest; ++x) {
      ASSERT_EQ(bank->code(i, x), rules[i].code(x)) << i << " at " << x;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Scaler, EveryArithmetic,
                         testing::Values(Arithmetic::TfliteDouble, Arithmetic::TfliteSingle,
                                         Arithmetic::TfliteFloat64, Arithmetic::Xnnpack,
                                         Arithmetic::OnnxRuntime, Arithmetic::Onnx,
                                         Arithmetic::ShiftHalfEven, Arithmetic::ShiftHalfUp,
                                         Arithmetic::ShiftFloor),
                         [](const auto& tested) {
                           std::string name(to_string(tested.param));
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

// What the function does without clamps: the test of whether it could be narrower.
AccumulatorRule step_rule(std::vector<std::int64_t> steps, std::int64_t lowest,
                          std::int64_t highest) {
  const auto code = [steps = std::move(steps)](std::int64_t x) {
    return numeric::count_thresholds(x, steps, 0);
  };
  return {code, lowest, highest};
}

// Whether some multiplier has an offset, tried one by one.
bool has_line(const AccumulatorRule& rule, CodeRange codes, std::int64_t max_multiplier,
              int shift) {
  for (std::int64_t multiplier = 0; multiplier <= max_multiplier; ++multiplier) {
    for (std::int64_t offset = -1000; offset <= 1000; ++offset) {
      bool is_equal = true;
      for (std::int64_t x = rule.lowest; x <= rule.highest && is_equal; ++x) {
        const std::int64_t steps = (x * multiplier + offset) >> shift;
        is_equal = std::clamp(steps, codes.lowest, codes.highest) == rule.code(x);
      }
      if (is_equal) return true;
    }
  }
  return false;
}

TEST(FitScalers, NoMultiplierAndShiftAreSmaller) {
  Rng rng(4);
  constexpr CodeRange kCodes{0, 4};
  int num_checked = 0;
  for (int i = 0; i < 60; ++i) {
    const double factor = rng.real(0.1, 0.6);
    const double offset = rng.real(0, 3);
    std::vector<std::int64_t> steps;
    for (int code = 1; code <= 4; ++code) {
      steps.push_back(static_cast<std::int64_t>(std::ceil((code - offset) / factor)));
    }
    const AccumulatorRule rule = step_rule(steps, 0, 30);  // one sign: no bend
    const auto bank = fit_scalers({&rule, 1}, kCodes);
    ASSERT_TRUE(bank.has_value());
    const std::int64_t multiplier = bank->channels[0].multiplier;
    if (!bank->needs_multiplier() || bank->shift == 0 || multiplier > 40) continue;
    ++num_checked;
    EXPECT_FALSE(has_line(rule, kCodes, multiplier, bank->shift - 1));
  }
  EXPECT_GT(num_checked, 20);
}

TEST(FitScalers, PowersOfTwoNeedNoMultiplier) {
  for (const Arithmetic arithmetic : {Arithmetic::ShiftHalfUp, Arithmetic::ShiftFloor}) {
    const auto by = numeric::make_requantizer(arithmetic, {1, 1, 1024}, 3, kInt8);
    const AccumulatorRule rule = rule_of(*by, -1'000'000, 1'000'000);
    const auto bank = fit_scalers({&rule, 1}, kInt8);
    ASSERT_TRUE(bank.has_value());
    EXPECT_FALSE(bank->needs_multiplier());
    EXPECT_EQ(bank->shift, 10);
    EXPECT_EQ(bank->channels[0].multiplier, 1);
    EXPECT_EQ(bank->channels[0].offset, 3072 + (arithmetic == Arithmetic::ShiftFloor ? 0 : 512));
  }
}

TEST(FitScalers, AFactorOfFourIsAShiftToTheLeft) {
  const auto by = numeric::make_requantizer(Arithmetic::ShiftFloor, {4, 1, 1}, 0, kInt8);
  const AccumulatorRule rule = rule_of(*by, -100, 100);
  const auto bank = fit_scalers({&rule, 1}, kInt8);
  ASSERT_TRUE(bank.has_value());
  EXPECT_EQ(bank->shift, 0);
  EXPECT_EQ(bank->channels[0], (Scaler{4, 0, 0}));
}

TEST(FitScalers, HalvesToEvenFallBackWithinAWindow) {
  for (const std::int64_t zero_point : {0, 1}) {
    const auto by =
        numeric::make_requantizer(Arithmetic::ShiftHalfEven, {1, 1, 16}, zero_point, kInt8);
    const AccumulatorRule rule = rule_of(*by, -1000, 1000);
    const auto bank = fit_scalers({&rule, 1}, kInt8);
    ASSERT_TRUE(bank.has_value()) << bank.error().text();
    EXPECT_TRUE(bank->has_tie_window);
    EXPECT_FALSE(bank->needs_multiplier());
    EXPECT_EQ(bank->shift, 4);
    // What reaches a code by half a step exactly goes on to the even number of steps.
    EXPECT_EQ(bank->tie_parity, 1 - zero_point);
    EXPECT_EQ(bank->channels[0], (Scaler{1, 16 * zero_point + 8, 16 * zero_point + 8, 1}));
  }
}

TEST(FitScalers, TheTiesOfFloat32AreAWindow) {
  // Of 2^21 accumulators some are within 2^-17 of a half, which float32 takes for one.
  Rng rng(8);
  int num_ties = 0;
  for (int i = 0; i < 40; ++i) {
    const Channel channel = random_channel(Arithmetic::OnnxRuntime, 1 << 20, kInt8, rng);
    const AccumulatorRule rule = channel.rule();
    const auto without = fit_scalers({&rule, 1}, kInt8, TieWindows::Refused);
    const auto bank = fit_scalers({&rule, 1}, kInt8);
    EXPECT_TRUE(!without || bank);
    if (without || !bank) continue;
    ++num_ties;
    EXPECT_TRUE(bank->has_tie_window);
    expect_widths_hold(*bank, channel);
    for (const std::int64_t step : numeric::thresholds_of(channel.by)) {
      for (const std::int64_t near : {-2, -1, 0, 1}) expect_equal_at(*bank, channel, step + near);
    }
  }
  EXPECT_GT(num_ties, 5);
}

TEST(FitScalers, HalvesToEvenHaveNoLineWithoutAWindow) {
  const auto by = numeric::make_requantizer(Arithmetic::ShiftHalfEven, {1, 1, 16}, 0, kInt8);
  const AccumulatorRule rule = rule_of(*by, -1000, 1000);
  const auto bank = fit_scalers({&rule, 1}, kInt8, TieWindows::Refused);
  ASSERT_FALSE(bank.has_value());
  EXPECT_EQ(bank.error().code, ErrorCode::Unsupported);
  EXPECT_EQ(bank.error().message,
            "the codes of channel 0 for accumulators from -1000 to 1000 are on no line with one "
            "rounding; compare them with a list of thresholds instead");
}

TEST(FitScalers, HalvesAwayFromZeroBendTheLine) {
  const auto by = numeric::make_requantizer(Arithmetic::TfliteDouble, {1, 1, 16}, 5, kInt8);
  const AccumulatorRule rule = rule_of(*by, -1000, 1000);
  const auto bank = fit_scalers({&rule, 1}, kInt8);
  ASSERT_TRUE(bank.has_value());
  EXPECT_TRUE(bank->has_negative_offset);
  EXPECT_FALSE(bank->needs_multiplier());
  EXPECT_EQ(bank->shift, 4);
  // One more than half a step: the first rounding, to a multiple of 2, has raised 7 to 8.
  EXPECT_EQ(bank->channels[0], (Scaler{1, 5 * 16 + 9, 5 * 16 + 7}));
}

TEST(FitScalers, ALineOfOneSignIsNotBent) {
  const auto by = numeric::make_requantizer(Arithmetic::TfliteDouble, {1, 1, 16}, 5, kInt8);
  const AccumulatorRule rule = rule_of(*by, 0, 1000);
  const auto bank = fit_scalers({&rule, 1}, kInt8);
  ASSERT_TRUE(bank.has_value());
  EXPECT_FALSE(bank->has_negative_offset);
}

TEST(FitScalers, AChannelWithoutStepsCostsNothing) {
  const auto by = numeric::make_requantizer(Arithmetic::Onnx, {0.01F, 1, 1}, 7, kInt8);
  const AccumulatorRule rule = rule_of(*by, 0, 0);
  const auto bank = fit_scalers({&rule, 1}, kInt8);
  ASSERT_TRUE(bank.has_value());
  EXPECT_EQ(bank->channels[0], (Scaler{0, 7, 7}));
  EXPECT_EQ(bank->multiplier_bits, 1);
  EXPECT_FALSE(bank->needs_multiplier());
}

TEST(FitScalers, Int8LayersNeedFewerBitsThanTheDefinition) {
  Rng rng(5);
  std::vector<AccumulatorRule> rules;
  rules.reserve(200);
  for (int i = 0; i < 200; ++i) {
    rules.push_back(random_channel(Arithmetic::TfliteDouble, 1 << 17, kInt8, rng).rule());
  }
  const auto bank = fit_scalers(rules, kInt8);
  ASSERT_TRUE(bank.has_value());
  RecordProperty("multiplier_bits", bank->multiplier_bits);
  EXPECT_LE(bank->multiplier_bits, 27);  // TFLite's own has 32
  for (const AccumulatorRule& rule : rules) {
    const auto alone = fit_scalers({&rule, 1}, kInt8);
    ASSERT_TRUE(alone.has_value());
    EXPECT_LE(alone->multiplier_bits, 24);
  }
}

TEST(FitScalers, SixteenBitCodesFitToo) {
  Rng rng(6);
  const CodeRange codes = numeric::code_range(16, true);
  for (const Arithmetic arithmetic : {Arithmetic::TfliteSingle, Arithmetic::ShiftHalfUp}) {
    const Channel channel = random_channel(arithmetic, 1 << 24, codes, rng);
    const AccumulatorRule rule = channel.rule();
    const auto bank = fit_scalers({&rule, 1}, codes);
    ASSERT_TRUE(bank.has_value()) << bank.error().text();
    for (int sample = 0; sample < 100'000; ++sample) {
      expect_equal_at(*bank, channel, rng.integer(channel.lowest, channel.highest));
    }
  }
}

TEST(FitScalers, AccumulatorsOf62BitsFit) {
  const auto by = numeric::make_requantizer(Arithmetic::ShiftHalfUp, {1, 1, 0x1p40F}, 0,
                                            numeric::code_range(16, true));
  constexpr std::int64_t kFar = std::int64_t{1} << 62;
  const AccumulatorRule rule = rule_of(*by, -kFar, kFar);
  const auto bank = fit_scalers({&rule, 1}, by->codes);
  ASSERT_TRUE(bank.has_value()) << bank.error().text();
  EXPECT_FALSE(bank->needs_multiplier());
  EXPECT_EQ(bank->shift, 40);
  EXPECT_LE(bank->product_bits, 64);
}

// Means and rescaled codes are rules too: of a sum of codes, and of a code.
TEST(FitScalers, MeansOfCodesNeedNoDivision) {
  for (const std::int64_t count : {2, 3, 4, 6, 9, 49, 100}) {
    const AccumulatorRule rule{[=](std::int64_t sum) { return numeric::mean_of_codes(sum, count); },
                               -128 * count, 127 * count};
    const auto bank = fit_scalers({&rule, 1}, kInt8);
    ASSERT_TRUE(bank.has_value()) << bank.error().text();
    EXPECT_EQ(bank->needs_multiplier(), (count & (count - 1)) != 0);
    for (std::int64_t sum = rule.lowest; sum <= rule.highest; ++sum) {
      ASSERT_EQ(bank->code(0, sum), rule.code(sum)) << sum << " of " << count;
    }
  }
}

TEST(FitScalers, RescaledSumsAndCodesFit) {
  const auto codes = [](float scale, std::int64_t zero_point) {
    return numeric::Quantization{
        .dtype = DType::Int8, .scales = {scale}, .zero_points = {zero_point}};
  };
  for (const Arithmetic arithmetic :
       {Arithmetic::TfliteDouble, Arithmetic::TfliteSingle, Arithmetic::Xnnpack}) {
    const auto mean =
        numeric::SumRescaler::make(arithmetic, codes(0.3F, 4), codes(0.2F, -9), 49, 49);
    const auto same = numeric::CodeRescale::make(arithmetic, codes(0.3F, 4), codes(0.2F, -9));
    ASSERT_TRUE(mean && same);
    constexpr std::int64_t kCount = 49;
    const auto mean_code = [&](std::int64_t centred) { return mean->code(centred + 4 * kCount); };
    const auto same_code = [&](std::int64_t centred) { return same->code(centred + 4); };
    const std::vector<AccumulatorRule> rules{{mean_code, -132 * kCount, 123 * kCount},
                                             {same_code, -132, 123}};
    for (const AccumulatorRule& rule : rules) {
      const auto bank = fit_scalers({&rule, 1}, kInt8);
      ASSERT_TRUE(bank.has_value()) << bank.error().text();
      for (std::int64_t x = rule.lowest; x <= rule.highest; ++x) {
        ASSERT_EQ(bank->code(0, x), rule.code(x)) << to_string(arithmetic) << " at " << x;
      }
    }
  }
}

TEST(FitScalers, AMultiplierThatIsTooWideIsRefused) {
  // One channel needs 2^-40, the other 1: no shift has room for both.
  const auto fine = numeric::make_requantizer(Arithmetic::ShiftFloor, {1, 1, 0x1p40F}, 0, kInt8);
  const auto coarse = numeric::make_requantizer(Arithmetic::ShiftFloor, {1, 1, 1}, 0, kInt8);
  const std::vector<AccumulatorRule> rules{
      rule_of(*fine, -(std::int64_t{1} << 50), std::int64_t{1} << 50), rule_of(*coarse, -99, 99)};
  const auto bank = fit_scalers(rules, kInt8);
  ASSERT_FALSE(bank.has_value());
  EXPECT_EQ(bank.error().code, ErrorCode::Unsupported);
  EXPECT_NE(bank.error().message.find("channel 1"), std::string::npos) << bank.error().message;
  EXPECT_NE(bank.error().message.find("31 are the most"), std::string::npos);
}

TEST(FindMismatch, NoticesEachChangeOfAScaler) {
  const auto by = numeric::make_requantizer(Arithmetic::TfliteDouble, {0.013F, 1, 1}, 5, kInt8);
  const AccumulatorRule rule = rule_of(*by, -20'000, 20'000);
  const auto bank = fit_scalers({&rule, 1}, kInt8);
  ASSERT_TRUE(bank.has_value());
  ASSERT_EQ(find_mismatch(*bank, {&rule, 1}), std::nullopt);
  const std::int64_t step = std::int64_t{1} << bank->shift;
  for (const std::int64_t sign : {-1, 1}) {
    ScalerBank wrong = *bank;
    wrong.channels[0].multiplier += sign * std::max<std::int64_t>(1, step / 1000);
    EXPECT_NE(find_mismatch(wrong, {&rule, 1}), std::nullopt);
    wrong = *bank;
    wrong.channels[0].offset += sign * step / 4;
    EXPECT_NE(find_mismatch(wrong, {&rule, 1}), std::nullopt);
    wrong = *bank;
    wrong.channels[0].negative_offset += sign * step / 4;
    EXPECT_NE(find_mismatch(wrong, {&rule, 1}), std::nullopt);
    wrong = *bank;
    wrong.channels[0].tie_window += step / 4;
    wrong.tie_parity = sign < 0 ? 0 : 1;
    EXPECT_NE(find_mismatch(wrong, {&rule, 1}), std::nullopt);
  }
}

TEST(FindMismatch, FindsTheOneAccumulatorThatDiffers) {
  const auto by = numeric::make_requantizer(Arithmetic::ShiftFloor, {1, 1, 64}, 0, kInt8);
  const AccumulatorRule rule = rule_of(*by, -4000, 4000);
  const auto bank = fit_scalers({&rule, 1}, kInt8);
  ASSERT_TRUE(bank.has_value());
  const AccumulatorRule late{[&](std::int64_t x) { return rule.code(x == 640 ? 639 : x); },
                             rule.lowest, rule.highest};
  EXPECT_EQ(find_mismatch(*bank, {&late, 1}), (ScalerMismatch{0, 640}));
}

TEST(FindMismatch, AgreesWithTryingAll) {
  Rng rng(7);
  int num_equal = 0;
  for (int i = 0; i < 200; ++i) {
    const Channel channel = random_channel(Arithmetic::TfliteSingle, 300, kInt8, rng);
    const AccumulatorRule rule = channel.rule();
    auto bank = fit_scalers({&rule, 1}, kInt8);
    ASSERT_TRUE(bank.has_value());
    bank->channels[0].offset += rng.integer(-3, 3);
    bool is_equal = true;
    for (std::int64_t x = rule.lowest; x <= rule.highest; ++x) {
      is_equal = is_equal && bank->code(0, x) == rule.code(x);
    }
    EXPECT_EQ(find_mismatch(*bank, {&rule, 1}) == std::nullopt, is_equal);
    num_equal += is_equal ? 1 : 0;
  }
  EXPECT_GT(num_equal, 10);
  EXPECT_LT(num_equal, 190);
}

}  // namespace
}  // namespace sluice::rtl
