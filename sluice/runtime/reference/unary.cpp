// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <numbers>

#include "sluice/runtime/reference/kernel.hpp"
#include "sluice/runtime/reference/values.hpp"

namespace sluice::runtime::reference {
namespace {

// y = f(x) on any type dispatch() knows; f takes and returns the type computed in.
template <class F>
Status map(const KernelArgs& args, F f) {
  return dispatch(args.in(0).dtype(), [&]<class T>(T) -> Status {
    SL_TRY(std::vector<T> values, read_values<T>(args.in(0)));
    for (T& value : values) value = f(value);
    return write_values(values, args.out());
  });
}

// The same for functions that are defined on floats only.
template <class F>
Status map_floats(const KernelArgs& args, F f) {
  SL_TRY(std::vector<double> values, read_floats(args.in(0)));
  for (double& value : values) value = f(value);
  return write_floats(values, args.out());
}

double sigmoid(double x) {
  // Both forms are exact in theory; each is used where its exponential cannot overflow.
  return x >= 0 ? 1 / (1 + std::exp(-x)) : std::exp(x) / (1 + std::exp(x));
}

double softplus(double x) {
  return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)));
}

// −value without overflow: the most negative integer is its own negative.
template <class T>
T negated(T value) {
  if constexpr (std::is_integral_v<T>) return static_cast<T>(0 - static_cast<Wrapping<T>>(value));
  return static_cast<T>(-value);
}

}  // namespace

Status run(const ir::Abs& /*op*/, const KernelArgs& args) {
  return map(args, []<class T>(T x) {
    if constexpr (std::is_same_v<T, double>) return std::abs(x);
    return x < T{0} ? negated(x) : x;
  });
}

Status run(const ir::Neg& /*op*/, const KernelArgs& args) {
  return map(args, []<class T>(T x) { return negated(x); });
}

Status run(const ir::Relu& /*op*/, const KernelArgs& args) {
  return map(args, []<class T>(T x) { return x < T{0} ? T{0} : x; });
}

Status run(const ir::Erf& /*op*/, const KernelArgs& args) {
  return map(args, []<class T>(T x) { return saturate_to<T>(std::erf(static_cast<double>(x))); });
}

Status run(const ir::Exp& /*op*/, const KernelArgs& args) {
  return map_floats(args, [](double x) { return std::exp(x); });
}

Status run(const ir::Round& /*op*/, const KernelArgs& args) {
  return map_floats(args, [](double x) { return std::nearbyint(x); });
}

Status run(const ir::Log& /*op*/, const KernelArgs& args) {
  return map_floats(args, [](double x) { return std::log(x); });
}

Status run(const ir::Sqrt& /*op*/, const KernelArgs& args) {
  return map_floats(args, [](double x) { return std::sqrt(x); });
}

Status run(const ir::Tanh& /*op*/, const KernelArgs& args) {
  return map_floats(args, [](double x) { return std::tanh(x); });
}

Status run(const ir::Sigmoid& /*op*/, const KernelArgs& args) {
  return map_floats(args, sigmoid);
}

Status run(const ir::Softplus& /*op*/, const KernelArgs& args) {
  return map_floats(args, softplus);
}

Status run(const ir::Mish& /*op*/, const KernelArgs& args) {
  return map_floats(args, [](double x) { return x * std::tanh(softplus(x)); });
}

Status run(const ir::Elu& op, const KernelArgs& args) {
  const double alpha = op.alpha;
  return map_floats(args, [=](double x) { return x < 0 ? alpha * std::expm1(x) : x; });
}

Status run(const ir::Selu& op, const KernelArgs& args) {
  const double alpha = op.alpha;
  const double gamma = op.gamma;
  return map_floats(args, [=](double x) { return gamma * (x <= 0 ? alpha * std::expm1(x) : x); });
}

Status run(const ir::LeakyRelu& op, const KernelArgs& args) {
  const double alpha = op.alpha;
  return map_floats(args, [=](double x) { return x < 0 ? alpha * x : x; });
}

Status run(const ir::ThresholdedRelu& op, const KernelArgs& args) {
  const double alpha = op.alpha;
  return map_floats(args, [=](double x) { return x <= alpha ? 0 : x; });
}

Status run(const ir::HardSigmoid& op, const KernelArgs& args) {
  const double alpha = op.alpha;
  const double beta = op.beta;
  return map_floats(args, [=](double x) { return std::clamp(alpha * x + beta, 0.0, 1.0); });
}

Status run(const ir::HardSwish& /*op*/, const KernelArgs& args) {
  return map_floats(args, [](double x) { return x * std::clamp(x / 6 + 0.5, 0.0, 1.0); });
}

Status run(const ir::Gelu& op, const KernelArgs& args) {
  using std::numbers::inv_pi;
  using std::numbers::sqrt2;
  if (op.tanh_approximation) {
    return map_floats(args, [](double x) {
      return 0.5 * x * (1 + std::tanh(std::sqrt(2 * inv_pi) * (x + 0.044715 * x * x * x)));
    });
  }
  return map_floats(args, [](double x) { return 0.5 * x * std::erfc(-x / sqrt2); });
}

Status run(const ir::Clip& /*op*/, const KernelArgs& args) {
  return dispatch(args.in(0).dtype(), [&]<class T>(T) -> Status {
    SL_TRY(std::vector<T> values, read_values<T>(args.in(0)));
    if (args.has(1)) {
      SL_TRY(const std::vector<T> least, read_values<T>(args.in(1)));
      for (T& value : values) value = value < least[0] ? least[0] : value;
    }
    if (args.has(2)) {
      SL_TRY(const std::vector<T> most, read_values<T>(args.in(2)));
      for (T& value : values) value = value > most[0] ? most[0] : value;
    }
    return write_values(values, args.out());
  });
}

}  // namespace sluice::runtime::reference
