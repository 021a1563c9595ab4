// SPDX-License-Identifier: Apache-2.0
#include "sluice/runtime/onednn/chain_kernels.hpp"

#include <algorithm>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sluice/runtime/onednn/chain_kernels.cpp"
// The first includes this file once an instruction set; the others follow each time, in this order.
// clang-format off
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
#include <hwy/contrib/math/math-inl.h>
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace sluice::runtime::onednn::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// At most kLanes lanes, so that a whole number of vectors covers one period.
using D = hn::CappedTag<float, kLanes>;
using V = hn::Vec<D>;

HWY_INLINE V splat(float x) {
  return hn::Set(D(), x);
}

HWY_INLINE V logistic(V x) {
  const V exponent = hn::Min(hn::Neg(x), splat(88));  // Exp is defined up to there
  return hn::Div(splat(1), hn::Add(splat(1), hn::Exp(D(), exponent)));
}

// data[i] = function(data[i], i) for vectors at i; a partial last one goes through a padded buffer.
template <class Function>
HWY_INLINE void for_each_vector(float* data, std::size_t size, const Function& function) {
  const D d;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t i = 0;
  for (; i + lanes <= size; i += lanes)
    hn::StoreU(function(hn::LoadU(d, data + i), i), d, data + i);
  if (i == size) return;
  HWY_ALIGN float rest[kLanes] = {};
  std::memcpy(rest, data + i, (size - i) * sizeof(float));
  hn::Store(function(hn::Load(d, rest), i), d, rest);
  std::memcpy(data + i, rest, (size - i) * sizeof(float));
}

template <class Function>
HWY_INLINE void map(float* data, std::size_t size, const Function& function) {
  for_each_vector(data, size, [&](V x, std::size_t /*i*/) HWY_ATTR { return function(x); });
}

void activation(const Activation& f, float* data, std::size_t size) {
  const V zero = hn::Zero(D());
  const V alpha = splat(f.alpha);
  const V beta = splat(f.beta);
  switch (f.algorithm) {
    case dnnl::algorithm::eltwise_relu:
      if (f.alpha == 0) {
        return map(data, size, [&](V x) HWY_ATTR { return hn::Max(x, zero); });
      }
      return map(data, size, [&](V x) HWY_ATTR {
        return hn::IfThenElse(hn::Ge(x, zero), x, hn::Mul(alpha, x));
      });
    case dnnl::algorithm::eltwise_clip:
      return map(data, size, [&](V x) HWY_ATTR { return hn::Min(hn::Max(x, alpha), beta); });
    case dnnl::algorithm::eltwise_linear:
      return map(data, size, [&](V x) HWY_ATTR { return hn::Add(hn::Mul(alpha, x), beta); });
    case dnnl::algorithm::eltwise_abs:
      return map(data, size, [&](V x) HWY_ATTR { return hn::Abs(x); });
    case dnnl::algorithm::eltwise_logistic:
      return map(data, size, [&](V x) HWY_ATTR { return logistic(x); });
    case dnnl::algorithm::eltwise_swish:
      return map(data, size, [&](V x) HWY_ATTR { return hn::Mul(x, logistic(hn::Mul(alpha, x))); });
    case dnnl::algorithm::eltwise_hardswish: {
      const V sixth = splat(1.0F / 6);
      const V half = splat(0.5F);
      return map(data, size, [&](V x) HWY_ATTR {
        const V gate = hn::Add(hn::Mul(x, sixth), half);
        return hn::Mul(x, hn::Max(zero, hn::Min(splat(1), gate)));
      });
    }
    default:
      SL_ASSERT(false, "activation without a kernel");
  }
}

// A period of kLanes, the commonest, stays in registers; others are walked beside the data.
template <class Function>
HWY_INLINE void combine(std::span<float> data, std::span<const float> other,
                        const Function& function) {
  const D d;
  if (other.size() == kLanes) {
    return for_each_vector(data.data(), data.size(), [&](V x, std::size_t i) HWY_ATTR {
      return function(x, hn::LoadU(d, other.data() + i % kLanes));
    });
  }
  for (std::size_t begin = 0; begin < data.size(); begin += other.size()) {
    const std::size_t size = std::min(other.size(), data.size() - begin);
    for_each_vector(data.data() + begin, size, [&](V x, std::size_t i) HWY_ATTR {
      if (i + hn::Lanes(d) <= size) return function(x, hn::LoadU(d, other.data() + i));
      HWY_ALIGN float rest[kLanes] = {};
      std::memcpy(rest, other.data() + i, (size - i) * sizeof(float));
      return function(x, hn::Load(d, rest));
    });
  }
}

void binary(BinaryFunction f, std::span<float> data, std::span<const float> other) {
  const auto run = [&](const auto& function) HWY_ATTR { combine(data, other, function); };
  switch (f) {
    case BinaryFunction::Add:
      return run([](V x, V y) HWY_ATTR { return hn::Add(x, y); });
    case BinaryFunction::Subtract:
      return run([](V x, V y) HWY_ATTR { return hn::Sub(x, y); });
    case BinaryFunction::SubtractFrom:
      return run([](V x, V y) HWY_ATTR { return hn::Sub(y, x); });
    case BinaryFunction::Multiply:
      return run([](V x, V y) HWY_ATTR { return hn::Mul(x, y); });
    case BinaryFunction::Divide:
      return run([](V x, V y) HWY_ATTR { return hn::Div(x, y); });
    case BinaryFunction::DivideInto:
      return run([](V x, V y) HWY_ATTR { return hn::Div(y, x); });
    case BinaryFunction::Maximum:
      return run([](V x, V y) HWY_ATTR { return hn::Max(x, y); });
    case BinaryFunction::Minimum:
      return run([](V x, V y) HWY_ATTR { return hn::Min(x, y); });
    case BinaryFunction::PRelu:
      return run([](V x, V y) HWY_ATTR {
        return hn::IfThenElse(hn::Ge(x, hn::Zero(D())), x, hn::Mul(y, x));
      });
    case BinaryFunction::Threshold:
      return run([](V x, V y) HWY_ATTR { return hn::IfThenZeroElse(hn::Le(x, y), x); });
  }
}

}  // namespace sluice::runtime::onednn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sluice::runtime::onednn {

HWY_EXPORT(activation);
HWY_EXPORT(binary);

bool has_kernel(dnnl::algorithm algorithm) {
  switch (algorithm) {
    case dnnl::algorithm::eltwise_relu:
    case dnnl::algorithm::eltwise_clip:
    case dnnl::algorithm::eltwise_linear:
    case dnnl::algorithm::eltwise_abs:
    case dnnl::algorithm::eltwise_logistic:
    case dnnl::algorithm::eltwise_swish:
    case dnnl::algorithm::eltwise_hardswish:
      return true;
    default:
      return false;
  }
}

void apply_activation(const Activation& activation, float* data, std::size_t size) {
  HWY_DYNAMIC_DISPATCH(activation)(activation, data, size);
}

void apply_binary(BinaryFunction function, std::span<float> data, std::span<const float> other) {
  HWY_DYNAMIC_DISPATCH(binary)(function, data, other);
}

}  // namespace sluice::runtime::onednn
#endif
