// SPDX-License-Identifier: Apache-2.0
// From lanes of accumulators to codes less an offset, in each arithmetic. Included by kernels once
// an instruction set, after highway.h.
#if defined(SLUICE_EXACT_SIMD_REQUANTIZE_LANES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef SLUICE_EXACT_SIMD_REQUANTIZE_LANES_INL_H_
#undef SLUICE_EXACT_SIMD_REQUANTIZE_LANES_INL_H_
#else
#define SLUICE_EXACT_SIMD_REQUANTIZE_LANES_INL_H_
#endif

#include <hwy/highway.h>

#include "sluice/exact/simd/avx512_bytes.hpp"
#include "sluice/exact/simd/requantize_kernels.hpp"

HWY_BEFORE_NAMESPACE();
namespace sluice::exact::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using DLanes = hn::ScalableTag<std::int32_t>;
using VLanes = hn::Vec<DLanes>;

// floor((x·mantissa + first_rounding)/2^31) + rounding for |x| < 2^30, as the upper half of
// 2x·mantissa + 2·first_rounding + rounding·2^32.
#if HWY_TARGET == HWY_SCALAR
struct HighMul {
  VLanes mantissa, first_rounding, rounding;

  HWY_INLINE HighMul(VLanes factor, VLanes first, VLanes second)
      : mantissa(factor), first_rounding(first), rounding(second) {}

  HWY_INLINE VLanes operator()(VLanes x) const {
    const std::int64_t product = std::int64_t{hn::GetLane(x)} * hn::GetLane(mantissa);
    const std::int64_t high = (product + hn::GetLane(first_rounding)) >> 31;
    return hn::Set(DLanes(), static_cast<std::int32_t>(high + hn::GetLane(rounding)));
  }
};
#else
struct HighMul {
  using DWide = hn::RepartitionToWide<DLanes>;
  using DBits = hn::RebindToUnsigned<DWide>;
  VLanes mantissa, odd_mantissa;
  hn::Vec<DBits> even_rounding, odd_rounding;

  HWY_INLINE HighMul(VLanes factor, VLanes first, VLanes second) : mantissa(factor) {
    const auto low = hn::BitCast(DBits(), hn::ShiftLeft<1>(first));
    const auto high = hn::BitCast(DBits(), second);
    odd_mantissa = hn::BitCast(DLanes(), hn::ShiftRight<32>(hn::BitCast(DBits(), factor)));
    even_rounding = hn::Or(hn::ShiftRight<32>(hn::ShiftLeft<32>(low)), hn::ShiftLeft<32>(high));
    odd_rounding = hn::BitCast(
        DBits(),
        hn::OddEven(hn::BitCast(DLanes(), high), hn::BitCast(DLanes(), hn::ShiftRight<32>(low))));
  }

  HWY_INLINE VLanes operator()(VLanes x) const {
    const VLanes twice = hn::Add(x, x);
    const VLanes odd_twice = hn::BitCast(DLanes(), hn::ShiftRight<32>(hn::BitCast(DBits(), twice)));
    const auto even = hn::Add(hn::BitCast(DBits(), hn::MulEven(twice, mantissa)), even_rounding);
    const auto odd =
        hn::Add(hn::BitCast(DBits(), hn::MulEven(odd_twice, odd_mantissa)), odd_rounding);
#if HWY_TARGET == HWY_AVX3
    return VLanes{_mm512_mask_shuffle_epi32(odd.raw, 0x5555, even.raw, _MM_PERM_DDBB)};
#else
    return hn::OddEven(hn::BitCast(DLanes(), odd), hn::BitCast(DLanes(), hn::ShiftRight<32>(even)));
#endif
  }
};
#endif

// The functions below turn lanes of accumulators into codes less code_offset.

// multiply_rounding_twice and multiply_rounding_once, as LaneParams has them.
template <bool kIsDouble>
struct Integer {
  HighMul high_mul;
  VLanes negative_below, shift;

  HWY_INLINE Integer(const LaneParams& params, std::int64_t channel)
      : high_mul(hn::LoadU(DLanes(), params.mantissa + channel),
                 hn::LoadU(DLanes(), params.first_rounding + channel),
                 hn::LoadU(DLanes(), params.rounding + channel)),
        negative_below(hn::LoadU(DLanes(), params.negative_below + channel)),
        shift(hn::LoadU(DLanes(), params.shift + channel)) {}

  static std::int32_t code_offset(const LaneParams& params) { return params.zero_point; }

  HWY_INLINE VLanes operator()(VLanes acc) const {
    VLanes sum = high_mul(acc);
    if constexpr (kIsDouble) {
      const auto is_negative = hn::Lt(sum, negative_below);
#if HWY_TARGET == HWY_AVX3
      sum = VLanes{_mm512_mask_sub_epi32(sum.raw, is_negative.raw, sum.raw, _mm512_set1_epi32(1))};
#else
      sum = hn::Add(sum, hn::VecFromMask(DLanes(), is_negative));
#endif
    }
    return hn::Shr(sum, shift);
  }
};

// The arithmetics that shift, as LaneParams has them.
struct Shift {
  VLanes rounding, to_even, shift;

  HWY_INLINE Shift(const LaneParams& params, std::int64_t channel)
      : rounding(hn::LoadU(DLanes(), params.rounding + channel)),
        to_even(hn::LoadU(DLanes(), params.to_even + channel)),
        shift(hn::LoadU(DLanes(), params.shift + channel)) {}

  static std::int32_t code_offset(const LaneParams& params) { return params.zero_point; }

  HWY_INLINE VLanes operator()(VLanes acc) const {
    const VLanes odd = hn::And(hn::Shr(acc, shift), to_even);
    return hn::Shr(hn::Add(acc, hn::Add(rounding, odd)), shift);
  }
};

// As numeric::requantize in float32. Clamping to integers before the rounding changes nothing, and
// keeps the conversion in range.
struct Float32 {
  using DF = hn::RebindToFloat<DLanes>;
  hn::Vec<DF> factor, lowest, highest;

  HWY_INLINE Float32(const LaneParams& params, std::int64_t channel)
      : factor(hn::LoadU(DF(), params.factor + channel)),
        lowest(hn::Set(DF(), static_cast<float>(params.lowest - params.zero_point))),
        highest(hn::Set(DF(), static_cast<float>(params.highest - params.zero_point))) {}

  static std::int32_t code_offset(const LaneParams& params) { return params.zero_point; }

  HWY_INLINE VLanes operator()(VLanes acc) const {
    const auto product = hn::Mul(hn::ConvertTo(DF(), acc), factor);
#if HWY_TARGET == HWY_AVX3
    // What is too small becomes the smallest integer, so only one side needs the clamp.
    return VLanes{_mm512_cvtps_epi32(hn::Min(product, highest).raw)};
#else
    return hn::NearestInt(hn::Min(hn::Max(product, lowest), highest));
#endif
  }
};

// As numeric::requantize in float64, in two halves.
struct Float64 {
  using DF = hn::ScalableTag<double>;
  using DHalf = hn::Rebind<std::int32_t, DF>;
  using DHalfFloat = hn::Rebind<float, DF>;
  hn::Vec<DF> low_factor, high_factor, lowest, highest, zero_point;

  HWY_INLINE Float64(const LaneParams& params, std::int64_t channel)
      : low_factor(factors(params.factor + channel)),
        high_factor(factors(params.factor + channel + hn::Lanes(DLanes()) / 2)),
        lowest(hn::Set(DF(), params.lowest)),
        highest(hn::Set(DF(), params.highest)),
        zero_point(hn::Set(DF(), params.zero_point)) {}

  static HWY_INLINE hn::Vec<DF> factors(const float* from) {
    return hn::PromoteTo(DF(), hn::LoadU(DHalfFloat(), from));
  }

  static std::int32_t code_offset(const LaneParams& /*params*/) { return 0; }

  HWY_INLINE hn::Vec<DHalf> half(hn::Vec<DHalf> acc, hn::Vec<DF> factor) const {
    const auto code = hn::Add(hn::Mul(hn::PromoteTo(DF(), acc), factor), zero_point);
#if HWY_TARGET == HWY_AVX3
    return hn::Vec<DHalf>{_mm512_cvtpd_epi32(hn::Min(code, highest).raw)};
#else
    return hn::DemoteTo(DHalf(), hn::Round(hn::Min(hn::Max(code, lowest), highest)));
#endif
  }

  HWY_INLINE VLanes operator()(VLanes acc) const {
#if HWY_TARGET == HWY_SCALAR
    return half(acc, low_factor);
#else
    return hn::Combine(DLanes(), half(hn::UpperHalf(DHalf(), acc), high_factor),
                       half(hn::LowerHalf(DHalf(), acc), low_factor));
#endif
  }
};

#if HWY_TARGET == HWY_AVX3
// Stores the lanes of `mask` of part kRow of the codes, which are cut into parts of kBytes.
template <int kBytes, int kRow>
HWY_INLINE void store_row(__m512i codes, std::uint64_t mask, std::byte* to) {
  if constexpr (kBytes == 64) {
    _mm512_mask_storeu_epi8(to, mask, codes);
  } else if constexpr (kBytes == 32) {
    _mm256_mask_storeu_epi8(to, static_cast<__mmask32>(mask),
                            _mm512_extracti64x4_epi64(codes, kRow));
  } else {
    _mm_mask_storeu_epi8(to, static_cast<__mmask16>(mask), _mm512_extracti32x4_epi32(codes, kRow));
  }
}
#endif

}  // namespace sluice::exact::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
