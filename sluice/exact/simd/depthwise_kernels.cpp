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
constexpr std::int64_t kVectorBytes = 64;  // of a vector of slots
constexpr std::int64_t kQuadBytes = 4 * kVectorBytes;

// DBytes: the tag of as many bytes as a block has channels; less than 64 if it is the last.
template <class DBytes>
struct Quads {
  using DShorts = hn::RepartitionToWide<DBytes>;
  using DSums = hn::RebindToSigned<hn::RepartitionToWide<DShorts>>;
  using Bytes = hn::Vec<DBytes>;
  using Sum = hn::Vec<DSums>;

  // The codes of a quad of taps, channel by channel, in the vectors of slots.
  struct Codes {
    Sum v0, v1, v2, v3;

    HWY_INLINE Codes(Bytes a, Bytes b, Bytes c, Bytes d) {
      const DShorts shorts;
      const auto ab_low = hn::BitCast(shorts, hn::InterleaveLower(DBytes(), a, b));
      const auto ab_high = hn::BitCast(shorts, hn::InterleaveUpper(DBytes(), a, b));
      const auto cd_low = hn::BitCast(shorts, hn::InterleaveLower(DBytes(), c, d));
      const auto cd_high = hn::BitCast(shorts, hn::InterleaveUpper(DBytes(), c, d));
      v0 = hn::BitCast(DSums(), hn::InterleaveLower(shorts, ab_low, cd_low));
      v1 = hn::BitCast(DSums(), hn::InterleaveUpper(shorts, ab_low, cd_low));
      v2 = hn::BitCast(DSums(), hn::InterleaveLower(shorts, ab_high, cd_high));
      v3 = hn::BitCast(DSums(), hn::InterleaveUpper(shorts, ab_high, cd_high));
    }
  };

  // Four products of 8 bits a lane. In assembly, because the functions here are compiled for
  // AVX-512 without VNNI.
  static HWY_INLINE void add_products(Sum& sum, Sum codes, const std::byte* weights) {
    using Raw = decltype(sum.raw);
    __asm__("vpdpbusd %2, %1, %0"
            : "+v"(sum.raw)
            : "v"(codes.raw), "m"(*reinterpret_cast<const Raw*>(weights)));
  }

  // The accumulators of a pixel.
  struct Sums {
    Sum v0, v1, v2, v3;

    HWY_INLINE void start(const std::int32_t* bias) {
      v0 = hn::LoadU(DSums(), bias);
      v1 = hn::LoadU(DSums(), bias + 16);
      v2 = hn::LoadU(DSums(), bias + 32);
      v3 = hn::LoadU(DSums(), bias + 48);
    }

    HWY_INLINE void add(const Codes& codes, const std::byte* weights) {
      add_products(v0, codes.v0, weights);
      add_products(v1, codes.v1, weights + kVectorBytes);
      add_products(v2, codes.v2, weights + 2 * kVectorBytes);
      add_products(v3, codes.v3, weights + 3 * kVectorBytes);
    }

    // In slots if the block is a large one, else in the order of the channels.
    HWY_INLINE void store(std::int32_t* acc) const {
      constexpr int kDistance = hn::MaxLanes(DSums()) == 16 ? 16 : 4;
      store_vector(v0, acc);
      store_vector(v1, acc + kDistance);
      store_vector(v2, acc + 2 * kDistance);
      store_vector(v3, acc + 3 * kDistance);
    }

    static HWY_INLINE void store_vector(Sum v, std::int32_t* acc) {
      if constexpr (hn::MaxLanes(DSums()) == 8) {
        const hn::Half<DSums> half;
        hn::StoreU(hn::LowerHalf(half, v), half, acc);
        hn::StoreU(hn::UpperHalf(half, v), half, acc + 16);
      } else {
        hn::StoreU(v, DSums(), acc);
      }
    }
  };

  const DepthwiseBlock& block;
  hn::Mask<DBytes> mask;
  Bytes flip;

  HWY_INLINE Quads(const DepthwiseBlock& of, std::int64_t num_channels)
      : block(of),
        mask(hn::FirstN(DBytes(), static_cast<std::size_t>(num_channels))),
        flip(hn::Set(DBytes(), of.is_signed ? 0x80 : 0)) {}

  HWY_INLINE Bytes load(const std::byte* row) const {
    const auto* codes = reinterpret_cast<const std::uint8_t*>(row + block.offset);
    return hn::Xor(hn::MaskedLoad(mask, DBytes(), codes), flip);
  }

  // Any taps: four consecutive ones make a quad.
  HWY_INLINE void pixel(const std::byte* const* rows, std::int32_t* acc) const {
    Sums sums;
    sums.start(block.bias);
    const std::byte* weights = block.weights;
    std::int64_t t = 0;
    for (; t + 4 <= block.taps; t += 4, weights += kQuadBytes) {
      sums.add({load(rows[t]), load(rows[t + 1]), load(rows[t + 2]), load(rows[t + 3])}, weights);
    }
    if (t < block.taps) {
      const Bytes zero = hn::Zero(DBytes());
      const Bytes b = t + 1 < block.taps ? load(rows[t + 1]) : zero;
      const Bytes c = t + 2 < block.taps ? load(rows[t + 2]) : zero;
      sums.add({load(rows[t]), b, c, zero}, weights);
    }
    sums.store(acc);
  }

  // A column of the 3 by 3 taps of a pixel.
  HWY_INLINE Codes column(const std::byte* const* rows) const {
    return {load(rows[0]), load(rows[3]), load(rows[6]), hn::Zero(DBytes())};
  }

  // 3 by 3 taps of kPixels neighbours, each kStep columns further: a column that two or three of
  // them read is loaded and interleaved once.
  template <int kPixels, int kStep>
  HWY_INLINE void neighbours(const std::byte* const* rows, std::int32_t* acc) const {
    Sums sums[kPixels];
#pragma GCC unroll 4
    for (int p = 0; p < kPixels; ++p) sums[p].start(block.bias);
#pragma GCC unroll 16
    for (int j = 0; j < (kPixels - 1) * kStep + 3; ++j) {
      const int owner = HWY_MIN(j / kStep, kPixels - 1);
      const Codes codes = column(rows + owner * 9 + j - owner * kStep);
#pragma GCC unroll 4
      for (int p = 0; p < kPixels; ++p) {
        const int c = j - p * kStep;
        if (c >= 0 && c < 3) sums[p].add(codes, block.weights + c * kQuadBytes);
      }
    }
#pragma GCC unroll 4
    for (int p = 0; p < kPixels; ++p) sums[p].store(acc + p * kDepthwiseChannels);
  }

  // neighbours() of `count` ≤ 4 pixels.
  template <int kStep>
  HWY_INLINE void some_neighbours(std::int64_t count, const std::byte* const* rows,
                                  std::int32_t* acc) const {
    switch (count) {
      case 4:
        return neighbours<4, kStep>(rows, acc);
      case 3:
        return neighbours<3, kStep>(rows, acc);
      case 2:
        return neighbours<2, kStep>(rows, acc);
      default:
        return neighbours<1, kStep>(rows, acc);
    }
  }
};

// Whether the pixel after that of `rows`, of 3 by 3 taps, reads the same columns kStep further.
template <int kStep>
HWY_INLINE bool is_neighbour(const std::byte* const* rows) {
  constexpr unsigned kShared = kStep == 1 ? 0b11011011 : 0b1001001;
  const __m512i next = _mm512_loadu_si512(rows + 9);
  const __m512i further = _mm512_loadu_si512(rows + kStep);
  return (_mm512_cmpeq_epi64_mask(next, further) & kShared) == kShared;
}

template <class DBytes>
void block_of_quads(const DepthwiseBlock& block, std::int64_t num_pixels,
                    std::int64_t num_channels) {
  const Quads<DBytes> quads(block, num_channels);
  for (std::int64_t p = 0; p < num_pixels;) {
    const std::byte* const* rows = block.rows + p * block.taps;
    std::int32_t* acc = block.acc + p * kDepthwiseChannels;
    const std::int64_t most = HWY_MIN(4, num_pixels - p);
    std::int64_t count = 1;
    if (block.taps != 9) {
      quads.pixel(rows, acc);
    } else if (most > 1 && is_neighbour<2>(rows)) {
      while (count < most && is_neighbour<2>(rows + (count - 1) * 9)) ++count;
      quads.template some_neighbours<2>(count, rows, acc);
    } else {
      while (count < most && is_neighbour<1>(rows + (count - 1) * 9)) ++count;
      quads.template some_neighbours<1>(count, rows, acc);
    }
    p += count;
  }
}

void quads(const DepthwiseBlock& block, std::int64_t num_pixels, std::int64_t num_channels) {
  if (num_channels <= 16) {
    return block_of_quads<hn::CappedTag<std::uint8_t, 16>>(block, num_pixels, num_channels);
  }
  if (num_channels <= 32) {
    return block_of_quads<hn::CappedTag<std::uint8_t, 32>>(block, num_pixels, num_channels);
  }
  block_of_quads<hn::CappedTag<std::uint8_t, 64>>(block, num_pixels, num_channels);
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
