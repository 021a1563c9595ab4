// SPDX-License-Identifier: Apache-2.0
// Compiled once an instruction set.
#include "sluice/exact/simd/depthwise_kernels.hpp"

#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sluice/exact/simd/depthwise_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace sluice::exact::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<std::int32_t>;
using V = hn::Vec<D>;

// ---- singles

// A product of 16-bit numbers held in 32 bits.
HWY_INLINE V add_product(V acc, V a, V b) {
#if HWY_ARCH_X86 && HWY_TARGET != HWY_EMU128 && HWY_TARGET != HWY_SCALAR
  // The upper half of b, 0, takes the sign of a out of the pair; the instruction is a fast one.
  const hn::RepartitionToNarrow<D> d16;
  V unused = hn::Zero(D());
  return hn::ReorderWidenMulAccumulate(D(), hn::BitCast(d16, a), hn::BitCast(d16, b), acc, unused);
#else
  return hn::Add(acc, hn::Mul(a, hn::ShiftRight<16>(hn::ShiftLeft<16>(b))));
#endif
}

template <class Code>
void block_of_singles(const DepthwiseBlock& block, std::int64_t num_pixels,
                      std::int64_t num_channels) {
  const D d;
  const hn::Rebind<Code, D> d8;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const auto* weights = reinterpret_cast<const std::int32_t*>(block.weights);
  for (std::int64_t p = 0; p < num_pixels; ++p) {
    const std::byte* const* rows = block.rows + p * block.taps;
    for (std::int64_t c = 0; c < num_channels; c += lanes) {
      const std::int64_t count = HWY_MIN(lanes, num_channels - c);
      V acc = hn::LoadU(d, block.bias + c);
      for (std::int64_t t = 0; t < block.taps; ++t) {
        const std::byte* from = rows[t] + block.offset + c;
        HWY_ALIGN Code part[hn::MaxLanes(d8)] = {};
        const auto* codes = reinterpret_cast<const Code*>(from);
        if (count < lanes) {
          std::memcpy(part, from, static_cast<std::size_t>(count));
          codes = part;
        }
        const V weight = hn::LoadU(d, weights + t * kDepthwiseChannels + c);
        acc = add_product(acc, hn::PromoteTo(d, hn::LoadU(d8, codes)), weight);
      }
      hn::StoreU(acc, d, block.acc + p * kDepthwiseChannels + c);
    }
  }
}

void singles(const DepthwiseBlock& block, std::int64_t num_pixels, std::int64_t num_channels) {
  if (block.is_signed) return block_of_singles<std::int8_t>(block, num_pixels, num_channels);
  block_of_singles<std::uint8_t>(block, num_pixels, num_channels);
}

// ---- quads

#if HWY_TARGET == HWY_AVX3
// In assembly, because the functions here are compiled for AVX-512 without VNNI.
HWY_INLINE __m512i add_quads(__m512i acc, __m512i codes, const std::byte* weights) {
  __asm__("vpdpbusd %2, %1, %0"
          : "+v"(acc)
          : "v"(codes), "m"(*reinterpret_cast<const __m512i*>(weights)));
  return acc;
}

struct Quads {
  __m512i v0, v1, v2, v3;  // of the channels of each vector of slots
};

// The codes of kTaps ≤ 4 taps, brought together channel by channel.
template <int kTaps>
HWY_INLINE Quads interleave(__m512i a, __m512i b, __m512i c, __m512i d) {
  const __m512i zero = _mm512_setzero_si512();
  const __m512i ab_low = _mm512_unpacklo_epi8(a, kTaps > 1 ? b : zero);
  const __m512i ab_high = _mm512_unpackhi_epi8(a, kTaps > 1 ? b : zero);
  __m512i cd_low = zero;
  __m512i cd_high = zero;
  if constexpr (kTaps > 2) {
    cd_low = _mm512_unpacklo_epi8(c, kTaps > 3 ? d : zero);
    cd_high = _mm512_unpackhi_epi8(c, kTaps > 3 ? d : zero);
  }
  return {_mm512_unpacklo_epi16(ab_low, cd_low), _mm512_unpackhi_epi16(ab_low, cd_low),
          _mm512_unpacklo_epi16(ab_high, cd_high), _mm512_unpackhi_epi16(ab_high, cd_high)};
}

struct QuadSums {
  __m512i v0, v1, v2, v3;

  HWY_INLINE void add(const Quads& codes, const std::byte* weights) {
    v0 = add_quads(v0, codes.v0, weights);
    v1 = add_quads(v1, codes.v1, weights + 64);
    v2 = add_quads(v2, codes.v2, weights + 128);
    v3 = add_quads(v3, codes.v3, weights + 192);
  }

  HWY_INLINE void store(std::int32_t* to) const {
    _mm512_storeu_si512(to, v0);
    _mm512_storeu_si512(to + 16, v1);
    _mm512_storeu_si512(to + 32, v2);
    _mm512_storeu_si512(to + 48, v3);
  }
};

void quads(const DepthwiseBlock& block, std::int64_t num_pixels, std::int64_t num_channels) {
  const __mmask64 mask = ~std::uint64_t{0} >> (64 - num_channels);
  const __m512i flip = _mm512_set1_epi8(block.is_signed ? '\x80' : 0);
  for (std::int64_t p = 0; p < num_pixels; ++p) {
    const std::byte* const* rows = block.rows + p * block.taps;
    const auto codes_of = [&](std::int64_t t) HWY_ATTR {
      return _mm512_xor_si512(_mm512_maskz_loadu_epi8(mask, rows[t] + block.offset), flip);
    };
    const std::byte* weights = block.weights;
    QuadSums sums{_mm512_loadu_si512(block.bias), _mm512_loadu_si512(block.bias + 16),
                  _mm512_loadu_si512(block.bias + 32), _mm512_loadu_si512(block.bias + 48)};
    std::int64_t t = 0;
    for (; t + 4 <= block.taps; t += 4, weights += 256) {
      sums.add(interleave<4>(codes_of(t), codes_of(t + 1), codes_of(t + 2), codes_of(t + 3)),
               weights);
    }
    const __m512i none = _mm512_setzero_si512();
    switch (block.taps - t) {
      case 3:
        sums.add(interleave<3>(codes_of(t), codes_of(t + 1), codes_of(t + 2), none), weights);
        break;
      case 2:
        sums.add(interleave<2>(codes_of(t), codes_of(t + 1), none, none), weights);
        break;
      case 1:
        sums.add(interleave<1>(codes_of(t), none, none, none), weights);
        break;
      default:
        break;
    }
    sums.store(block.acc + p * kDepthwiseChannels);
  }
}
#endif

const DepthwiseKernels* single_depthwise_table() {
  static constexpr DepthwiseKernels kKernels{"singles", false, singles};
  return &kKernels;
}

const DepthwiseKernels* depthwise_table() {
#if HWY_TARGET == HWY_AVX3
  static constexpr DepthwiseKernels kKernels{"quads", true, quads};
  if (__builtin_cpu_supports("avx512vnni")) return &kKernels;
#endif
  return single_depthwise_table();
}

}  // namespace sluice::exact::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sluice::exact {

HWY_EXPORT(depthwise_table);
HWY_EXPORT(single_depthwise_table);

const DepthwiseKernels& depthwise_kernels() {
  return *HWY_DYNAMIC_DISPATCH(depthwise_table)();
}

const DepthwiseKernels& single_depthwise_kernels() {
  return *HWY_DYNAMIC_DISPATCH(single_depthwise_table)();
}

}  // namespace sluice::exact
#endif
