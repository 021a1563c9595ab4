// SPDX-License-Identifier: Apache-2.0
// Compiled once an instruction set.
#include "sluice/exact/simd/requantize_kernels.hpp"

#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sluice/exact/simd/requantize_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace sluice::exact::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<std::int32_t>;
using V = hn::Vec<D>;

// floor((x·mantissa + first_rounding)/2^31) for |x| < 2^31.
#if HWY_TARGET == HWY_SCALAR
struct HighMul {
  V mantissa, first_rounding;

  HWY_INLINE HighMul(V factor, V rounding) : mantissa(factor), first_rounding(rounding) {}

  HWY_INLINE V operator()(V x) const {
    const std::int64_t product = std::int64_t{hn::GetLane(x)} * hn::GetLane(mantissa);
    const std::int64_t high = (product + hn::GetLane(first_rounding)) >> 31;
    return hn::Set(D(), static_cast<std::int32_t>(high));
  }
};
#else
struct HighMul {
  using DWide = hn::RepartitionToWide<D>;
  using DBits = hn::RebindToUnsigned<DWide>;
  V mantissa, odd_mantissa;
  hn::Vec<DWide> even_rounding, odd_rounding;

  HWY_INLINE HighMul(V factor, V rounding) : mantissa(factor), odd_mantissa(odd_lanes(factor)) {
    const auto wide = hn::BitCast(DWide(), rounding);
    odd_rounding = hn::ShiftRight<32>(wide);
    even_rounding = hn::ShiftRight<32>(hn::ShiftLeft<32>(wide));
  }

  static HWY_INLINE V odd_lanes(V v) {
    return hn::BitCast(D(), hn::ShiftRight<32>(hn::BitCast(DBits(), v)));
  }

  HWY_INLINE V operator()(V x) const {
    const auto even = hn::Add(hn::MulEven(x, mantissa), even_rounding);
    const auto odd = hn::Add(hn::MulEven(odd_lanes(x), odd_mantissa), odd_rounding);
    // Bits 31 to 62 of each.
    return hn::OddEven(hn::BitCast(D(), hn::ShiftLeft<1>(odd)),
                       hn::BitCast(D(), hn::ShiftRight<31>(hn::BitCast(DBits(), even))));
  }
};
#endif

// The functions below turn lanes of accumulators into codes less code_offset.

// multiply_rounding_twice and multiply_rounding_once, as LaneParams has them.
template <bool kIsDouble>
struct Integer {
  HighMul high_mul;
  V rounding, sign_rounding, shift;

  HWY_INLINE Integer(const LaneParams& params, std::int64_t channel)
      : high_mul(hn::LoadU(D(), params.mantissa + channel),
                 hn::LoadU(D(), params.first_rounding + channel)),
        rounding(hn::LoadU(D(), params.rounding + channel)),
        sign_rounding(hn::LoadU(D(), params.sign_rounding + channel)),
        shift(hn::LoadU(D(), params.shift + channel)) {}

  static std::int32_t code_offset(const LaneParams& params) { return params.zero_point; }

  HWY_INLINE V operator()(V acc) const {
    const V high = high_mul(acc);
    V sum = hn::Add(high, rounding);
    if constexpr (kIsDouble) {
      sum = hn::Add(sum, hn::And(hn::BroadcastSignBit(high), sign_rounding));
    }
    return hn::Shr(sum, shift);
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
    return hn::DemoteTo(DHalf(), hn::Round(hn::Min(hn::Max(code, lowest), highest)));
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
using V8 = hn::Vec<hn::Repartition<std::uint8_t, D>>;

// Four vectors of codes, less code_offset, to bytes. A 128-bit block of the result has four codes
// of each vector.
struct Bytes {
  __m512i offset, lowest, highest;
  bool is_signed;

  HWY_INLINE Bytes(const LaneParams& params, std::int32_t code_offset)
      : offset(_mm512_set1_epi16(static_cast<short>(code_offset))),
        lowest(_mm512_set1_epi16(static_cast<short>(params.lowest))),
        highest(_mm512_set1_epi16(static_cast<short>(params.highest))),
        is_signed(params.is_signed) {}

  HWY_INLINE __m512i clamped(V a, V b) const {
    const __m512i codes = _mm512_adds_epi16(_mm512_packs_epi32(a.raw, b.raw), offset);
    return _mm512_min_epi16(_mm512_max_epi16(codes, lowest), highest);
  }

  HWY_INLINE V8 operator()(V a, V b, V c, V d) const {
    const __m512i ab = clamped(a, b);
    const __m512i cd = clamped(c, d);
    return V8{is_signed ? _mm512_packs_epi16(ab, cd) : _mm512_packus_epi16(ab, cd)};
  }
};

// The first `count` bytes of 64; a call of memcpy costs more.
HWY_INLINE void copy_bytes(const std::uint8_t* from, std::int64_t count, std::byte* to) {
  for (std::int64_t piece = 32; piece > 0; piece /= 2) {
    if ((count & piece) == 0) continue;
    switch (piece) {
      case 32:
        std::memcpy(to, from, 32);
        break;
      case 16:
        std::memcpy(to, from, 16);
        break;
      case 8:
        std::memcpy(to, from, 8);
        break;
      case 4:
        std::memcpy(to, from, 4);
        break;
      default:
        for (std::int64_t i = 0; i < piece; ++i) to[i] = std::byte{from[i]};
    }
    from += piece;
    to += piece;
  }
}

// kVectors vectors of channels of all pixels, 4/kVectors pixels at a time.
template <class Lanes, int kVectors, bool kIsInterleaved>
HWY_INLINE void requantize_vectors(const LaneParams& params, std::int64_t num_pixels,
                                   std::int64_t first_channel, std::int64_t num_channels,
                                   PixelRows<const std::int32_t> acc, PixelRows<std::byte> out) {
  constexpr int kRows = 4 / kVectors;
  constexpr int kRowBytes = 16 * kVectors;
  const D d;
  const Bytes bytes(params, Lanes::code_offset(params));
  const Lanes functions[4] = {Lanes(params, first_channel),
                              Lanes(params, first_channel + 1 % kVectors * 16),
                              Lanes(params, first_channel + 2 % kVectors * 16),
                              Lanes(params, first_channel + 3 % kVectors * 16)};
  const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  for (std::int64_t p = 0; p < num_pixels; p += kRows) {
    const auto codes_of = [&](int i) HWY_ATTR {
      const std::int64_t row = HWY_MIN(p + i / kVectors, num_pixels - 1);
      return functions[i](
          hn::LoadU(d, acc.data + row * acc.stride + first_channel + i % kVectors * 16));
    };
    V8 codes = bytes(codes_of(0), codes_of(1), codes_of(2), codes_of(3));
    if constexpr (!kIsInterleaved) codes = V8{_mm512_permutexvar_epi32(order, codes.raw)};
    alignas(64) std::uint8_t rows[64];
    hn::Store(codes, hn::Repartition<std::uint8_t, D>(), rows);
    for (int r = 0; r < kRows && p + r < num_pixels; ++r) {
      std::byte* to = out.data + (p + r) * out.stride + first_channel;
      if (num_channels == kRowBytes) {
        std::memcpy(to, rows + r * kRowBytes, kRowBytes);
      } else {
        copy_bytes(rows + r * kRowBytes, num_channels, to);
      }
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
  static constexpr RequantizeKernels kKernels{requantize_rows<Integer<true>>,
                                              requantize_rows<Integer<false>>,
                                              requantize_rows<Float32>, requantize_rows<Float64>};
  return &kKernels;
}

const RequantizeKernels* interleaved_requantize_table() {
#if HWY_TARGET == HWY_AVX3
  static constexpr RequantizeKernels kKernels{
      requantize_interleaved<Integer<true>>, requantize_interleaved<Integer<false>>,
      requantize_interleaved<Float32>, requantize_interleaved<Float64>};
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
