// SPDX-License-Identifier: Apache-2.0
// Compiled once an instruction set.
#include "sluice/exact/simd/depthwise_kernels.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sluice/exact/simd/depthwise_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "sluice/exact/simd/depthwise_lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace sluice::exact::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// ---- singles

template <class Code>
void block_of_singles(const DepthwiseBlock& block, std::int64_t num_pixels,
                      std::int64_t num_channels) {
  const D d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const auto* weights = reinterpret_cast<const std::int32_t*>(block.weights);
  for (std::int64_t p = 0; p < num_pixels; ++p) {
    const std::byte* const* rows = block.rows + p * block.taps;
    for (std::int64_t c = 0; c < num_channels; c += lanes) {
      const std::int64_t count = HWY_MIN(lanes, num_channels - c);
      V acc = hn::LoadU(d, block.bias + c);
      for (std::int64_t t = 0; t < block.taps; ++t) {
        const std::byte* from = rows[t] + block.offset + c;
        const V codes = hn::PromoteTo(d, load_codes<Code>(from, count));
        const V weight = hn::LoadU(d, weights + t * kDepthwiseChannels + c);
        acc = add_product(acc, codes, weight);
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
// Pixels taken together: as many as the registers hold the columns of.
constexpr std::int64_t kMaxNeighbours = 3;

// DBytes: the tag of as many bytes as a block has channels; less than 64 if it is the last.
template <class DBytes>
struct Quads {
  using DShorts = hn::RepartitionToWide<DBytes>;
  using DSums = hn::RebindToSigned<hn::RepartitionToWide<DShorts>>;
  using Bytes = hn::Vec<DBytes>;
  using Sum = hn::Vec<DSums>;

  // The codes of a quad of taps, channel by channel, in the vectors of slots.
  struct Codes {
    Sum v[4];

    Codes() = default;
    HWY_INLINE Codes(Bytes a, Bytes b, Bytes c, Bytes d) {
      const DShorts shorts;
      const auto ab_low = hn::BitCast(shorts, hn::InterleaveLower(DBytes(), a, b));
      const auto ab_high = hn::BitCast(shorts, hn::InterleaveUpper(DBytes(), a, b));
      const auto cd_low = hn::BitCast(shorts, hn::InterleaveLower(DBytes(), c, d));
      const auto cd_high = hn::BitCast(shorts, hn::InterleaveUpper(DBytes(), c, d));
      v[0] = hn::BitCast(DSums(), hn::InterleaveLower(shorts, ab_low, cd_low));
      v[1] = hn::BitCast(DSums(), hn::InterleaveUpper(shorts, ab_low, cd_low));
      v[2] = hn::BitCast(DSums(), hn::InterleaveLower(shorts, ab_high, cd_high));
      v[3] = hn::BitCast(DSums(), hn::InterleaveUpper(shorts, ab_high, cd_high));
    }
  };

  // Four products of 8 bits a lane. In assembly, because the functions here are compiled for
  // AVX-512 without VNNI.
  static HWY_INLINE void add_products(Sum& sum, Sum codes, Sum weights) {
    __asm__("vpdpbusd %2, %1, %0" : "+v"(sum.raw) : "v"(codes.raw), "vm"(weights.raw));
  }

  // A vector of accumulators: in slots if the block is a large one, else in the order of channels.
  static constexpr int kDistance = hn::MaxLanes(DSums()) == 16 ? 16 : 4;
  static HWY_INLINE void store_vector(Sum sum, std::int32_t* acc) {
    if constexpr (hn::MaxLanes(DSums()) == 8) {
      const hn::Half<DSums> half;
      hn::StoreU(hn::LowerHalf(half, sum), half, acc);
      hn::StoreU(hn::UpperHalf(half, sum), half, acc + 16);
    } else {
      hn::StoreU(sum, DSums(), acc);
    }
  }

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

  HWY_INLINE Sum load_weights(std::int64_t quad, int v) const {
    const std::byte* from = block.weights + quad * kQuadBytes + v * kVectorBytes;
    return hn::LoadU(DSums(), reinterpret_cast<const std::int32_t*>(from));
  }

  // Any taps: four consecutive ones make a quad.
  HWY_INLINE void pixel(const std::byte* const* rows, std::int32_t* acc) const {
    Sum sums[4];
#pragma GCC unroll 4
    for (int v = 0; v < 4; ++v) sums[v] = hn::LoadU(DSums(), block.bias + v * 16);
    const Bytes zero = hn::Zero(DBytes());
    for (std::int64_t t = 0; t < block.taps; t += 4) {
      const std::int64_t rest = block.taps - t;
      const Codes codes(load(rows[t]), rest > 1 ? load(rows[t + 1]) : zero,
                        rest > 2 ? load(rows[t + 2]) : zero, rest > 3 ? load(rows[t + 3]) : zero);
#pragma GCC unroll 4
      for (int v = 0; v < 4; ++v) add_products(sums[v], codes.v[v], load_weights(t / 4, v));
    }
#pragma GCC unroll 4
    for (int v = 0; v < 4; ++v) store_vector(sums[v], acc + v * kDistance);
  }

  // A column of the 3 by 3 taps of a pixel.
  HWY_INLINE Codes column(const std::byte* const* rows) const {
    return {load(rows[0]), load(rows[3]), load(rows[6]), hn::Zero(DBytes())};
  }

  // 3 by 3 taps of kPixels neighbours, each kStep columns further: a column that two or three of
  // them read is loaded and interleaved once, and so is a weight.
  template <int kPixels, int kStep>
  HWY_INLINE void neighbours(const std::byte* const* rows, std::int32_t* acc) const {
    constexpr int kColumns = (kPixels - 1) * kStep + 3;
    Codes columns[kColumns];
#pragma GCC unroll 16
    for (int j = 0; j < kColumns; ++j) {
      const int owner = HWY_MIN(j / kStep, kPixels - 1);
      columns[j] = column(rows + owner * 9 + j - owner * kStep);
    }
#pragma GCC unroll 4
    for (int v = 0; v < 4; ++v) {
      const Sum start = hn::LoadU(DSums(), block.bias + v * 16);
      const Sum left = load_weights(0, v);
      const Sum middle = load_weights(1, v);
      const Sum right = load_weights(2, v);
#pragma GCC unroll 4
      for (int p = 0; p < kPixels; ++p) {
        Sum sum = start;
        add_products(sum, columns[p * kStep].v[v], left);
        add_products(sum, columns[p * kStep + 1].v[v], middle);
        add_products(sum, columns[p * kStep + 2].v[v], right);
        store_vector(sum, acc + p * kDepthwiseChannels + v * kDistance);
      }
    }
  }

  // neighbours() of `count` ≤ kMaxNeighbours pixels.
  template <int kStep>
  HWY_INLINE void some_neighbours(std::int64_t count, const std::byte* const* rows,
                                  std::int32_t* acc) const {
    static_assert(kMaxNeighbours == 3);
    if (count == 3) return neighbours<3, kStep>(rows, acc);
    if (count == 2) return neighbours<2, kStep>(rows, acc);
    neighbours<1, kStep>(rows, acc);
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
    const std::int64_t most = HWY_MIN(kMaxNeighbours, num_pixels - p);
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
