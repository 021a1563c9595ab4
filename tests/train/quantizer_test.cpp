// SPDX-License-Identifier: Apache-2.0
#include "sluice/train/quantizer.hpp"

#include <cmath>
#include <functional>
#include <gtest/gtest.h>
#include <limits>
#include <vector>

#include "sluice/numeric/quantization.hpp"

namespace sluice::train {
namespace {

using Kind = QuantizerKind;

const std::vector<std::int64_t> kShape{6, 4, 5, 5};

Quantizer made(const QuantizerOptions& options, const std::vector<std::int64_t>& shape = kShape) {
  auto quantizer = Quantizer::create("layer1.act", options, shape);
  EXPECT_TRUE(quantizer) << (quantizer ? "" : quantizer.error().text());
  return *quantizer;
}

void set(const Quantizer& quantizer, std::size_t i, double value) {
  const at::NoGradGuard no_gradients;
  quantizer.parameters()[i].tensor.fill_(value);
}

// Every kind, sign, width, granularity and rounding of steps there is.
void for_each_quantizer(const std::function<void(const QuantizerOptions&)>& check) {
  for (int bits = 1; bits <= 8; ++bits) {
    for (int flags = 0; flags < 16; ++flags) {
      for (const Kind kind :
           {Kind::Tanh, Kind::Dorefa, Kind::Pact, Kind::NormalizedPact, Kind::Lsq, Kind::LsqPlus}) {
        QuantizerOptions options{.kind = kind, .bits = bits, .is_signed = (flags & 1) != 0};
        options.is_symmetric = (flags & 2) != 0;
        options.power_of_two = (flags & 4) != 0;
        if ((flags & 8) != 0) options.axis = 1;
        if (!check_quantizer(options, kShape)) continue;
        SCOPED_TRACE(testing::Message() << to_string(kind) << ", " << bits << " bits, " << flags);
        check(options);
      }
    }
  }
}

at::Tensor along_axis(const at::Tensor& numbers) {
  return numbers.numel() == 1 ? numbers : numbers.view({1, -1, 1, 1});
}

TEST(Quantizer, ValuesAreStepTimesCodeToTheBit) {
  int checked = 0;
  for_each_quantizer([&](const QuantizerOptions& options) {
    at::manual_seed(3);
    const at::Tensor x = at::randn(kShape) + 0.5;
    const Quantizer quantizer = made(options);
    ASSERT_TRUE(quantizer.initialize(x));
    const at::Tensor y = quantizer(x).detach(), codes = quantizer.codes(x);
    const at::Tensor zero_point = quantizer.zero_point(), step = quantizer.step();
    const at::Tensor product = along_axis(step) * (codes - along_axis(zero_point)).to(at::kFloat);
    // As bits, for 0 and −0 are equal.
    ASSERT_TRUE(at::equal(y.view(at::kInt), product.view(at::kInt)));
    const numeric::CodeRange range = codes_of(options);
    EXPECT_GE(codes.min().item<int>(), range.lowest);
    EXPECT_LE(codes.max().item<int>(), range.highest);
    EXPECT_GE(zero_point.min().item<int>(), std::min<std::int64_t>(range.lowest, 0));
    EXPECT_LE(zero_point.max().item<int>(), range.highest);
    EXPECT_GT(step.min().item<float>(), 0);
    EXPECT_EQ(step.numel(), options.axis && options.kind != Kind::NormalizedPact ? 4 : 1);
    ++checked;
  });
  EXPECT_EQ(checked, 264);
}

TEST(Quantizer, PowersOfTwoAreOnesInEveryStep) {
  for_each_quantizer([](const QuantizerOptions& options) {
    if (!options.power_of_two) return;
    const Quantizer quantizer = made(options);
    ASSERT_TRUE(quantizer.initialize(at::randn(kShape) + 0.5));
    const at::Tensor step = quantizer.step();
    for (std::int64_t i = 0; i < step.numel(); ++i) {
      int exponent = 0;
      EXPECT_EQ(std::frexp(step[i].item<float>(), &exponent), 0.5F);
    }
  });
}

TEST(Quantizer, LsqPlusCodesAreThoseOfTheIntegerNetwork) {
  at::manual_seed(5);
  const at::Tensor x = at::randn({2000}) + 0.7;
  const Quantizer quantizer = made({.kind = Kind::LsqPlus, .bits = 8}, {2000});
  ASSERT_TRUE(quantizer.initialize(x));
  const at::Tensor codes = quantizer.codes(x);
  const int zero_point = quantizer.zero_point().item<int>();
  EXPECT_NE(zero_point, 0);
  for (std::int64_t i = 0; i < x.numel(); ++i) {
    EXPECT_EQ(codes[i].item<int>(),
              numeric::quantize(x[i].item<float>(), quantizer.step().item<float>(), zero_point,
                                {-128, 127}, numeric::Arithmetic::Onnx));
  }
}

TEST(Quantizer, DiracDeltaNetsActivationsAreThePublishedOnes) {
  const Quantizer quantizer =
      made({.kind = Kind::NormalizedPact, .bits = 4, .is_signed = false, .clip = 2, .range = 2});
  const at::Tensor leaf =
      at::tensor({-1.0F, 0.0F, 0.3F, 1.0F, 1.999F, 2.0F, 2.5F, 9.0F}).requires_grad_();
  const at::Tensor y = quantizer(leaf);
  EXPECT_TRUE(
      at::allclose(y, at::tensor({0.0F, 0.0F, 0.2667F, 1.0667F, 2.0F, 2.0F, 2.0F, 2.0F}), 0, 5e-5));
  y.sum().backward();
  EXPECT_TRUE(at::equal(leaf.grad(), at::tensor({0.0F, 0.5F, 1.0F, 1.0F, 1.0F, 0.5F, 0.0F, 0.0F})));
  // −R·x/s² inside, half of it at s: −(0.3 + 1 + 1.999)/2 − 2/4.
  EXPECT_NEAR(quantizer.parameters()[0].tensor.grad().item<float>(), -2.1495, 1e-5);
}

TEST(Quantizer, TheGainOfNormalizedPactIsItsRangeOverItsClip) {
  const Quantizer quantizer =
      made({.kind = Kind::NormalizedPact, .bits = 4, .is_signed = false, .clip = 4, .range = 2});
  EXPECT_EQ(quantizer.gain().item<float>(), 0.5F);
  set(quantizer, 0, -8);
  EXPECT_EQ(quantizer.gain().item<float>(), 0.25F);
}

TEST(Quantizer, ANegativeClipCountsByItsSize) {
  const Quantizer quantizer =
      made({.kind = Kind::NormalizedPact, .bits = 4, .is_signed = false, .clip = 2});
  const at::Tensor x = at::tensor({0.3F, 1.0F, 9.0F});
  const at::Tensor y = quantizer(x);
  set(quantizer, 0, -2);
  const at::Tensor again = quantizer(x);
  EXPECT_TRUE(at::equal(y, again));
  again.sum().backward();
  EXPECT_NEAR(quantizer.parameters()[0].tensor.grad().item<float>(), 0.65, 1e-6);
}

TEST(Quantizer, TanhLeansByHalfAStep) {
  at::manual_seed(2);
  const at::Tensor weights = at::randn({200, 500});
  const at::Tensor t = at::tanh(weights) / at::tanh(weights).abs().max();
  for (const auto& [bits, bias] : {std::pair{4, -0.060}, std::pair{2, -0.254}}) {
    const Quantizer quantizer = made({.kind = Kind::Tanh, .bits = bits}, {200, 500});
    EXPECT_NEAR((quantizer(weights) - t).mean().item<float>(), bias, 0.006) << bits;
    EXPECT_EQ(quantizer(weights).min().item<float>(), -1);
  }
  const Quantizer four_bits = made({.kind = Kind::Tanh, .bits = 4}, {3});
  EXPECT_TRUE(at::equal(four_bits.codes(at::tensor({0.0F, -1e-6F, 1.0F})),
                        at::tensor({0, -1, 7}, at::kInt)));
}

TEST(Quantizer, DorefaIsUnbiasedAndNeverZero) {
  at::manual_seed(2);
  const at::Tensor weights = at::randn({200, 500});
  const at::Tensor t = at::tanh(weights) / at::tanh(weights).abs().max();
  const Quantizer quantizer = made({.kind = Kind::Dorefa, .bits = 4}, {200, 500});
  EXPECT_NEAR((quantizer(weights) - t).mean().item<float>(), 0, 0.002);
  EXPECT_TRUE(at::equal(quantizer.codes(weights).remainder(2), at::ones({200, 500}, at::kInt)));
  const Quantizer binary = made({.kind = Kind::Dorefa, .bits = 1}, {200, 500});
  EXPECT_TRUE(at::equal(binary(weights).abs(), at::ones({200, 500})));
}

TEST(Quantizer, DorefasActivationsLieBetweenZeroAndOne) {
  const Quantizer quantizer = made({.kind = Kind::Dorefa, .bits = 2, .is_signed = false});
  const at::Tensor x = at::tensor({-1.0F, 0.2F, 0.6F, 3.0F}).requires_grad_();
  const at::Tensor y = quantizer(x);
  EXPECT_TRUE(at::allclose(y, at::tensor({0.0F, 1.0F / 3, 2.0F / 3, 1.0F})));
  y.sum().backward();
  EXPECT_TRUE(at::equal(x.grad(), at::tensor({0.0F, 1.0F, 1.0F, 0.0F})));
  EXPECT_TRUE(quantizer.parameters().empty());
}

TEST(Quantizer, GradientsToStepsAreScaledByTheValuesThatShareOne) {
  // One filter has 4·5·5 = 100 values, of 7 positive codes.
  for (const bool scales : {false, true}) {
    QuantizerOptions options{.bits = 4, .scales_gradient = scales};
    options.axis = 0;
    const Quantizer quantizer = made(options);
    quantizer(at::full(kShape, 100.0F)).sum().backward();
    const float expected = 100 * 7 / (scales ? std::sqrt(700.0F) : 1.0F);
    EXPECT_NEAR(quantizer.parameters()[0].tensor.grad()[0].item<float>(), expected, 1e-3);
  }
}

TEST(Quantizer, ABatchDoesNotChangeTheScaleOfGradients) {
  const Quantizer quantizer = made({.bits = 4, .is_signed = false}, {1, 4, 5, 5});
  quantizer(at::full({8, 4, 5, 5}, 100.0F)).sum().backward();
  EXPECT_NEAR(quantizer.parameters()[0].tensor.grad().item<float>(), 800 * 15 / std::sqrt(1500.0),
              1e-2);
}

TEST(Quantizer, TwoBranchesThatShareItCollectTheirGradients) {
  at::manual_seed(3);
  const QuantizerOptions options{
      .kind = Kind::NormalizedPact, .bits = 4, .is_signed = false, .clip = 2};
  const Quantizer left = made(options), alone = made(options), other = made(options);
  const std::vector<Quantizer> block{left, left};  // copies, of one clip
  const at::Tensor a = at::randn(kShape), b = at::randn(kShape);
  at::cat({block[0](a), block[1](b)}, 1).square().sum().backward();
  alone(a).square().sum().backward();
  other(b).square().sum().backward();
  const at::Tensor sum = alone.parameters()[0].tensor.grad() + other.parameters()[0].tensor.grad();
  EXPECT_TRUE(at::allclose(left.parameters()[0].tensor.grad(), sum));
  set(left, 0, 3);
  EXPECT_TRUE(at::equal(left(a), block[1](a)));
}

TEST(Quantizer, ParametersPutBackGiveTheSameValues) {
  for_each_quantizer([](const QuantizerOptions& options) {
    const at::Tensor x = at::randn(kShape);
    const Quantizer trained = made(options), fresh = made(options);
    ASSERT_TRUE(trained.initialize(x));
    ASSERT_EQ(trained.parameters().size(), fresh.parameters().size());
    for (std::size_t i = 0; i < trained.parameters().size(); ++i) {
      const at::NoGradGuard no_gradients;
      const Parameter &from = trained.parameters()[i], &to = fresh.parameters()[i];
      EXPECT_EQ(from.name, to.name);
      to.tensor.copy_(from.tensor);
    }
    EXPECT_TRUE(at::equal(trained(x), fresh(x)));
  });
}

TEST(Quantizer, ParametersAreNamedLeavesOfTheirOwnRole) {
  const Quantizer quantizer = made({.kind = Kind::LsqPlus, .bits = 4, .axis = 1});
  ASSERT_EQ(quantizer.parameters().size(), 2U);
  EXPECT_EQ(quantizer.parameters()[0].name, "layer1.act.step");
  EXPECT_EQ(quantizer.parameters()[1].name, "layer1.act.offset");
  for (const Parameter& parameter : quantizer.parameters()) {
    EXPECT_EQ(parameter.role, Role::Quantizer);
    EXPECT_TRUE(parameter.tensor.is_leaf() && parameter.tensor.requires_grad());
    EXPECT_EQ(parameter.tensor.numel(), 4);
  }
  EXPECT_EQ(made({.kind = Kind::Pact, .is_signed = false}).parameters()[0].name, "layer1.act.clip");
}

TEST(Quantizer, EachChannelStartsFromItsOwnValues) {
  const at::Tensor x = at::ones(kShape) * at::tensor({1.0F, 2.0F, 4.0F, 8.0F}).view({1, 4, 1, 1});
  const Quantizer quantizer = made({.bits = 4, .axis = 1});
  ASSERT_TRUE(quantizer.initialize(x));
  EXPECT_TRUE(
      at::allclose(quantizer.step(), at::tensor({2.0F, 4.0F, 8.0F, 16.0F}) / std::sqrt(7.0F)));
  EXPECT_TRUE(quantizer.parameters()[0].tensor.requires_grad());
}

TEST(Quantizer, AStartFromNothingOrFromNonNumbersIsRefused) {
  const Quantizer quantizer = made({});
  EXPECT_EQ(quantizer.initialize(at::empty({0})).error().code, ErrorCode::InvalidArgument);
  const at::Tensor broken = at::full({3}, std::numeric_limits<float>::infinity());
  EXPECT_NE(quantizer.initialize(broken).error().message.find("not finite"), std::string::npos);
}

TEST(Quantizer, ImpossibleOptionsAreRefused) {
  EXPECT_FALSE(Quantizer::create("act", {.bits = 0}, kShape));
  EXPECT_FALSE(Quantizer::create("act", {.axis = 4}, kShape));
}

TEST(Quantizer, NaNHasTheZeroPointAsItsCode) {
  const at::Tensor x = at::full({1}, std::numeric_limits<float>::quiet_NaN());
  const Quantizer quantizer = made({.kind = Kind::LsqPlus, .bits = 4, .is_signed = false}, {1});
  set(quantizer, 1, -5);
  EXPECT_EQ(quantizer.codes(x).item<int>(), 5);
  EXPECT_TRUE(std::isnan(quantizer(x).item<float>()));
}

TEST(Quantizer, LearningAStepLowersTheError) {
  at::manual_seed(4);
  const at::Tensor x = at::randn({4096});
  const Quantizer quantizer = made({.bits = 4}, {4096});
  const Parameter& step = quantizer.parameters()[0];
  const auto error = [&] { return (quantizer(x) - x).square().mean(); };
  const auto before = error().item<double>();
  for (int i = 0; i < 200; ++i) {
    step.tensor.mutable_grad() = at::Tensor();
    error().backward();
    const at::NoGradGuard no_gradients;
    step.tensor.sub_(step.tensor.grad(), 50);
  }
  const Quantizer best = made({.bits = 4, .start = StepStart::LeastError}, {4096});
  ASSERT_TRUE(best.initialize(x));
  EXPECT_GT(before, 0.05);
  // LSQ's gradient takes x for v·s when the step moves, so that it ends near the best only.
  EXPECT_LT(error().item<double>(), 1.1 * (best(x) - x).square().mean().item<double>());
}

}  // namespace
}  // namespace sluice::train
