// SPDX-License-Identifier: Apache-2.0
// Compiled once an instruction set.
#include "sluice/exact/simd/quantize_reals.hpp"

#include "sluice/exact/simd/avx512_bytes.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sluice/exact/simd/quantize_reals.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace sluice::exact::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;
using VSteps = hn::Vec<hn::RebindToSigned<D>>;

// Numbers to codes less the zero point, within the bounds.
struct Steps {
  V scale, lowest, highest;

  HWY_INLINE explicit Steps(const RealQuantizer& by)
      : scale(hn::Set(D(), by.scale)),
        lowest(hn::Set(D(), by.lowest)),
        highest(hn::Set(D(), by.highest)) {}

  HWY_INLINE VSteps operator()(const float* from) const {
    const V quotient = hn::Div(hn::LoadU(D(), from), scale);
    const V number = hn::IfThenElseZero(hn::Eq(quotient, quotient), quotient);
    return hn::NearestInt(hn::Min(hn::Max(number, lowest), highest));
  }
};

void quantize(const RealQuantizer& by, const float* from, std::byte* to, std::int64_t count) {
  const Steps steps(by);
  auto* bytes = reinterpret_cast<std::uint8_t*>(to);
  std::int64_t i = 0;
#if HWY_TARGET == HWY_AVX3
  const Avx512Bytes codes(static_cast<std::int32_t>(by.zero_point), by.is_signed ? -128 : 0,
                          by.is_signed ? 127 : 255, by.is_signed);
  for (; i + 64 <= count; i += 64) {
    const __m512i interleaved =
        codes.interleaved(steps(from + i).raw, steps(from + i + 16).raw, steps(from + i + 32).raw,
                          steps(from + i + 48).raw);
    _mm512_storeu_si512(bytes + i, Avx512Bytes::in_order(interleaved));
  }
#else
  // A signed code is 128 less than the byte with its highest bit turned.
  const hn::Rebind<std::uint8_t, D> d8;
  const int middle = by.is_signed ? 128 : 0;
  const auto offset = hn::Set(hn::RebindToSigned<D>(), static_cast<int>(by.zero_point) + middle);
  const auto flip = hn::Set(d8, static_cast<std::uint8_t>(middle));
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(D()));
  for (; i + lanes <= count; i += lanes) {
    const auto codes = hn::DemoteTo(d8, hn::Add(steps(from + i), offset));
    hn::StoreU(hn::Xor(codes, flip), d8, bytes + i);
  }
#endif
  for (; i < count; ++i) bytes[i] = by.code(from[i]);
}

}  // namespace sluice::exact::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sluice::exact {

HWY_EXPORT(quantize);

void quantize_reals(const RealQuantizer& by, const float* from, std::byte* to,
                    std::int64_t count) noexcept {
  HWY_DYNAMIC_DISPATCH(quantize)(by, from, to, count);
}

}  // namespace sluice::exact
#endif
