// SPDX-License-Identifier: Apache-2.0
#include "sluice/train/quantizer_start.hpp"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <vector>

#include "sluice/base/rng.hpp"

namespace sluice::train {
namespace {

using Kind = QuantizerKind;

std::vector<float> normal_values(std::size_t count, double mean = 0) {
  Rng rng(7);
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(mean + rng.normal());
  return values;
}

// The mean square error of the values on the start's own codes.
double error_of(const std::vector<float>& values, const QuantizerStart& start,
                const QuantizerOptions& options) {
  const numeric::CodeRange codes = codes_of(options);
  const auto low = static_cast<double>(codes.lowest), high = static_cast<double>(codes.highest);
  const double zero_point = std::clamp(std::nearbyint(-start.offset / start.step), low, high);
  double sum = 0;
  for (const float value : values) {
    const auto x = static_cast<double>(value);
    const double code = std::clamp(std::nearbyint(x / start.step) + zero_point, low, high);
    sum += std::pow(start.step * (code - zero_point) - x, 2);
  }
  return sum / static_cast<double>(values.size());
}

TEST(QuantizerStart, LsqStartsAtTwiceTheMeanMagnitude) {
  const std::vector<float> values{-3, 1, 2, -2};
  EXPECT_DOUBLE_EQ(quantizer_start(values, {.bits = 4}).step, 2 * 2 / std::sqrt(7.0));
  EXPECT_DOUBLE_EQ(quantizer_start(values, {.bits = 4, .is_signed = false}).step,
                   2 * 2 / std::sqrt(15.0));
  // Qp is 0: the one code there is takes its place.
  EXPECT_DOUBLE_EQ(quantizer_start(values, {.bits = 1}).step, 4);
}

TEST(QuantizerStart, LsqPlusWeightsStartAtThreeSigma) {
  const std::vector<float> values{-1, 3, -1, 3};  // mean 1, standard deviation 2
  const QuantizerOptions options{.kind = Kind::LsqPlus, .bits = 4, .has_offset = false};
  EXPECT_DOUBLE_EQ(quantizer_start(values, options).step, 7.0 / 8);
}

TEST(QuantizerStart, PactStartsAtTheGivenClip) {
  const QuantizerOptions options{.kind = Kind::Pact, .bits = 4, .is_signed = false, .clip = 3};
  EXPECT_DOUBLE_EQ(quantizer_start(normal_values(10), options).step * 15, 3);
}

TEST(QuantizerStart, APercentileLeavesTheRarestOut) {
  std::vector<float> values(10000);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i) * 1e-4F;
  values.push_back(100);
  const QuantizerOptions options{.kind = Kind::Pact,
                                 .bits = 4,
                                 .is_signed = false,
                                 .start = StepStart::Percentile,
                                 .percent = 99.9};
  // Bins are 2^7/2048 wide.
  EXPECT_NEAR(quantizer_start(values, options).step * 15, 1, 0.0625);
  QuantizerOptions all = options;
  all.percent = 100;
  EXPECT_DOUBLE_EQ(quantizer_start(values, all).step * 15, 100);
}

TEST(QuantizerStart, LeastErrorIsNoWorseThanAnyOtherStep) {
  const std::vector<float> values = normal_values(20000);
  for (int bits = 2; bits <= 8; ++bits) {
    const QuantizerOptions options{.bits = bits, .start = StepStart::LeastError};
    const double least = error_of(values, quantizer_start(values, options), options);
    for (double step = 0.005; step < 3; step *= 1.1) {
      EXPECT_LE(least, error_of(values, {step, 0}, options) * 1.02) << bits << " bits, " << step;
    }
  }
}

TEST(QuantizerStart, LeastErrorMovesTheOffsetTowardsTheValues) {
  const std::vector<float> values = normal_values(20000, 2);
  for (const bool is_signed : {false, true}) {
    QuantizerOptions options{.kind = Kind::LsqPlus, .bits = 4, .is_signed = is_signed};
    const double with_offset = error_of(values, quantizer_start(values, options), options);
    options.has_offset = false;
    options.start = StepStart::LeastError;
    const double without = error_of(values, quantizer_start(values, options), options);
    EXPECT_LT(with_offset, without * 1.001) << is_signed;
  }
}

TEST(QuantizerStart, PowersOfTwoAreSearchedAmongThemselves) {
  const std::vector<float> values = normal_values(20000);
  const QuantizerOptions options{.bits = 4, .power_of_two = true, .start = StepStart::LeastError};
  const double step = quantizer_start(values, options).step;
  EXPECT_EQ(std::exp2(std::nearbyint(std::log2(step))), step);
  for (const double other : {step / 2, step * 2}) {
    EXPECT_LT(error_of(values, {step, 0}, options), error_of(values, {other, 0}, options));
  }
}

TEST(QuantizerStart, ValuesThatFixNoStepLeaveItAtOne) {
  const std::vector<float> zeros(5, 0.0F), negatives{-1, -2};
  for (const StepStart start :
       {StepStart::Published, StepStart::Percentile, StepStart::LeastError}) {
    EXPECT_EQ(quantizer_start(zeros, {.start = start}).step, 1);
    EXPECT_EQ(quantizer_start(zeros, {.kind = Kind::LsqPlus, .start = start}).step, 1);
  }
  EXPECT_EQ(quantizer_start(negatives, {.is_signed = false, .start = StepStart::LeastError}).step,
            1);
}

}  // namespace
}  // namespace sluice::train
