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

// multiply_rounding_twice and multiply_rounding_once, as LaneParams has them.
template <bool kIsDouble>
struct Integer {
  using DI = D;
  HighMul high_mul;
  V rounding, sign_rounding, shift, zero_point;

  HWY_INLINE Integer(const LaneParams& params, std::int64_t channel)
      : high_mul(hn::LoadU(D(), params.mantissa + channel),
                 hn::LoadU(D(), params.first_rounding + channel)) {
    const D d;
    rounding = hn::LoadU(d, params.rounding + channel);
    sign_rounding = hn::LoadU(d, params.sign_rounding + channel);
    shift = hn::LoadU(d, params.shift + channel);
    zero_point = hn::Set(d, params.zero_point);
  }

  HWY_INLINE V operator()(V acc) const {
    const V high = high_mul(acc);
    V sum = hn::Add(high, rounding);
    if constexpr (kIsDouble) {
      sum = hn::Add(sum, hn::And(hn::BroadcastSignBit(high), sign_rounding));
    }
    return hn::Add(hn::Shr(sum, shift), zero_point);
  }
};

// As numeric::requantize in float32. Clamping to integers before the rounding changes nothing, and
// keeps the conversion in range.
struct Float32 {
  using DI = D;
  using DF = hn::RebindToFloat<D>;
  hn::Vec<DF> factor, lowest, highest;
  V zero_point;

  HWY_INLINE Float32(const LaneParams& params, std::int64_t channel) {
    const DF df;
    factor = hn::LoadU(df, params.factor + channel);
    lowest = hn::Set(df, static_cast<float>(params.lowest - params.zero_point));
    highest = hn::Set(df, static_cast<float>(params.highest - params.zero_point));
    zero_point = hn::Set(D(), params.zero_point);
  }

  HWY_INLINE V operator()(V acc) const {
    const auto product = hn::Mul(hn::ConvertTo(DF(), acc), factor);
    return hn::Add(hn::NearestInt(hn::Min(hn::Max(product, lowest), highest)), zero_point);
  }
};

// As numeric::requantize in float64: half as many lanes at a time.
struct Float64 {
  using DF = hn::ScalableTag<double>;
  using DI = hn::Rebind<std::int32_t, DF>;
  hn::Vec<DF> factor, lowest, highest, zero_point;

  HWY_INLINE Float64(const LaneParams& params, std::int64_t channel) {
    const DF df;
    factor = hn::PromoteTo(df, hn::LoadU(hn::Rebind<float, DF>(), params.factor + channel));
    lowest = hn::Set(df, params.lowest);
    highest = hn::Set(df, params.highest);
    zero_point = hn::Set(df, params.zero_point);
  }

  HWY_INLINE hn::Vec<DI> operator()(hn::Vec<DI> acc) const {
    const auto code = hn::Add(hn::Mul(hn::PromoteTo(DF(), acc), factor), zero_point);
    return hn::DemoteTo(DI(), hn::Round(hn::Min(hn::Max(code, lowest), highest)));
  }
};

template <class Code, class Lanes>
HWY_INLINE void requantize_as(const LaneParams& params, std::int64_t num_pixels,
                              std::int64_t num_channels, PixelRows<const std::int32_t> acc,
                              PixelRows<std::byte> out) {
  using DI = typename Lanes::DI;
  const DI d;
  const hn::Rebind<Code, DI> d8;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const auto lowest = hn::Set(d, params.lowest);
  const auto highest = hn::Set(d, params.highest);
  for (std::int64_t m = 0; m < num_channels; m += lanes) {
    const Lanes function(params, m);
    const auto codes_of = [&](std::int64_t p) HWY_ATTR {
      const auto code = function(hn::LoadU(d, acc.data + p * acc.stride + m));
      return hn::DemoteTo(d8, hn::Min(hn::Max(code, lowest), highest));
    };
    std::byte* to = out.data + m;
    if (m + lanes <= num_channels) {
      for (std::int64_t p = 0; p < num_pixels; ++p, to += out.stride) {
        hn::StoreU(codes_of(p), d8, reinterpret_cast<Code*>(to));
      }
    } else {
      HWY_ALIGN Code part[hn::MaxLanes(d8)];
      for (std::int64_t p = 0; p < num_pixels; ++p, to += out.stride) {
        hn::StoreU(codes_of(p), d8, part);
        std::memcpy(to, part, static_cast<std::size_t>(num_channels - m));
      }
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

const RequantizeKernels* requantize_table() {
  static constexpr RequantizeKernels kKernels{requantize_rows<Integer<true>>,
                                              requantize_rows<Integer<false>>,
                                              requantize_rows<Float32>, requantize_rows<Float64>};
  return &kKernels;
}

}  // namespace sluice::exact::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sluice::exact {

HWY_EXPORT(requantize_table);

const RequantizeKernels& requantize_kernels() {
  return *HWY_DYNAMIC_DISPATCH(requantize_table)();
}

}  // namespace sluice::exact
#endif
