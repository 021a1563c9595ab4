// SPDX-License-Identifier: Apache-2.0
// Compiled once an instruction set.
#include "sluice/exact/simd/requantize_kernels.hpp"

#include <cstring>

#include "sluice/exact/simd/avx512_bytes.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sluice/exact/simd/requantize_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace sluice::exact::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<std::int32_t>;
using V = hn::Vec<D>;

// floor((x·mantissa + first_rounding)/2^31) + rounding for |x| < 2^30, as the upper half of
// 2x·mantissa + 2·first_rounding + rounding·2^32.
#if HWY_TARGET == HWY_SCALAR
struct HighMul {
  V mantissa, first_rounding, rounding;

  HWY_INLINE HighMul(V factor, V first, V second)
      : mantissa(factor), first_rounding(first), rounding(second) {}

  HWY_INLINE V operator()(V x) const {
    const std::int64_t product = std::int64_t{hn::GetLane(x)} * hn::GetLane(mantissa);
    const std::int64_t high = (product + hn::GetLane(first_rounding)) >> 31;
    return hn::Set(D(), static_cast<std::int32_t>(high + hn::GetLane(rounding)));
  }
};
#else
struct HighMul {
  using DWide = hn::RepartitionToWide<D>;
  using DBits = hn::RebindToUnsigned<DWide>;
  V mantissa, odd_mantissa;
  hn::Vec<DBits> even_rounding, odd_rounding;

  HWY_INLINE HighMul(V factor, V first, V second) : mantissa(factor) {
    const auto low = hn::BitCast(DBits(), hn::ShiftLeft<1>(first));
    const auto high = hn::BitCast(DBits(), second);
    odd_mantissa = hn::BitCast(D(), hn::ShiftRight<32>(hn::BitCast(DBits(), factor)));
    even_rounding = hn::Or(hn::ShiftRight<32>(hn::ShiftLeft<32>(low)), hn::ShiftLeft<32>(high));
    odd_rounding = hn::BitCast(
        DBits(), hn::OddEven(hn::BitCast(D(), high), hn::BitCast(D(), hn::ShiftRight<32>(low))));
  }

  HWY_INLINE V operator()(V x) const {
    const V twice = hn::Add(x, x);
    const V odd_twice = hn::BitCast(D(), hn::ShiftRight<32>(hn::BitCast(DBits(), twice)));
    const auto even = hn::Add(hn::BitCast(DBits(), hn::MulEven(twice, mantissa)), even_rounding);
    const auto odd =
        hn::Add(hn::BitCast(DBits(), hn::MulEven(odd_twice, odd_mantissa)), odd_rounding);
#if HWY_TARGET == HWY_AVX3
    return V{_mm512_mask_shuffle_epi32(odd.raw, 0x5555, even.raw, _MM_PERM_DDBB)};
#else
    return hn::OddEven(hn::BitCast(D(), odd), hn::BitCast(D(), hn::ShiftRight<32>(even)));
#endif
  }
};
#endif

// The functions below turn lanes of accumulators into codes less code_offset.

// multiply_rounding_twice and multiply_rounding_once, as LaneParams has them.
template <bool kIsDouble>
struct Integer {
  HighMul high_mul;
  V negative_below, shift;

  HWY_INLINE Integer(const LaneParams& params, std::int64_t channel)
      : high_mul(hn::LoadU(D(), params.mantissa + channel),
                 hn::LoadU(D(), params.first_rounding + channel),
                 hn::LoadU(D(), params.rounding + channel)),
        negative_below(hn::LoadU(D(), params.negative_below + channel)),
        shift(hn::LoadU(D(), params.shift + channel)) {}

  static std::int32_t code_offset(const LaneParams& params) { return params.zero_point; }

  HWY_INLINE V operator()(V acc) const {
    V sum = high_mul(acc);
    if constexpr (kIsDouble) {
      const auto is_negative = hn::Lt(sum, negative_below);
#if HWY_TARGET == HWY_AVX3
      sum = V{_mm512_mask_sub_epi32(sum.raw, is_negative.raw, sum.raw, _mm512_set1_epi32(1))};
#else
      sum = hn::Add(sum, hn::VecFromMask(D(), is_negative));
#endif
    }
    return hn::Shr(sum, shift);
  }
};

// The arithmetics that shift, as LaneParams has them.
struct Shift {
  V rounding, to_even, shift;

  HWY_INLINE Shift(const LaneParams& params, std::int64_t channel)
      : rounding(hn::LoadU(D(), params.rounding + channel)),
        to_even(hn::LoadU(D(), params.to_even + channel)),
        shift(hn::LoadU(D(), params.shift + channel)) {}

  static std::int32_t code_offset(const LaneParams& params) { return params.zero_point; }

  HWY_INLINE V operator()(V acc) const {
    const V odd = hn::And(hn::Shr(acc, shift), to_even);
    return hn::Shr(hn::Add(acc, hn::Add(rounding, odd)), shift);
  }
};

// As numeric::requantize in float32. Clamping to integers before the rounding changes nothing, and
// keeps the conversion in range.
struct Float32 {
  using DF = hn::RebindToFloat<D>;
  hn::Vec<DF> factor, lowest, highest;

  HWY_INLINE Float32(const LaneParams& params, std::int64_t channel)
      : factor(hn::LoadU(DF(), params.factor + channel)),
        lowest(hn::Set(DF(), static_cast<float>(params.lowest - params.zero_point))),
        highest(hn::Set(DF(), static_cast<float>(params.highest - params.zero_point))) {}

  static std::int32_t code_offset(const LaneParams& params) { return params.zero_point; }

  HWY_INLINE V operator()(V acc) const {
    const auto product = hn::Mul(hn::ConvertTo(DF(), acc), factor);
#if HWY_TARGET == HWY_AVX3
    // What is too small becomes the smallest integer, so only one side needs the clamp.
    return V{_mm512_cvtps_epi32(hn::Min(product, highest).raw)};
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
        high_factor(factors(params.factor + channel + hn::Lanes(D()) / 2)),
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

  HWY_INLINE V operator()(V acc) const {
#if HWY_TARGET == HWY_SCALAR
    return half(acc, low_factor);
#else
    return hn::Combine(D(), half(hn::UpperHalf(DHalf(), acc), high_factor),
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

// kVectors vectors of channels of all pixels, 4/kVectors pixels at a time.
template <class Lanes, int kVectors, bool kIsInterleaved>
HWY_INLINE void requantize_vectors(const LaneParams& params, std::int64_t num_pixels,
                                   std::int64_t first_channel, std::int64_t num_channels,
                                   PixelRows<const std::int32_t> acc, PixelRows<std::byte> out) {
  constexpr int kRows = 4 / kVectors;
  constexpr int kRowBytes = 16 * kVectors;
  const Avx512Bytes bytes(Lanes::code_offset(params), params.lowest, params.highest,
                          params.is_signed);
  const Lanes first(params, first_channel);
  const Lanes second(params, first_channel + 1 % kVectors * 16);
  const Lanes third(params, first_channel + 2 % kVectors * 16);
  const Lanes fourth(params, first_channel + 3 % kVectors * 16);
  const std::uint64_t mask = ~std::uint64_t{0} >> (64 - num_channels);
  const std::int32_t* from = acc.data + first_channel;
  std::byte* to = out.data + first_channel;
  // Accumulators of vector i of the pixels from p on; the last pixel again for those there are not.
  const auto lanes_at = [&](std::int64_t p, int i) HWY_ATTR {
    const std::int64_t row = HWY_MIN(p + i / kVectors, num_pixels - 1);
    return hn::LoadU(D(), from + row * acc.stride + i % kVectors * 16);
  };
  for (std::int64_t p = 0; p < num_pixels; p += kRows) {
    __m512i codes = bytes.interleaved(first(lanes_at(p, 0)).raw, second(lanes_at(p, 1)).raw,
                                      third(lanes_at(p, 2)).raw, fourth(lanes_at(p, 3)).raw);
    if constexpr (!kIsInterleaved) codes = Avx512Bytes::in_order(codes);
    store_row<kRowBytes, 0>(codes, mask, to + p * out.stride);
    if constexpr (kRows >= 2) {
      if (p + 1 < num_pixels) store_row<kRowBytes, 1>(codes, mask, to + (p + 1) * out.stride);
    }
    if constexpr (kRows == 4) {
      if (p + 2 < num_pixels) store_row<kRowBytes, 2>(codes, mask, to + (p + 2) * out.stride);
      if (p + 3 < num_pixels) store_row<kRowBytes, 3>(codes, mask, to + (p + 3) * out.stride);
    }
  }
}

template <class Lanes>
void requantize_rows(const LaneParams& params, std::int64_t num_pixels, std::int64_t num_channels,
                     PixelRows<const std::int32_t> acc, PixelRows<std::byte> out) {
  for (std::int64_t m = 0; m < num_channels;) {
    const std::int64_t rest = num_channels - m;
    if (rest > 48) {
      requantize_vectors<Lanes, 4, false>(params, num_pixels, m, HWY_MIN(rest, 64), acc, out);
      m += 64;
    } else if (rest > 16) {
      requantize_vectors<Lanes, 2, false>(params, num_pixels, m, HWY_MIN(rest, 32), acc, out);
      m += 32;
    } else {
      requantize_vectors<Lanes, 1, false>(params, num_pixels, m, rest, acc, out);
      m += 16;
    }
  }
}

template <class Lanes>
void requantize_interleaved(const LaneParams& params, std::int64_t num_pixels,
                            std::int64_t num_channels, PixelRows<const std::int32_t> acc,
                            PixelRows<std::byte> out) {
  requantize_vectors<Lanes, 4, true>(params, num_pixels, 0, num_channels, acc, out);
}
#else
template <class Code, class Lanes>
HWY_INLINE void requantize_as(const LaneParams& params, std::int64_t num_pixels,
                              std::int64_t num_channels, PixelRows<const std::int32_t> acc,
                              PixelRows<std::byte> out) {
  const D d;
  const hn::Rebind<Code, D> d8;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const V offset = hn::Set(d, Lanes::code_offset(params));
  const V lowest = hn::Set(d, params.lowest);
  const V highest = hn::Set(d, params.highest);
  for (std::int64_t m = 0; m < num_channels; m += lanes) {
    const Lanes function(params, m);
    const std::int64_t count = HWY_MIN(lanes, num_channels - m);
    for (std::int64_t p = 0; p < num_pixels; ++p) {
      const V code = hn::Add(function(hn::LoadU(d, acc.data + p * acc.stride + m)), offset);
      HWY_ALIGN Code part[hn::MaxLanes(d8)];
      hn::StoreU(hn::DemoteTo(d8, hn::Min(hn::Max(code, lowest), highest)), d8, part);
      std::memcpy(out.data + p * out.stride + m, part, static_cast<std::size_t>(count));
    }
  }
}

template <class Lanes>
void requantize_rows(const LaneParams& params, std::int64_t num_pixels, std::int64_t num_channels,
                     PixelRows<const std::int32_t> acc, PixelRows<std::byte> out) {
  if (params.is_signed) {
    requantize_as<std::int8_t, Lanes>(params, num_pixels, num_channels, acc, out);
  } else {
    requantize_as<std::uint8_t, Lanes>(params, num_pixels, num_channels, acc, out);
  }
}
#endif

const RequantizeKernels* requantize_table() {
  static constexpr RequantizeKernels kKernels{
      requantize_rows<Integer<true>>, requantize_rows<Integer<false>>, requantize_rows<Float32>,
      requantize_rows<Float64>, requantize_rows<Shift>};
  return &kKernels;
}

const RequantizeKernels* interleaved_requantize_table() {
#if HWY_TARGET == HWY_AVX3
  static constexpr RequantizeKernels kKernels{
      requantize_interleaved<Integer<true>>, requantize_interleaved<Integer<false>>,
      requantize_interleaved<Float32>, requantize_interleaved<Float64>,
      requantize_interleaved<Shift>};
  return &kKernels;
#else
  return nullptr;
#endif
}

}  // namespace sluice::exact::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sluice::exact {

HWY_EXPORT(requantize_table);
HWY_EXPORT(interleaved_requantize_table);

const RequantizeKernels& requantize_kernels() {
  return *HWY_DYNAMIC_DISPATCH(requantize_table)();
}

const RequantizeKernels* interleaved_requantize_kernels() {
  return HWY_DYNAMIC_DISPATCH(interleaved_requantize_table)();
}

}  // namespace sluice::exact
#endif
