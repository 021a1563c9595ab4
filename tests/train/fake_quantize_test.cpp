// SPDX-License-Identifier: Apache-2.0
#include "sluice/train/fake_quantize.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <gtest/gtest.h>
#include <limits>
#include <vector>

namespace sluice::train {
namespace {

constexpr std::int64_t kChannels = 7;

// What a rule gives one value: itself, and the gradients to it and to what is learnt.
struct Snapped {
  double value = 0, of_x = 0, of_learnt = 0, of_offset = 0;
};

// The formulas once more, a value at a time in float64. Only what the code is decided by, x/s, is
// in float32 as the definition has it.
Snapped lsq(float x, float s, double zero_point, const numeric::CodeRange& codes) {
  const auto v = static_cast<double>(x / s);
  const auto low = static_cast<double>(codes.lowest), high = static_cast<double>(codes.highest);
  const double code = std::clamp(std::nearbyint(v) + zero_point, low, high);
  const double value = static_cast<double>(s) * (code - zero_point);
  if (v <= low - zero_point) return {value, 0, low, 1};
  if (v >= high - zero_point) return {value, 0, high, 1};
  return {value, 1, std::nearbyint(v) - v, 0};
}

Snapped pact(float x, float s, float a, std::int64_t highest) {
  const auto n = static_cast<double>(highest);
  const double code = std::clamp(std::nearbyint(static_cast<double>(x / s)), 0.0, n);
  return {static_cast<double>(s) * code, x >= 0 && x < a ? 1.0 : 0.0, x >= a ? 1.0 : 0.0, 0};
}

Snapped normalized_pact(float x, float a, float step, std::int64_t highest) {
  const auto n = static_cast<float>(highest);
  const double code = std::nearbyint(std::clamp(x / a, 0.0F, 1.0F) * n);
  const double range = static_cast<double>(step) * static_cast<double>(highest);
  double part = x > 0 && x < a ? 1 : 0;
  if (x == 0 || x == a) part = 0.5;
  const double of_x = part * range / static_cast<double>(a);
  return {static_cast<double>(step) * code, of_x,
          -of_x * static_cast<double>(x) / static_cast<double>(a), 0};
}

float power_of_two_near(float step) {
  return static_cast<float>(std::exp2(std::nearbyint(std::log2(static_cast<double>(step)))));
}

// Values of all sizes a code range of such steps has, and some beyond; the ends themselves, too.
at::Tensor values_around(double reach) {
  at::Tensor x = at::randn({12, kChannels, 128}) * (0.6 * reach);
  x.flatten().slice(0, 0, 64).fill_(0);
  x.flatten().slice(0, 64, 128).fill_(reach);
  return x.requires_grad_();
}

at::Tensor learnt_numbers(double around, bool is_per_channel) {
  const at::Tensor sizes = at::rand({is_per_channel ? kChannels : 1}) + 0.5;
  return (sizes * around).requires_grad_();
}

struct Checked {
  at::Tensor x, learnt, offset;  // leaves; the offset may be undefined
  std::int64_t axis = -1;
  double gradient_scale = 1;
};

using Each = std::function<Snapped(float x, std::int64_t step)>;

// Compares values and gradients of y, made of the leaves, with the formulas of each value.
void expect_as_by_hand(const Checked& leaves, const at::Tensor& y, const Each& each) {
  const at::Tensor upstream = at::randn_like(y);
  y.backward(upstream);
  const std::int64_t steps = leaves.learnt.numel(), count = leaves.x.numel();
  std::vector<double> of_learnt(static_cast<std::size_t>(steps));
  std::vector<double> of_offset = of_learnt, magnitude = of_learnt;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto step = static_cast<std::size_t>(leaves.axis < 0 ? 0 : i / 128 % kChannels);
    const Snapped hand = each(leaves.x.data_ptr<float>()[i], static_cast<std::int64_t>(step));
    const auto g = static_cast<double>(upstream.data_ptr<float>()[i]);
    ASSERT_EQ(y.data_ptr<float>()[i], static_cast<float>(hand.value)) << i;
    ASSERT_NEAR(leaves.x.grad().data_ptr<float>()[i], g * hand.of_x, 1e-5 * std::abs(g)) << i;
    of_learnt[step] += g * hand.of_learnt;
    of_offset[step] += g * hand.of_offset;
    magnitude[step] += std::abs(g * hand.of_learnt) + std::abs(g * hand.of_offset);
  }
  for (std::size_t step = 0; step < of_learnt.size(); ++step) {
    const double bound = 1e-5 * leaves.gradient_scale * magnitude[step];
    const double scale = leaves.gradient_scale;
    EXPECT_NEAR(leaves.learnt.grad().data_ptr<float>()[step], scale * of_learnt[step], bound);
    if (!leaves.offset.defined()) continue;
    EXPECT_NEAR(leaves.offset.grad().data_ptr<float>()[step], scale * of_offset[step], bound);
  }
}

struct Setting {
  int bits;
  bool is_signed, is_per_channel, power_of_two;
  [[nodiscard]] numeric::CodeRange codes() const { return numeric::code_range(bits, is_signed); }
  [[nodiscard]] StepRule rule() const {
    return {codes(), is_per_channel ? 1 : -1, power_of_two, 0.125};
  }
};

void for_each_setting(const std::function<void(const Setting&)>& check) {
  for (int bits = 1; bits <= 8; ++bits) {
    for (int flags = 0; flags < 8; ++flags) {
      const Setting setting{bits, (flags & 1) != 0, (flags & 2) != 0, (flags & 4) != 0};
      SCOPED_TRACE(testing::Message()
                   << bits << " bits, signed " << setting.is_signed << ", per channel "
                   << setting.is_per_channel << ", power of two " << setting.power_of_two);
      at::manual_seed(static_cast<std::uint64_t>(bits));
      check(setting);
    }
  }
}

float used(const at::Tensor& learnt, std::int64_t i, bool power_of_two) {
  const float step = learnt.data_ptr<float>()[i];
  return power_of_two ? power_of_two_near(step) : step;
}

TEST(FakeQuantize, LsqIsTheFormulaAtAnyWidth) {
  for_each_setting([](const Setting& setting) {
    const StepRule rule = setting.rule();
    const at::Tensor learnt = learnt_numbers(0.1, setting.is_per_channel);
    const double reach = 0.1 * static_cast<double>(std::max<std::int64_t>(rule.codes.highest, 1));
    const at::Tensor x = values_around(reach);
    expect_as_by_hand({x, learnt, {}, rule.axis, rule.gradient_scale},
                      snap_by_step(x, learnt, {}, rule), [&](float value, std::int64_t i) {
                        return lsq(value, used(learnt, i, rule.power_of_two), 0, rule.codes);
                      });
  });
}

TEST(FakeQuantize, LsqPlusIsTheFormulaAtAnyWidth) {
  for_each_setting([](const Setting& setting) {
    const StepRule rule = setting.rule();
    const at::Tensor learnt = learnt_numbers(0.1, setting.is_per_channel);
    const at::Tensor offset =
        (at::randn({learnt.numel()}) * 0.1 * std::exp2(setting.bits - 1)).requires_grad_();
    const at::Tensor x = values_around(0.1 * std::exp2(setting.bits - 1));
    expect_as_by_hand(
        {x, learnt, offset, rule.axis, rule.gradient_scale}, snap_by_step(x, learnt, offset, rule),
        [&](float value, std::int64_t i) {
          const float step = used(learnt, i, rule.power_of_two);
          const double zero_point = std::clamp(
              std::nearbyint(static_cast<double>(-offset.data_ptr<float>()[i] / step)),
              static_cast<double>(rule.codes.lowest), static_cast<double>(rule.codes.highest));
          return lsq(value, step, zero_point, rule.codes);
        });
  });
}

TEST(FakeQuantize, PactIsTheFormulaAtAnyWidth) {
  for_each_setting([](const Setting& setting) {
    if (setting.is_signed) return;
    const StepRule rule = setting.rule();
    const at::Tensor clip = learnt_numbers(2, setting.is_per_channel);
    const at::Tensor x = values_around(2);
    const auto n = static_cast<float>(rule.codes.highest);
    expect_as_by_hand(
        {x, clip, {}, rule.axis}, snap_by_clip(x, clip, rule), [&](float value, std::int64_t i) {
          const float step = clip.data_ptr<float>()[i] / n;
          const float power = power_of_two_near(step);
          return rule.power_of_two ? pact(value, power, power * n, rule.codes.highest)
                                   : pact(value, step, step == 0 ? 0 : clip.data_ptr<float>()[i],
                                          rule.codes.highest);
        });
  });
}

TEST(FakeQuantize, NormalizedPactIsTheFormulaAtAnyWidth) {
  for_each_setting([](const Setting& setting) {
    if (setting.is_signed || setting.power_of_two) return;
    const StepRule rule = setting.rule();
    // The first clip is one that some values are equal to.
    const at::Tensor learnt =
        (at::arange(setting.is_per_channel ? kChannels : 1, at::kFloat) * 0.25 + 2)
            .requires_grad_();
    const at::Tensor x = values_around(2);
    const at::Tensor step = at::full({1}, 6 / static_cast<double>(rule.codes.highest));
    expect_as_by_hand({x, learnt, {}, rule.axis}, snap_normalized(x, learnt, step, rule),
                      [&](float value, std::int64_t i) {
                        return normalized_pact(value, learnt.data_ptr<float>()[i],
                                               step.item<float>(), rule.codes.highest);
                      });
  });
}

TEST(FakeQuantize, OneDimensionCanHaveAStepForEachValue) {
  const at::Tensor x = at::tensor({0.3F, -5.0F}).requires_grad_();
  const at::Tensor step = at::tensor({0.5F, 1.0F}).requires_grad_();
  const at::Tensor y = snap_by_step(x, step, {}, {{-2, 1}, 0});
  EXPECT_TRUE(at::equal(y, at::tensor({0.5F, -2.0F})));
  y.sum().backward();
  EXPECT_TRUE(at::allclose(step.grad(), at::tensor({0.4F, -2.0F})));
  EXPECT_TRUE(at::equal(x.grad(), at::tensor({1.0F, 0.0F})));
}

TEST(FakeQuantize, HalvesGoToTheEvenCode) {
  const at::Tensor x = at::tensor({-2.5F, -1.5F, -0.5F, 0.5F, 1.5F, 2.5F}).requires_grad_();
  const at::Tensor even = at::tensor({-2.0F, -2.0F, 0.0F, 0.0F, 2.0F, 2.0F});
  EXPECT_TRUE(at::equal(snap_by_step(x, at::ones({1}), {}, {{-8, 7}}), even));
  EXPECT_TRUE(at::equal(snap_by_clip(x, at::full({1}, 15), {{0, 15}}), even.relu()));
}

TEST(FakeQuantize, ThereIsNoNegativeZero) {
  const at::Tensor x = at::tensor({-0.1F, -0.0F});
  for (const at::Tensor& y :
       {snap_by_step(x, at::ones({1}), {}, {{-8, 7}}), snap_by_clip(x, at::ones({1}), {{0, 15}}),
        snap_by_step(x, at::ones({1}), at::zeros({1}), {{-8, 7}}),
        snap_normalized(x, at::ones({1}), at::ones({1}), {{0, 15}})}) {
    EXPECT_FALSE(at::signbit(y).any().item<bool>());
  }
}

TEST(FakeQuantize, StepsStayPositiveAndKeepLearning) {
  const at::Tensor learnt = at::tensor({0.0F, -0.25F, 1e-20F}).requires_grad_();
  const at::Tensor step = used_step(learnt, false);
  const float least = std::ldexp(1.0F, -40);
  EXPECT_TRUE(at::equal(step, at::tensor({least, 0.25F, least})));
  const at::Tensor x = at::full({1, 3}, 9.0F);
  snap_by_step(x, learnt, {}, {{-8, 7}, 1}).sum().backward();
  // Beyond the last code the value is 7·|t|.
  EXPECT_TRUE(at::equal(learnt.grad(), at::tensor({7.0F, -7.0F, 7.0F})));
}

TEST(FakeQuantize, PowersOfTwoAreExactAndNearestInTheLogarithm) {
  std::vector<float> steps, powers;
  for (int exponent = -40; exponent <= 60; ++exponent) {
    const float power = std::ldexp(1.0F, exponent);
    for (const float part : {1.0F, 1.41421F, 1.99F}) {
      steps.push_back(power * part);
      powers.push_back(part == 1.99F ? 2 * power : power);
    }
    steps.push_back(power * 1.41422F);
    powers.push_back(2 * power);
  }
  EXPECT_TRUE(at::equal(used_step(at::tensor(steps), true), at::tensor(powers)));
}

TEST(FakeQuantize, ZeroAlwaysHasACode) {
  const numeric::CodeRange codes{0, 15};
  const at::Tensor offset = at::tensor({-100.0F, -1.2F, 0.0F, 3.0F});
  EXPECT_TRUE(at::equal(used_zero_point(offset, at::full({1}, 0.5F), codes),
                        at::tensor({15.0F, 2.0F, 0.0F, 0.0F})));
}

TEST(FakeQuantize, NaNStaysAndReachesTheGradients) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const at::Tensor x = at::tensor({nan, 1.0F}), step = at::ones({1}).requires_grad_();
  for (const at::Tensor& y :
       {snap_by_step(x, step, {}, {{-8, 7}}), snap_by_step(x, step, at::zeros({1}), {{-8, 7}}),
        snap_by_clip(x, step, {{0, 15}}), snap_normalized(x, step, at::ones({1}), {{0, 15}})}) {
    EXPECT_TRUE(std::isnan(y[0].item<float>()));
    EXPECT_FALSE(std::isnan(y[1].item<float>()));
  }
  EXPECT_TRUE(at::isnan(levels_by_tanh(x, 15)).all().item<bool>());
  snap_by_step(x, step, {}, {{-8, 7}}).sum().backward();
  EXPECT_TRUE(std::isnan(step.grad().item<float>()));
  const at::Tensor broken = at::full({1}, nan);
  EXPECT_TRUE(at::isnan(snap_by_step(x, broken, {}, {{-8, 7}})).all().item<bool>());
}

TEST(FakeQuantize, InfinitiesBecomeTheLastCodes) {
  const float infinity = std::numeric_limits<float>::infinity();
  const at::Tensor x = at::tensor({-infinity, infinity});
  EXPECT_TRUE(at::equal(snap_by_step(x, at::ones({1}), {}, {{-8, 7}}), at::tensor({-8.0F, 7.0F})));
  EXPECT_TRUE(at::equal(snap_by_step(x, at::ones({1}), at::full({1}, 2.0F), {{-8, 7}}),
                        at::tensor({-6.0F, 9.0F})));
  EXPECT_TRUE(at::equal(snap_by_clip(x, at::full({1}, 15), {{0, 15}}), at::tensor({0.0F, 15.0F})));
}

TEST(FakeQuantize, TanhIsTheFormulaAtAnyWidth) {
  constexpr std::size_t kWeights = 12000;
  for (int bits = 1; bits <= 8; ++bits) {
    at::manual_seed(17);
    const at::Tensor weights = at::randn({kWeights}).mul_(0.7).requires_grad_();
    const at::Tensor upstream = at::randn_like(weights);
    const double n = std::exp2(bits) - 1;
    const at::Tensor levels = levels_by_tanh(weights, (1 << bits) - 1);
    levels.backward(upstream);
    const float *w = weights.data_ptr<float>(), *g = upstream.data_ptr<float>();
    double largest = 0, sum = 0;
    std::size_t at_largest = 0;
    for (std::size_t i = 0; i < kWeights; ++i) {
      const double t = std::tanh(static_cast<double>(w[i]));
      sum += static_cast<double>(g[i]) * t;
      if (std::abs(t) > largest) at_largest = i;
      largest = std::max(largest, std::abs(t));
    }
    for (std::size_t i = 0; i < kWeights; ++i) {
      const double t = std::tanh(static_cast<double>(w[i]));
      // float32 may round what is all but half way to the other side.
      const double exact = n * (t / (2 * largest) + 0.5);
      ASSERT_NEAR(levels.data_ptr<float>()[i], exact, 0.5 + 1e-4) << bits << " bits, " << w[i];
      double of_t = static_cast<double>(g[i]) * n / (2 * largest);
      if (i == at_largest) of_t -= n * sum / (2 * largest * largest) * (t < 0 ? -1 : 1);
      ASSERT_NEAR(weights.grad().data_ptr<float>()[i], of_t * (1 - t * t),
                  1e-4 * (std::abs(of_t) + 1e-3));
    }
    EXPECT_EQ(levels.min().item<float>() * levels.max().item<float>(), 0);
  }
}

// Σ g·(n·(t/(2M) + 1/2)), which the level is but for its rounding.
double unrounded_tanh(const std::vector<double>& weights, const std::vector<double>& g, double n) {
  double largest = 0;
  for (const double w : weights) largest = std::max(largest, std::abs(std::tanh(w)));
  double sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    sum += g[i] * n * (std::tanh(weights[i]) / (2 * largest) + 0.5);
  }
  return sum;
}

TEST(FakeQuantize, TanhsGradientsAreFiniteDifferences) {
  at::manual_seed(11);
  const at::Tensor weights = at::randn({40}).requires_grad_(), upstream = at::randn({40});
  levels_by_tanh(weights, 15).backward(upstream);
  std::vector<double> w(40), g(40);
  for (std::size_t i = 0; i < w.size(); ++i) {
    w[i] = static_cast<double>(weights.data_ptr<float>()[i]);
    g[i] = static_cast<double>(upstream.data_ptr<float>()[i]);
  }
  // The one of largest magnitude is among them.
  for (std::size_t i = 0; i < w.size(); ++i) {
    constexpr double kDelta = 1e-6;
    std::vector<double> more = w, less = w;
    more[i] += kDelta;
    less[i] -= kDelta;
    const double slope = (unrounded_tanh(more, g, 15) - unrounded_tanh(less, g, 15)) / (2 * kDelta);
    EXPECT_NEAR(weights.grad().data_ptr<float>()[i], slope, 1e-4 * (1 + std::abs(slope))) << i;
  }
}

TEST(FakeQuantize, ClipsGradientsAreFiniteDifferences) {
  // Of the values as they are before rounding: clip(x, 0, a), and 6·clip(x, 0, a)/a. Inside, pact's
  // are flat in a, and normalized-pact's fall.
  at::manual_seed(13);
  const at::Tensor x = at::randn({500}) * 2, upstream = at::randn({500});
  const at::Tensor clip = at::full({1}, 1.7F).requires_grad_();
  const at::Tensor normalized_clip = at::full({1}, 1.7F).requires_grad_();
  snap_by_clip(x, clip, {{0, 255}}).backward(upstream);
  snap_normalized(x, normalized_clip, at::full({1}, 6.0 / 255), {{0, 255}}).backward(upstream);
  const auto sums = [&](double a) {
    const at::Tensor clipped = x.to(at::kDouble).clamp(0, a) * upstream.to(at::kDouble);
    const auto sum = clipped.sum().item<double>();
    return std::pair{sum, 6 * sum / a};
  };
  constexpr double kDelta = 1e-5;
  const auto [more, normalized_more] = sums(1.7 + kDelta);
  const auto [less, normalized_less] = sums(1.7 - kDelta);
  EXPECT_NEAR(clip.grad().item<float>(), (more - less) / (2 * kDelta), 1e-3);
  EXPECT_NEAR(normalized_clip.grad().item<float>(),
              (normalized_more - normalized_less) / (2 * kDelta), 1e-3);
}

TEST(FakeQuantize, WeightsThatAreAllZeroAreHalfWay) {
  const at::Tensor weights = at::zeros({4}).requires_grad_();
  const at::Tensor levels = levels_by_tanh(weights, 15);
  EXPECT_TRUE(at::equal(levels, at::full({4}, 8.0F)));  // 7.5, to even
  levels.sum().backward();
  EXPECT_TRUE(at::isfinite(weights.grad()).all().item<bool>());
}

}  // namespace
}  // namespace sluice::train
