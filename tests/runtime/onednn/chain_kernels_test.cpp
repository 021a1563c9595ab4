// SPDX-License-Identifier: Apache-2.0
#include "sluice/runtime/onednn/chain_kernels.hpp"

#include <cmath>
#include <functional>

#include "tests/support/net.hpp"

namespace sluice::runtime::onednn {
namespace {

// Lengths around the vectors' and the period's.
const std::vector<std::size_t> kSizes{1, 3, 8, 15, 16, 17, 31, 48, 100};

std::vector<float> values(std::size_t size, std::uint32_t seed, float low = -6, float high = 6) {
  const Tensor tensor = test::random_tensor({static_cast<std::int64_t>(size)}, seed, low, high);
  const auto data = tensor.data<float>();
  return {data.begin(), data.end()};
}

void expect_activation(const Activation& activation,
                       const std::function<double(double)>& expected) {
  for (const std::size_t size : kSizes) {
    const auto x = values(size, 1);
    auto y = x;
    apply_activation(activation, y.data(), size);
    for (std::size_t i = 0; i < size; ++i) EXPECT_NEAR(y[i], expected(x[i]), 2e-6) << x[i];
  }
}

double sigmoid(double x) {
  return 1 / (1 + std::exp(-x));
}

TEST(ChainKernels, ActivationsAreTheirFormulas) {
  using enum dnnl::algorithm;
  expect_activation({eltwise_relu, 0, 0}, [](double x) { return std::max(0.0, x); });
  expect_activation({eltwise_relu, 0.25F, 0}, [](double x) { return x >= 0 ? x : 0.25 * x; });
  expect_activation({eltwise_clip, -1, 2}, [](double x) { return std::clamp(x, -1.0, 2.0); });
  expect_activation({eltwise_linear, 2, -3}, [](double x) { return 2 * x - 3; });
  expect_activation({eltwise_abs, 0, 0}, [](double x) { return std::abs(x); });
  expect_activation({eltwise_logistic, 0, 0}, sigmoid);
  expect_activation({eltwise_swish, 1, 0}, [](double x) { return x * sigmoid(x); });
  expect_activation({eltwise_hardswish, 0, 0},
                    [](double x) { return x * std::clamp(x / 6 + 0.5, 0.0, 1.0); });
}

TEST(ChainKernels, SigmoidIsRightFarOut) {
  std::vector<float> x{-1000, -100, 100, 1000};
  apply_activation({dnnl::algorithm::eltwise_logistic, 0, 0}, x.data(), x.size());
  EXPECT_NEAR(x[0], 0, 1e-37);
  EXPECT_NEAR(x[1], 0, 1e-37);
  EXPECT_EQ(x[2], 1);
  EXPECT_EQ(x[3], 1);
}

TEST(ChainKernels, BinariesAreTheirFormulas) {
  const std::vector<std::pair<BinaryFunction, std::function<float(float, float)>>> functions{
      {BinaryFunction::Add, [](float x, float y) { return x + y; }},
      {BinaryFunction::Subtract, [](float x, float y) { return x - y; }},
      {BinaryFunction::SubtractFrom, [](float x, float y) { return y - x; }},
      {BinaryFunction::Multiply, [](float x, float y) { return x * y; }},
      {BinaryFunction::Divide, [](float x, float y) { return x / y; }},
      {BinaryFunction::DivideInto, [](float x, float y) { return y / x; }},
      {BinaryFunction::Maximum, [](float x, float y) { return std::max(x, y); }},
      {BinaryFunction::Minimum, [](float x, float y) { return std::min(x, y); }},
      {BinaryFunction::PRelu, [](float x, float y) { return x >= 0 ? x : y * x; }},
      {BinaryFunction::Threshold, [](float x, float y) { return x > y ? x : 0; }},
  };
  for (const auto& [name, function] : functions) {
    for (const std::size_t size : kSizes) {
      for (const std::size_t period : {size, kLanes, std::size_t{24}}) {
        const auto x = values(size, 1, 1, 3);
        const auto other = values(period, 2, 1, 3);
        auto y = x;
        apply_binary(name, y, other);
        for (std::size_t i = 0; i < size; ++i) {
          EXPECT_EQ(y[i], function(x[i], other[i % period]));
        }
      }
    }
  }
}

TEST(ChainKernels, SayWhatTheyHave) {
  EXPECT_TRUE(has_kernel(dnnl::algorithm::eltwise_relu));
  EXPECT_FALSE(has_kernel(dnnl::algorithm::eltwise_gelu_erf));
}

}  // namespace
}  // namespace sluice::runtime::onednn
