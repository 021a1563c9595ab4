// SPDX-License-Identifier: Apache-2.0
// Compiled once an instruction set; `V` is a vector of float32. Each step is that of the reference,
// so that lanes and scalars agree bit for bit.
#include "sluice/train/fake_quantize_kernels.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sluice/train/fake_quantize_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace sluice::train::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<float, kFakeQuantizeLanes>;
using V = hn::Vec<D>;

HWY_INLINE V splat(float x) {
  return hn::Set(D(), x);
}

void by_step(const StepNumbers& numbers, const float* x, const float* upstream,
             const GradientParts& parts, std::size_t n) {
  const D d;
  const V step = splat(numbers.step);
  const V lowest = splat(numbers.lowest), highest = splat(numbers.highest);
  const V low = splat(numbers.lowest - numbers.zero_point);
  const V high = splat(numbers.highest - numbers.zero_point);
  for (std::size_t i = 0; i < n; i += hn::Lanes(d)) {
    const V v = hn::Div(hn::LoadU(d, x + i), step), g = hn::LoadU(d, upstream + i);
    const auto below = hn::Le(v, low), above = hn::Ge(v, high);
    const auto outside = hn::Or(below, above);
    const V inside = hn::Sub(hn::Round(v), v);
    const V of_step = hn::IfThenElse(above, highest, hn::IfThenElse(below, lowest, inside));
    hn::StoreU(hn::IfThenZeroElse(outside, g), d, parts.of_x + i);
    hn::StoreU(hn::Mul(of_step, g), d, parts.of_learnt + i);
    hn::StoreU(hn::IfThenElseZero(outside, g), d, parts.of_offset + i);
  }
}

void by_clip(float clip, const float* x, const float* upstream, const GradientParts& parts,
             std::size_t n) {
  const D d;
  const V a = splat(clip), zero = splat(0);
  for (std::size_t i = 0; i < n; i += hn::Lanes(d)) {
    const V value = hn::LoadU(d, x + i), g = hn::LoadU(d, upstream + i);
    const auto above = hn::Ge(value, a);
    hn::StoreU(hn::IfThenZeroElse(hn::Or(above, hn::Lt(value, zero)), g), d, parts.of_x + i);
    hn::StoreU(hn::IfThenElseZero(above, g), d, parts.of_learnt + i);
  }
}

void normalized(float clip, float range, const float* x, const float* upstream,
                const GradientParts& parts, std::size_t n) {
  const D d;
  const V a = splat(clip), zero = splat(0), slope = splat(range / clip);
  for (std::size_t i = 0; i < n; i += hn::Lanes(d)) {
    const V value = hn::LoadU(d, x + i), g = hn::LoadU(d, upstream + i);
    const auto inside = hn::And(hn::Gt(value, zero), hn::Lt(value, a));
    const auto at_ends = hn::Or(hn::Eq(value, zero), hn::Eq(value, a));
    const V part = hn::IfThenElse(at_ends, splat(0.5F), hn::IfThenElseZero(inside, splat(1)));
    const V of_x = hn::Mul(hn::Mul(part, g), slope);
    hn::StoreU(of_x, d, parts.of_x + i);
    hn::StoreU(hn::Neg(hn::Div(hn::Mul(of_x, value), a)), d, parts.of_learnt + i);
  }
}

const FakeQuantizeKernels* table() {
  static constexpr FakeQuantizeKernels kKernels{by_step, by_clip, normalized};
  return &kKernels;
}

}  // namespace sluice::train::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sluice::train {

HWY_EXPORT(table);

const FakeQuantizeKernels& fake_quantize_kernels() {
  return *HWY_DYNAMIC_DISPATCH(table)();
}

}  // namespace sluice::train
#endif
