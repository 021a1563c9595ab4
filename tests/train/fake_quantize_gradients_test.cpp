// SPDX-License-Identifier: Apache-2.0
// The formulas themselves are tested in fake_quantize_test.cpp, on whichever path a CPU takes.
#include "sluice/train/fake_quantize_gradients.hpp"

#include <ATen/Parallel.h>
#include <functional>
#include <gtest/gtest.h>
#include <limits>
#include <vector>

namespace sluice::train {
namespace {

constexpr numeric::CodeRange kCodes{-8, 7};

// The three rules, fast and as they are defined. `numbers` are steps or clips.
struct Rule {
  const char* name;
  std::function<SnapGradients(const Backward&, const at::Tensor&numbers)> fast, reference;
};

std::vector<Rule> rules() {
  const auto zero_points = [](const at::Tensor& numbers) {
    return at::arange(numbers.numel(), at::kFloat) - 2;
  };
  const at::Tensor range = at::full({1}, 6.0F);
  return {
      {"lsq",
       [](const Backward& call, const at::Tensor& step) {
         return gradients_by_step(call, step, at::zeros({1}), kCodes);
       },
       [](const Backward& call, const at::Tensor& step) {
         return reference_gradients_by_step(call, step, at::zeros({1}), kCodes);
       }},
      {"lsq+",
       [=](const Backward& call, const at::Tensor& step) {
         return gradients_by_step(call, step, zero_points(step), kCodes);
       },
       [=](const Backward& call, const at::Tensor& step) {
         return reference_gradients_by_step(call, step, zero_points(step), kCodes);
       }},
      {"pact",
       [](const Backward& call, const at::Tensor& clip) { return gradients_by_clip(call, clip); },
       [](const Backward& call, const at::Tensor& clip) {
         return reference_gradients_by_clip(call, clip);
       }},
      {"normalized-pact",
       [=](const Backward& call, const at::Tensor& clip) {
         return gradients_normalized(call, clip, range);
       },
       [=](const Backward& call, const at::Tensor& clip) {
         return reference_gradients_normalized(call, clip, range);
       }}};
}

void expect_same(const Rule& rule, const Backward& call, const at::Tensor& numbers) {
  const SnapGradients fast = rule.fast(call, numbers);
  const SnapGradients reference = rule.reference(call, numbers);
  EXPECT_TRUE(at::equal(fast.of_x, reference.of_x));
  EXPECT_TRUE(at::allclose(fast.of_learnt, reference.of_learnt, 1e-4, 2e-3));
  if (!reference.of_offset.defined()) return;
  EXPECT_TRUE(at::allclose(fast.of_offset, reference.of_offset, 1e-4, 2e-3));
}

at::Tensor numbers_for(const at::Tensor& x, std::int64_t axis) {
  return at::rand({axis < 0 ? 1 : x.size(axis)}) * 0.3 + 0.1;
}

TEST(FakeQuantizeGradients, OnePassIsTheReferenceInAnyShape) {
  at::manual_seed(1);
  for (const Rule& rule : rules()) {
    for (const std::vector<std::int64_t>& shape :
         {std::vector<std::int64_t>{1}, {7}, {8, 3}, {40001}, {2, 5, 3, 3}, {16, 4, 32, 33}}) {
      const at::Tensor x = at::randn(shape), upstream = at::randn(shape);
      for (std::int64_t axis = -1; axis < x.dim(); ++axis) {
        SCOPED_TRACE(testing::Message() << rule.name << ' ' << x.sizes() << " axis " << axis);
        expect_same(rule, {x, upstream, axis}, numbers_for(x, axis));
      }
    }
  }
}

TEST(FakeQuantizeGradients, OnePassTakesStridedValues) {
  at::manual_seed(2);
  const at::Tensor x = at::randn({6, 9, 5}).permute({2, 0, 1});
  const at::Tensor upstream = at::randn({1, 6, 1}).expand({5, 6, 9});
  for (const Rule& rule : rules()) {
    for (std::int64_t axis = -1; axis < 3; ++axis) {
      SCOPED_TRACE(testing::Message() << rule.name << " axis " << axis);
      expect_same(rule, {x, upstream, axis}, numbers_for(x, axis));
    }
  }
}

TEST(FakeQuantizeGradients, OnePassTakesNoValues) {
  const at::Tensor x = at::empty({0, 3, 2});
  for (const Rule& rule : rules()) {
    for (const std::int64_t axis : {-1, 1}) {
      const SnapGradients found = rule.fast({x, x, axis}, numbers_for(x, axis));
      EXPECT_EQ(found.of_x.sizes(), x.sizes());
      EXPECT_EQ(found.of_learnt.abs().sum().item<float>(), 0) << rule.name;
    }
  }
  const at::Tensor flat = at::empty({3, 0});
  EXPECT_EQ(gradients_by_clip({flat, flat, 0}, at::ones({3})).of_learnt.numel(), 3);
}

TEST(FakeQuantizeGradients, ThreadsDoNotChangeABit) {
  at::manual_seed(3);
  const at::Tensor x = at::randn({8, 5, 61, 67}), upstream = at::randn_like(x);
  const int threads = at::get_num_threads();
  for (const Rule& rule : rules()) {
    for (const std::int64_t axis : {-1, 0, 1, 3}) {
      const at::Tensor numbers = numbers_for(x, axis);
      at::set_num_threads(1);
      const SnapGradients one = rule.fast({x, upstream, axis}, numbers);
      at::set_num_threads(3);
      const SnapGradients three = rule.fast({x, upstream, axis}, numbers);
      at::set_num_threads(threads);
      EXPECT_TRUE(at::equal(one.of_x, three.of_x) && at::equal(one.of_learnt, three.of_learnt) &&
                  at::equal(one.of_offset, three.of_offset))
          << rule.name << " axis " << axis;
    }
  }
}

TEST(FakeQuantizeGradients, TanhsAreThoseOfTheFormulaInOperators) {
  at::manual_seed(4);
  const std::vector<at::Tensor> cases{at::randn({9, 7}), at::tensor({0.5F, -0.5F, 0.5F, 0.1F}),
                                      at::tensor({-3.0F}), at::zeros({3})};
  for (const at::Tensor& values : cases) {
    const at::Tensor weights = values.clone().requires_grad_(), upstream = at::randn_like(values);
    const at::Tensor t = at::tanh(weights), largest = t.abs().max();
    const at::Tensor divisor = at::where(largest == 0, at::ones_like(largest), largest);
    (15 * (t / (2 * divisor) + 0.5)).backward(upstream);
    const at::Tensor found = gradients_by_tanh(at::tanh(values), upstream, 15);
    EXPECT_TRUE(at::allclose(found, weights.grad(), 1e-5, 1e-5)) << values;
  }
}

TEST(FakeQuantizeGradients, ThreadsDoNotChangeABitOfTanhs) {
  at::manual_seed(5);
  const at::Tensor t = at::tanh(at::randn({300, 400})), upstream = at::randn_like(t);
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  const at::Tensor one = gradients_by_tanh(t, upstream, 15);
  at::set_num_threads(3);
  const at::Tensor three = gradients_by_tanh(t, upstream, 15);
  at::set_num_threads(threads);
  EXPECT_TRUE(at::equal(one, three));
}

TEST(FakeQuantizeGradients, EndsAndNonNumbersAreAsTheReferenceHasThem) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const at::Tensor numbers = at::full({1}, 0.5F);
  const at::Tensor x = at::tensor({-kInfinity, -4.0F, -3.9999998F, -0.0F, 0.0F, 0.25F, 0.5F, 0.75F,
                                   3.4999998F, 3.5F, 3e38F, kInfinity, 1e-45F});
  const at::Tensor upstream = at::arange(x.numel(), at::kFloat) + 1;
  for (const Rule& rule : rules()) {
    SCOPED_TRACE(rule.name);
    // Infinite values times nothing are nothing in one and no number in the other.
    if (std::string(rule.name) == "normalized-pact") {
      const at::Tensor finite = at::clamp(x, -1e30, 1e30);
      expect_same(rule, {finite, upstream}, numbers);
    } else {
      expect_same(rule, {x, upstream}, numbers);
    }
    const at::Tensor broken = at::full({1}, std::numeric_limits<float>::quiet_NaN());
    const at::Tensor one = at::ones({1});
    EXPECT_TRUE(at::equal(rule.fast({broken, one}, numbers).of_x,
                          rule.reference({broken, one}, numbers).of_x));
  }
}

}  // namespace
}  // namespace sluice::train
