// SPDX-License-Identifier: Apache-2.0
#include "sluice/train/fake_quantize_kernels.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <gtest/gtest.h>
#include <limits>
#include <vector>

#include "tests/support/every_target.hpp"

#include "sluice/base/rng.hpp"

namespace sluice::train {
namespace {

struct Found {
  std::vector<float> of_x, of_learnt, of_offset;
  explicit Found(std::size_t n) : of_x(n), of_learnt(n), of_offset(n) {}
  GradientParts parts() { return {of_x.data(), of_learnt.data(), of_offset.data()}; }
};

// As bits, but that every NaN is one.
std::vector<std::uint32_t> bits_of(const std::vector<float>& values) {
  std::vector<std::uint32_t> bits;
  bits.reserve(values.size());
  for (const float value : values) {
    bits.push_back(std::isnan(value) ? 1U : std::bit_cast<std::uint32_t>(value));
  }
  return bits;
}

void expect_equal(const Found& found, const Found& expected, const char* target) {
  EXPECT_EQ(bits_of(found.of_x), bits_of(expected.of_x)) << target;
  EXPECT_EQ(bits_of(found.of_learnt), bits_of(expected.of_learnt)) << target;
  EXPECT_EQ(bits_of(found.of_offset), bits_of(expected.of_offset)) << target;
}

constexpr std::size_t kKernelValues = 160;

// Ends, ties and what is no number first.
std::vector<float> hard_inputs() {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  std::vector<float> x{0.0F,   -0.0F, 0.25F,  0.125F,    0.375F,     -0.125F,
                       1.75F,  -2.0F, 1e30F,  -1e30F,    kInfinity,  -kInfinity,
                       1e-45F, 2.0F,  2.125F, 1.999999F, -1.999999F, std::nanf("")};
  Rng rng(3);
  while (x.size() < kKernelValues) x.push_back(static_cast<float>(2 * rng.normal()));
  return x;
}

std::vector<float> gradients() {
  Rng rng(4);
  std::vector<float> g(kKernelValues);
  for (float& value : g) value = static_cast<float>(rng.normal());
  return g;
}

TEST(FakeQuantizeKernels, ByStepIsTheFormulaOnEveryInstructionSet) {
  const std::vector<float> x = hard_inputs(), g = gradients();
  for (const float zero_point : {0.0F, 3.0F, -8.0F}) {
    const StepNumbers numbers{0.25F, zero_point, -8, 7};
    Found expected(kKernelValues);
    for (std::size_t i = 0; i < kKernelValues; ++i) {
      const float v = x[i] / 0.25F;
      const bool below = v <= -8 - zero_point, above = v >= 7 - zero_point;
      const float inside = std::nearbyint(v) - v;
      expected.of_x[i] = below || above ? 0 : g[i];
      expected.of_learnt[i] = (above ? 7.0F : below ? -8.0F : inside) * g[i];
      expected.of_offset[i] = below || above ? g[i] : 0;
    }
    test::on_every_target([&](const char* target) {
      Found found(kKernelValues);
      fake_quantize_kernels().by_step(numbers, x.data(), g.data(), found.parts(), kKernelValues);
      expect_equal(found, expected, target);
    });
  }
}

TEST(FakeQuantizeKernels, ByClipIsTheFormulaOnEveryInstructionSet) {
  const std::vector<float> x = hard_inputs(), g = gradients();
  Found expected(kKernelValues);
  for (std::size_t i = 0; i < kKernelValues; ++i) {
    expected.of_x[i] = x[i] >= 2 || x[i] < 0 ? 0 : g[i];
    expected.of_learnt[i] = x[i] >= 2 ? g[i] : 0;
  }
  test::on_every_target([&](const char* target) {
    Found found(kKernelValues);
    fake_quantize_kernels().by_clip(2, x.data(), g.data(), found.parts(), kKernelValues);
    expect_equal(found, expected, target);
  });
}

TEST(FakeQuantizeKernels, NormalizedIsTheFormulaOnEveryInstructionSet) {
  const std::vector<float> x = hard_inputs(), g = gradients();
  Found expected(kKernelValues);
  for (std::size_t i = 0; i < kKernelValues; ++i) {
    const float inside = x[i] > 0 && x[i] < 2 ? 1 : 0;
    const float part = x[i] == 0 || x[i] == 2 ? 0.5F : inside;
    expected.of_x[i] = part * g[i] * 3;
    expected.of_learnt[i] = -(expected.of_x[i] * x[i] / 2);
  }
  test::on_every_target([&](const char* target) {
    Found found(kKernelValues);
    fake_quantize_kernels().normalized(2, 6, x.data(), g.data(), found.parts(), kKernelValues);
    expect_equal(found, expected, target);
  });
}

TEST(FakeQuantizeKernels, TouchNothingBeyondTheirValues) {
  const std::vector<float> x = hard_inputs(), g = gradients();
  test::on_every_target([&](const char* target) {
    Found found(kKernelValues);
    found.of_x.back() = found.of_learnt.back() = found.of_offset.back() = 77;
    const std::size_t fewer = kKernelValues - kFakeQuantizeLanes;
    fake_quantize_kernels().by_step({0.25F, 0, -8, 7}, x.data(), g.data(), found.parts(), fewer);
    EXPECT_EQ(found.of_x.back() + found.of_learnt.back() + found.of_offset.back(), 231) << target;
  });
}

}  // namespace
}  // namespace sluice::train
