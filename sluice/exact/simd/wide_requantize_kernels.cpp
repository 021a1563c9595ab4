// SPDX-License-Identifier: Apache-2.0
// Compiled once an instruction set.
#include "sluice/exact/simd/wide_requantize_kernels.hpp"

#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sluice/exact/simd/wide_requantize_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace sluice::exact::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<std::int32_t>;
using V = hn::Vec<D>;

#if HWY_TARGET == HWY_SCALAR
using DWide = hn::ScalableTag<std::int64_t>;
#else
using DWide = hn::RepartitionToWide<D>;
#endif
using VWide = hn::Vec<DWide>;

// floor(value/2^shift), shift ≤ 61, |value| < 2^61: where there is no such shift of signed numbers,
// that of the positive number value + 2^61.
HWY_INLINE VWide shifted(VWide value, VWide shift) {
#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_EMU128
  return hn::Shr(value, shift);
#else
  const hn::RebindToUnsigned<DWide> unsigned_d;
  const auto by = hn::BitCast(unsigned_d, shift);
  const auto offset = hn::Set(unsigned_d, std::uint64_t{1} << 61);
  const auto positive = hn::Add(hn::BitCast(unsigned_d, value), offset);
  return hn::BitCast(DWide(), hn::Sub(hn::Shr(positive, by), hn::Shr(offset, by)));
#endif
}

// What is behind the zero point in WideLaneParams.
struct WideLanes {
  VWide bias, rounding, to_even, shift;

  HWY_INLINE WideLanes(const WideLaneParams& params, std::int64_t channel)
      : bias(hn::LoadU(DWide(), params.bias + channel)),
        rounding(hn::LoadU(DWide(), params.rounding + channel)),
        to_even(hn::LoadU(DWide(), params.to_even + channel)),
        shift(hn::LoadU(DWide(), params.shift + channel)) {}

  // Between ±2^30, where every code of 16 bits is at its end.
  HWY_INLINE VWide operator()(const std::int64_t* acc) const {
    const DWide d;
    const VWide sum = hn::Add(hn::LoadU(d, acc), bias);
    const VWide odd = hn::And(shifted(sum, shift), to_even);
    const VWide code = shifted(hn::Add(sum, hn::Add(rounding, odd)), shift);
    constexpr std::int64_t kFar = 1 << 30;
    return hn::Min(hn::Max(code, hn::Set(d, -kFar)), hn::Set(d, kFar));
  }
};

template <class Code>
void requantize_rows(const WideLaneParams& params, std::int64_t num_pixels,
                     std::int64_t num_channels, PixelRows<const std::int64_t> acc,
                     PixelRows<std::byte> out) {
  const D d;
  const hn::Rebind<Code, D> narrow;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  for (std::int64_t m = 0; m < num_channels; m += lanes) {
    const WideLanes low(params, m);
    const V zero_point = hn::LoadU(d, params.zero_point + m);
    const V lowest = hn::LoadU(d, params.lowest + m);
    const V highest = hn::LoadU(d, params.highest + m);
    const auto bytes = static_cast<std::size_t>(HWY_MIN(lanes, num_channels - m)) * sizeof(Code);
#if HWY_TARGET != HWY_SCALAR
    const auto half = static_cast<std::int64_t>(hn::Lanes(DWide()));
    const WideLanes high(params, m + half);
#endif
    for (std::int64_t p = 0; p < num_pixels; ++p) {
      const std::int64_t* from = acc.data + p * acc.stride + m;
#if HWY_TARGET == HWY_SCALAR
      const V steps = hn::Set(d, static_cast<std::int32_t>(hn::GetLane(low(from))));
#else
      const V steps =
          hn::ConcatEven(d, hn::BitCast(d, high(from + half)), hn::BitCast(d, low(from)));
#endif
      const V code = hn::Min(hn::Max(hn::Add(steps, zero_point), lowest), highest);
      HWY_ALIGN Code part[hn::MaxLanes(narrow)];
      hn::StoreU(hn::DemoteTo(narrow, code), narrow, part);
      std::memcpy(out.data + p * out.stride + m * static_cast<std::int64_t>(sizeof(Code)), part,
                  bytes);
    }
  }
}

const WideRequantizeKernels* wide_requantize_table() {
  static constexpr WideRequantizeKernels kKernels{
      requantize_rows<std::int8_t>, requantize_rows<std::uint8_t>, requantize_rows<std::int16_t>,
      requantize_rows<std::uint16_t>};
  return &kKernels;
}

}  // namespace sluice::exact::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sluice::exact {

HWY_EXPORT(wide_requantize_table);

const WideRequantizeKernels& wide_requantize_kernels() {
  return *HWY_DYNAMIC_DISPATCH(wide_requantize_table)();
}

}  // namespace sluice::exact
#endif
