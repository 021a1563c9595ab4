// SPDX-License-Identifier: Apache-2.0
// Compiled once an instruction set.
#include "sluice/exact/simd/dense_kernels.hpp"

#include <array>
#include <cstring>
#include <utility>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sluice/exact/simd/dense_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "sluice/exact/simd/requantize_lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace sluice::exact::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<std::int32_t, kMaxDenseLanes>;
using V = hn::Vec<D>;

// Two products of 16 bits a lane.
struct DotPairs {
  static constexpr int kMaxRows = HWY_TARGET == HWY_AVX3 ? 12 : 5;

  static HWY_INLINE V from(V codes) { return codes; }

  static HWY_INLINE V step(V acc, V codes, V weights) {
#if HWY_ARCH_X86 && HWY_TARGET != HWY_EMU128 && HWY_TARGET != HWY_SCALAR
    const hn::RepartitionToNarrow<D> d16;
    V unused = hn::Zero(D());
    return hn::ReorderWidenMulAccumulate(D(), hn::BitCast(d16, codes), hn::BitCast(d16, weights),
                                         acc, unused);
#else
    const V low = hn::Mul(hn::ShiftRight<16>(hn::ShiftLeft<16>(codes)),
                          hn::ShiftRight<16>(hn::ShiftLeft<16>(weights)));
    const V high = hn::Mul(hn::ShiftRight<16>(codes), hn::ShiftRight<16>(weights));
    return hn::Add(acc, hn::Add(low, high));
#endif
  }
};

#if HWY_TARGET == HWY_AVX3
// Four products of 8 bits a lane. In assembly, because the functions here are compiled for AVX-512
// without VNNI, which not each such machine has.
template <bool kIsSigned>
struct DotQuads {
  static constexpr int kMaxRows = kMaxTileRows;

  // uint8 from the codes of the input.
  static HWY_INLINE V from(V codes) {
    if constexpr (!kIsSigned) return codes;
    return hn::Xor(codes, hn::Set(D(), static_cast<std::int32_t>(0x80808080)));
  }

  static HWY_INLINE V step(V acc, V codes, V weights) {
    __asm__("vpdpbusd %2, %1, %0" : "+v"(acc.raw) : "v"(codes.raw), "v"(weights.raw));
    return acc;
  }
};
#endif

// So many vectors, in lanes.
HWY_INLINE std::int64_t lanes_of(std::int64_t vectors) {
  return vectors * static_cast<std::int64_t>(hn::Lanes(D()));
}

HWY_INLINE V broadcast_step(const std::byte* from) {
  std::int32_t step;
  std::memcpy(&step, from, sizeof(step));
  return hn::Set(D(), step);
}

// Sums of few lanes are split into chains, whose steps do not wait for each other.
constexpr int chains_of(int accumulators) {
  return accumulators >= 8 ? 1 : accumulators >= 4 ? 2 : 4;
}

template <class Dot, int kRows, int kVectors>
struct Accumulators {
  static constexpr int kChains = chains_of(kRows * kVectors);
  V lanes[kChains][kRows][kVectors];

  HWY_INLINE explicit Accumulators(const std::int32_t* bias) {
    const D d;
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) {
      const V start = hn::LoadU(d, bias + lanes_of(v));
#pragma GCC unroll 16
      for (int r = 0; r < kRows; ++r) {
        lanes[0][r][v] = start;
#pragma GCC unroll 16
        for (int c = 1; c < kChains; ++c) lanes[c][r][v] = hn::Zero(d);
      }
    }
  }

  template <int kChain>
  HWY_INLINE void add_step(const std::byte* const* rows, std::int64_t at,
                           const std::byte* weights) {
    const D d;
    V weight[kVectors];
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) {
      weight[v] = hn::LoadU(d, reinterpret_cast<const std::int32_t*>(weights) + lanes_of(v));
    }
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) {
      const V codes = Dot::from(broadcast_step(rows[r] + at));
#pragma GCC unroll 16
      for (int v = 0; v < kVectors; ++v) {
        lanes[kChain][r][v] = Dot::step(lanes[kChain][r][v], codes, weight[v]);
      }
    }
  }

  HWY_INLINE void store(std::int32_t* acc) const {
    const D d;
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 16
      for (int v = 0; v < kVectors; ++v) {
        V sum = lanes[0][r][v];
#pragma GCC unroll 16
        for (int c = 1; c < kChains; ++c) sum = hn::Add(sum, lanes[c][r][v]);
        hn::StoreU(sum, d, acc + lanes_of(r * kVectors + v));
      }
    }
  }
};

template <class Sums, int kRows, int kVectors>
HWY_INLINE void add_products(const DenseTile& tile, Sums& sums) {
  const auto weight_bytes = static_cast<std::int64_t>(kVectors * kStepBytes * hn::Lanes(D()));
  const std::byte* weights = tile.weights;
  for (std::int64_t piece = 0; piece < tile.num_pieces; ++piece) {
    const std::byte* rows[kRows];
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) {
      rows[r] = tile.rows[r * tile.num_pieces + piece] + tile.offset;
    }
    const std::int64_t bytes = tile.piece_steps * kStepBytes;
    std::int64_t at = 0;
    for (; at + 4 * kStepBytes <= bytes; at += 4 * kStepBytes, weights += 4 * weight_bytes) {
      sums.template add_step<0>(rows, at, weights);
      sums.template add_step<1 % Sums::kChains>(rows, at + kStepBytes, weights + weight_bytes);
      sums.template add_step<2 % Sums::kChains>(rows, at + 2 * kStepBytes,
                                                weights + 2 * weight_bytes);
      sums.template add_step<3 % Sums::kChains>(rows, at + 3 * kStepBytes,
                                                weights + 3 * weight_bytes);
    }
    for (; at < bytes; at += kStepBytes, weights += weight_bytes) {
      sums.template add_step<0>(rows, at, weights);
    }
  }
}

template <class Dot, int kRows, int kVectors>
void tile_of(const DenseTile& tile) {
  using Sums = Accumulators<Dot, kRows, kVectors>;
  Sums sums(tile.bias);
  add_products<Sums, kRows, kVectors>(tile, sums);
  sums.store(tile.acc);
}

#if HWY_TARGET == HWY_AVX3
// Requantized 4/kVectors rows at a time.
template <class Dot, class Lanes, int kVectors>
void fused_tile_of(const DenseTile& tile, const DenseCodes& codes) {
  constexpr int kRows = Dot::kMaxRows;
  constexpr int kRowsAtOnce = 4 / kVectors;
  constexpr int kRowBytes = 16 * kVectors;
  using Sums = Accumulators<Dot, kRows, kVectors>;
  static_assert(Sums::kChains == 1);
  Sums sums(tile.bias);
  add_products<Sums, kRows, kVectors>(tile, sums);

  const Avx512Bytes bytes(Lanes::code_offset(codes.params), codes.params.lowest,
                          codes.params.highest, codes.params.is_signed);
  const Lanes first(codes.params, 0);
  const Lanes second(codes.params, (kVectors - 1) * 16);
  const std::uint64_t mask = ~std::uint64_t{0} >> (64 - codes.num_channels);
  const std::int64_t stride = codes.out.stride;
  std::byte* to = codes.out.data;
#pragma GCC unroll 16
  for (int r = 0; r < kRows; r += kRowsAtOnce, to += kRowsAtOnce * stride) {
    __m512i lanes[4];
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) {
      const int row = HWY_MIN(r + i / kVectors, kRows - 1);  // the last again if there is no more
      const Lanes& function = i % kVectors == 0 ? first : second;
      lanes[i] = function(sums.lanes[0][row][i % kVectors]).raw;
    }
    const __m512i packed =
        Avx512Bytes::in_order(bytes.interleaved(lanes[0], lanes[1], lanes[2], lanes[3]));
    store_row<kRowBytes, 0>(packed, mask, to);
    if (r + 1 < kRows) store_row<kRowBytes, 1>(packed, mask, to + stride);
    if constexpr (kRowsAtOnce == 4) {
      if (r + 2 < kRows) store_row<kRowBytes, 2>(packed, mask, to + 2 * stride);
      if (r + 3 < kRows) store_row<kRowBytes, 3>(packed, mask, to + 3 * stride);
    }
  }
}
#endif

// tile_of for 1 … kMaxRows rows, by index.
template <class Dot, int kVectors, int... kIndex>
void tile_by_rows(const DenseTile& tile, std::int64_t num_rows,
                  std::integer_sequence<int, kIndex...> /*indices*/) {
  using Function = void (*)(const DenseTile&);
  static constexpr std::array<Function, sizeof...(kIndex)> kFunctions{
      tile_of<Dot, kIndex + 1, kVectors>...};
  kFunctions[static_cast<std::size_t>(num_rows - 1)](tile);
}

template <class Dot>
void tile_as(const DenseTile& tile, std::int64_t num_rows, std::int64_t num_vectors) {
  constexpr std::make_integer_sequence<int, Dot::kMaxRows> kIndices;
  static_assert(kPanelVectors == 2);
  if (num_vectors == 1) return tile_by_rows<Dot, 1>(tile, num_rows, kIndices);
  tile_by_rows<Dot, 2>(tile, num_rows, kIndices);
}

#if HWY_TARGET == HWY_AVX3
void tile_quads(const DenseTile& tile, std::int64_t num_rows, std::int64_t num_vectors) {
  if (tile.is_signed) return tile_as<DotQuads<true>>(tile, num_rows, num_vectors);
  tile_as<DotQuads<false>>(tile, num_rows, num_vectors);
}

template <class Lanes>
void fused_quads(const DenseTile& tile, const DenseCodes& codes, std::int64_t num_vectors) {
  static_assert(kPanelVectors == 2);
  if (tile.is_signed) {
    if (num_vectors == 1) return fused_tile_of<DotQuads<true>, Lanes, 1>(tile, codes);
    return fused_tile_of<DotQuads<true>, Lanes, 2>(tile, codes);
  }
  if (num_vectors == 1) return fused_tile_of<DotQuads<false>, Lanes, 1>(tile, codes);
  fused_tile_of<DotQuads<false>, Lanes, 2>(tile, codes);
}
#endif

const DenseKernels* widening_dense_table() {
  static const DenseKernels kKernels{"pairs",
                                     static_cast<std::int64_t>(hn::Lanes(D())),
                                     DotPairs::kMaxRows,
                                     true,
                                     tile_as<DotPairs>,
                                     {}};
  return &kKernels;
}

const DenseKernels* dense_table() {
#if HWY_TARGET == HWY_AVX3
  static const DenseKernels kKernels{
      "quads",
      static_cast<std::int64_t>(hn::Lanes(D())),
      kMaxTileRows,
      false,
      tile_quads,
      {fused_quads<Integer<true>>, fused_quads<Integer<false>>, fused_quads<Float32>,
       fused_quads<Float64>, fused_quads<Shift>}};
  if (__builtin_cpu_supports("avx512vnni")) return &kKernels;
#endif
  return widening_dense_table();
}

}  // namespace sluice::exact::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sluice::exact {

HWY_EXPORT(dense_table);
HWY_EXPORT(widening_dense_table);

const DenseKernels& dense_kernels() {
  return *HWY_DYNAMIC_DISPATCH(dense_table)();
}

const DenseKernels& widening_dense_kernels() {
  return *HWY_DYNAMIC_DISPATCH(widening_dense_table)();
}

}  // namespace sluice::exact
#endif
