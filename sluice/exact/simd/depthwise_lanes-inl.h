// SPDX-License-Identifier: Apache-2.0
// How depthwise kernels load codes and multiply them, a channel a lane. Included once an
// instruction set, after highway.h.
#if defined(SLUICE_EXACT_SIMD_DEPTHWISE_LANES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef SLUICE_EXACT_SIMD_DEPTHWISE_LANES_INL_H_
#undef SLUICE_EXACT_SIMD_DEPTHWISE_LANES_INL_H_
#else
#define SLUICE_EXACT_SIMD_DEPTHWISE_LANES_INL_H_
#endif

#include <cstdint>
#include <cstring>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace sluice::exact::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<std::int32_t>;
using V = hn::Vec<D>;

// A product of 16-bit numbers held in 32 bits; the upper half of b is 0.
HWY_INLINE V add_product(V acc, V a, V b) {
#if HWY_ARCH_X86 && HWY_TARGET != HWY_EMU128 && HWY_TARGET != HWY_SCALAR
  // The upper half of b takes the sign of a out of the pair; the instruction is a fast one.
  const hn::RepartitionToNarrow<D> d16;
  V unused = hn::Zero(D());
  return hn::ReorderWidenMulAccumulate(D(), hn::BitCast(d16, a), hn::BitCast(d16, b), acc, unused);
#else
  return hn::Add(acc, hn::Mul(a, hn::ShiftRight<16>(hn::ShiftLeft<16>(b))));
#endif
}

// The first `count` ≥ 1 of a vector of codes.
template <class Code>
HWY_INLINE hn::Vec<hn::Rebind<Code, D>> load_codes(const std::byte* from, std::int64_t count) {
  const hn::Rebind<Code, D> narrow;
  if constexpr (hn::MaxLanes(D()) > 1) {
    if (count < static_cast<std::int64_t>(hn::Lanes(narrow))) {
      HWY_ALIGN Code part[hn::MaxLanes(narrow)] = {};
      std::memcpy(part, from, static_cast<std::size_t>(count) * sizeof(Code));
      return hn::LoadU(narrow, part);
    }
  }
  return hn::LoadU(narrow, reinterpret_cast<const Code*>(from));
}

}  // namespace sluice::exact::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
