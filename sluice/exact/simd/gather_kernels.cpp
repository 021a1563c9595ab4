// SPDX-License-Identifier: Apache-2.0
// Compiled once an instruction set.
#include "sluice/exact/simd/gather_kernels.hpp"

#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sluice/exact/simd/gather_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace sluice::exact::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// The number of taps from rows[0] on, `most` at most, that lie side by side in memory: a row of the
// kernel inside the image.
HWY_INLINE std::int64_t run_length(const std::byte* const* rows, std::int64_t most,
                                   std::int64_t channels) {
  std::int64_t length = 1;
#if HWY_TARGET == HWY_AVX3
  for (; length < most; length += 8) {
    const std::int64_t count = HWY_MIN(8, most - length);
    const auto mask = static_cast<__mmask8>((1U << count) - 1);
    const __m512i before = _mm512_maskz_loadu_epi64(mask, rows + length - 1);
    const __m512i here = _mm512_maskz_loadu_epi64(mask, rows + length);
    const __m512i expected = _mm512_add_epi64(before, _mm512_set1_epi64(channels));
    const unsigned breaks = ~_mm512_mask_cmpeq_epi64_mask(mask, here, expected) & 0xFFU;
    if (breaks != 0) {
      return HWY_MIN(
          most, length + static_cast<std::int64_t>(hwy::Num0BitsBelowLS1Bit_Nonzero32(breaks)));
    }
  }
  return most;
#else
  while (length < most && rows[length] == rows[length - 1] + channels) ++length;
  return length;
#endif
}

// uint8 codes, each vector whole: what it writes too much is written again, or slack.
struct Bytes {
  static constexpr std::int64_t kBytes = 1;
  hn::Vec<hn::ScalableTag<std::uint8_t>> flip;

  HWY_INLINE explicit Bytes(const GatherRows& gather)
      : flip(hn::Set(hn::ScalableTag<std::uint8_t>(), gather.is_signed ? 0x80 : 0)) {}

  HWY_INLINE void operator()(const std::byte* from, std::int64_t count, std::byte* to) const {
    const hn::ScalableTag<std::uint8_t> d;
    const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
    const auto* codes = reinterpret_cast<const std::uint8_t*>(from);
    auto* out = reinterpret_cast<std::uint8_t*>(to);
    std::int64_t i = 0;
    for (; i + lanes <= count; i += lanes) {
      hn::StoreU(hn::Xor(hn::LoadU(d, codes + i), flip), d, out + i);
    }
    if (i == count) return;
#if HWY_MEM_OPS_MIGHT_FAULT
    for (; i < count; ++i) out[i] = static_cast<std::uint8_t>(codes[i] ^ hn::GetLane(flip));
#else
    const auto rest = hn::FirstN(d, static_cast<std::size_t>(count - i));
    hn::StoreU(hn::Xor(hn::MaskedLoad(rest, d, codes + i), flip), d, out + i);
#endif
  }
};

template <class Code>
struct Shorts {
  static constexpr std::int64_t kBytes = 2;
  std::int32_t zero_point;

  HWY_INLINE explicit Shorts(const GatherRows& gather) : zero_point(gather.zero_point) {}

  HWY_INLINE void operator()(const std::byte* from, std::int64_t count, std::byte* to) const {
    const hn::ScalableTag<std::int16_t> d;
    const hn::Rebind<Code, hn::ScalableTag<std::int16_t>> d8;
    const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
    const auto zero = hn::Set(d, static_cast<std::int16_t>(zero_point));
    const auto* codes = reinterpret_cast<const Code*>(from);
    auto* out = reinterpret_cast<std::int16_t*>(to);
    std::int64_t i = 0;
    for (; i + lanes <= count; i += lanes) {
      hn::StoreU(hn::Sub(hn::PromoteTo(d, hn::LoadU(d8, codes + i)), zero), d, out + i);
    }
    for (; i < count; ++i) out[i] = static_cast<std::int16_t>(codes[i] - zero_point);
  }
};

template <class Copy>
HWY_INLINE void gather_as(const GatherRows& gather, std::int64_t num_rows) {
  const Copy copy(gather);
  for (std::int64_t r = 0; r < num_rows; ++r) {
    const std::byte* const* rows = gather.rows + r * gather.taps;
    std::byte* to = gather.to + r * gather.row_bytes;
    std::byte* const end = to + gather.row_bytes;
    for (std::int64_t t = 0; t < gather.taps;) {
      const std::int64_t run = run_length(rows + t, gather.taps - t, gather.channels);
      copy(rows[t] + gather.offset, run * gather.channels, to);
      to += run * gather.channels * Copy::kBytes;
      t += run;
    }
    for (; to < end; ++to) *to = std::byte{0};
  }
}

void gather(const GatherRows& gather, std::int64_t num_rows) {
  if (!gather.is_widening) return gather_as<Bytes>(gather, num_rows);
  if (gather.is_signed) return gather_as<Shorts<std::int8_t>>(gather, num_rows);
  gather_as<Shorts<std::uint8_t>>(gather, num_rows);
}

GatherKernel gather_pointer() {
  return gather;
}

}  // namespace sluice::exact::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sluice::exact {

HWY_EXPORT(gather_pointer);

GatherKernel gather_kernel() {
  return HWY_DYNAMIC_DISPATCH(gather_pointer)();
}

}  // namespace sluice::exact
#endif
