// SPDX-License-Identifier: Apache-2.0
// Compiled once an instruction set.
#include "sluice/exact/simd/gather_kernels.hpp"

#include <bit>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sluice/exact/simd/gather_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace sluice::exact::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Taps whose places are found together.
constexpr std::int64_t kMaskTaps = 64;

// Bit i: tap i is the last, or tap i + 1 does not lie beside it in memory. A run of taps, such as a
// row of the kernel inside the image, ends at each. Found for many taps at once, so that no copy
// waits for where the one before it ends.
HWY_INLINE std::uint64_t ends_of_runs(const std::byte* const* rows, std::int64_t count,
                                      std::int64_t channels) {
  std::uint64_t ends = std::uint64_t{1} << (count - 1);
#if HWY_TARGET == HWY_AVX3
  const __m512i distance = _mm512_set1_epi64(channels);
  for (std::int64_t i = 0; i < count - 1; i += 8) {
    const auto mask = static_cast<__mmask8>((1U << HWY_MIN(8, count - 1 - i)) - 1);
    const __m512i here = _mm512_maskz_loadu_epi64(mask, rows + i);
    const __m512i next = _mm512_maskz_loadu_epi64(mask, rows + i + 1);
    const __m512i beside = _mm512_add_epi64(here, distance);
    ends |= std::uint64_t{_mm512_mask_cmpneq_epi64_mask(mask, beside, next)} << i;
  }
#else
  for (std::int64_t i = 0; i < count - 1; ++i) {
    ends |= std::uint64_t{rows[i + 1] != rows[i] + channels} << i;
  }
#endif
  return ends;
}

// uint8 codes.
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
    hn::BlendedStore(hn::Xor(hn::MaskedLoad(rest, d, codes + i), flip), rest, d, out + i);
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
    std::byte* const row_end = to + gather.row_bytes;
    for (std::int64_t first = 0; first < gather.taps; first += kMaskTaps) {
      const std::int64_t count = HWY_MIN(kMaskTaps, gather.taps - first);
      std::uint64_t ends = ends_of_runs(rows + first, count, gather.channels);
      std::int64_t begin = first;
      for (; ends != 0; ends &= ends - 1) {
        const std::int64_t end = first + 1 + std::countr_zero(ends);
        const std::int64_t num_codes = (end - begin) * gather.channels;
        copy(rows[begin] + gather.offset, num_codes, to);
        to += num_codes * Copy::kBytes;
        begin = end;
      }
    }
    for (; to < row_end; ++to) *to = std::byte{0};
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
