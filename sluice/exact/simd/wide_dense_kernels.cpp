// SPDX-License-Identifier: Apache-2.0
// Compiled once an instruction set.
#include "sluice/exact/simd/wide_dense_kernels.hpp"

#include <array>
#include <cstring>
#include <utility>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sluice/exact/simd/wide_dense_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace sluice::exact::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_SCALAR
// One channel a vector.
void scalar_tile(const WideTile& tile, std::int64_t num_rows, std::int64_t num_vectors) {
  for (std::int64_t r = 0; r < num_rows; ++r) {
    for (std::int64_t v = 0; v < num_vectors; ++v) {
      std::int64_t sum = 0;
      const std::byte* weights = tile.weights + v * kStepBytes;
      for (std::int64_t piece = 0; piece < tile.num_pieces; ++piece) {
        const std::byte* row = tile.rows[r * tile.num_pieces + piece] + tile.offset;
        for (std::int64_t s = 0; s < tile.piece_steps; ++s, weights += num_vectors * kStepBytes) {
          std::array<std::int16_t, 2> code, weight;
          std::memcpy(code.data(), row + s * kStepBytes, kStepBytes);
          std::memcpy(weight.data(), weights, kStepBytes);
          sum += std::int64_t{code[0]} * weight[0] + std::int64_t{code[1]} * weight[1];
        }
      }
      tile.acc[r * num_vectors + v] = sum;
    }
  }
}

const WideDenseKernels* basic_wide_dense_table() {
  static constexpr WideDenseKernels kKernels{"scalar", 1, 1, 1, scalar_tile};
  return &kKernels;
}

const WideDenseKernels* wide_dense_table() {
  return basic_wide_dense_table();
}
#else
using D = hn::CappedTag<std::int32_t, kMaxDenseLanes>;
using DWide = hn::RebindToUnsigned<hn::RepartitionToWide<D>>;
using V = hn::Vec<D>;
using VWide = hn::Vec<DWide>;

// Registers for the sums: 3 a vector of accumulators with several segments, else 1.
constexpr int kMaxRows = HWY_TARGET == HWY_AVX3 ? 4 : 2;
constexpr int kMaxSingleRows = HWY_TARGET == HWY_AVX3 ? 12 : 5;

// Two products of 16 bits a lane.
struct MultiplyThenAdd {
  static HWY_INLINE V step(V acc, V codes, V weights) {
    const hn::RepartitionToNarrow<D> d16;
#if HWY_ARCH_X86 && HWY_TARGET != HWY_EMU128
    V unused = hn::Zero(D());
    return hn::ReorderWidenMulAccumulate(D(), hn::BitCast(d16, codes), hn::BitCast(d16, weights),
                                         acc, unused);
#else
    const auto even = [](V pairs) { return hn::ShiftRight<16>(hn::ShiftLeft<16>(pairs)); };
    const V low = hn::Mul(even(codes), even(weights));
    const V high = hn::Mul(hn::ShiftRight<16>(codes), hn::ShiftRight<16>(weights));
    static_cast<void>(d16);
    return hn::Add(acc, hn::Add(low, high));
#endif
  }
};

#if HWY_TARGET == HWY_AVX3
// The same in one instruction. In assembly, because the functions here are compiled for AVX-512
// without VNNI.
struct MultiplyAdd {
  static HWY_INLINE V step(V acc, V codes, V weights) {
    __asm__("vpdpwssd %2, %1, %0" : "+v"(acc.raw) : "v"(codes.raw), "v"(weights.raw));
    return acc;
  }
};
#endif

HWY_INLINE std::int64_t lanes_of(std::int64_t vectors) {
  return vectors * static_cast<std::int64_t>(hn::Lanes(D()));
}

HWY_INLINE V broadcast_step(const std::byte* from) {
  std::int32_t step;
  std::memcpy(&step, from, sizeof(step));
  return hn::Set(D(), step);
}

// A segment is added to 2^31, so that its sums, less than 2^31 in magnitude, are positive 32-bit
// numbers without a sign. As 64-bit numbers two lanes are then high·2^32 + low; `both` adds up
// these, `high` the upper halves, and Σ low = both − high·2^32, all without the borrows of signs.
template <class Dot, int kRows, int kVectors>
struct WideSums {
  V acc[kRows][kVectors];
  VWide both[kRows][kVectors], high[kRows][kVectors];

  HWY_INLINE WideSums() {
    start();
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 16
      for (int v = 0; v < kVectors; ++v) both[r][v] = high[r][v] = hn::Zero(DWide());
    }
  }

  HWY_INLINE void start() {
    const V bias = hn::Set(D(), INT32_MIN);
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 16
      for (int v = 0; v < kVectors; ++v) acc[r][v] = bias;
    }
  }

  HWY_INLINE void add_step(const std::byte* const* rows, std::int64_t at,
                           const std::byte* weights) {
    V weight[kVectors];
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) {
      weight[v] = hn::LoadU(D(), reinterpret_cast<const std::int32_t*>(weights) + lanes_of(v));
    }
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) {
      const V codes = broadcast_step(rows[r] + at);
#pragma GCC unroll 16
      for (int v = 0; v < kVectors; ++v) acc[r][v] = Dot::step(acc[r][v], codes, weight[v]);
    }
  }

  // The end of a segment.
  HWY_INLINE void widen() {
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 16
      for (int v = 0; v < kVectors; ++v) {
        const VWide sums = hn::BitCast(DWide(), acc[r][v]);
        both[r][v] = hn::Add(both[r][v], sums);
        high[r][v] = hn::Add(high[r][v], hn::ShiftRight<32>(sums));
      }
    }
    start();
  }

  HWY_INLINE void store(std::int64_t num_segments, std::int64_t* to) const {
    const VWide bias = hn::Set(DWide(), static_cast<std::uint64_t>(num_segments) << 31);
    const auto half = static_cast<std::int64_t>(hn::Lanes(DWide()));
    auto* out = reinterpret_cast<std::uint64_t*>(to);
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 16
      for (int v = 0; v < kVectors; ++v) {
        const VWide low = hn::Sub(both[r][v], hn::ShiftLeft<32>(high[r][v]));
        std::uint64_t* at = out + lanes_of(r * kVectors + v);
        hn::StoreU(hn::Sub(low, bias), DWide(), at);
        hn::StoreU(hn::Sub(high[r][v], bias), DWide(), at + half);
      }
    }
  }
};

template <class Dot, int kRows, int kVectors, bool kIsSingle>
void tile_of(const WideTile& tile) {
  const std::int64_t weight_bytes = lanes_of(kVectors) * kStepBytes;
  WideSums<Dot, kRows, kVectors> sums;
  const std::byte* weights = tile.weights;
  const std::int32_t* segment = tile.segments;
  std::int64_t left = *segment;  // steps of the segment
  for (std::int64_t piece = 0; piece < tile.num_pieces; ++piece) {
    const std::byte* rows[kRows];
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) {
      rows[r] = tile.rows[r * tile.num_pieces + piece] + tile.offset;
    }
    for (std::int64_t done = 0; done < tile.piece_steps;) {
      const std::int64_t steps =
          kIsSingle ? tile.piece_steps : HWY_MIN(left, tile.piece_steps - done);
      for (const std::int64_t end = done + steps; done < end; ++done, weights += weight_bytes) {
        sums.add_step(rows, done * kStepBytes, weights);
      }
      if constexpr (!kIsSingle) {
        left -= steps;
        if (left > 0) continue;
        sums.widen();
        left = *++segment;  // there is a 0 behind the last
      }
    }
  }
  if constexpr (kIsSingle) sums.widen();
  sums.store(tile.num_segments, tile.acc);
}

// tile_of for 1 … kMaxRows rows, by index.
template <class Dot, int kVectors, bool kIsSingle, int... kIndex>
void tile_by_rows(const WideTile& tile, std::int64_t num_rows,
                  std::integer_sequence<int, kIndex...> /*indices*/) {
  using Function = void (*)(const WideTile&);
  static constexpr std::array<Function, sizeof...(kIndex)> kFunctions{
      tile_of<Dot, kIndex + 1, kVectors, kIsSingle>...};
  kFunctions[static_cast<std::size_t>(num_rows - 1)](tile);
}

template <class Dot, int kVectors>
void tile_by_segments(const WideTile& tile, std::int64_t num_rows) {
  if (tile.num_segments == 1) {
    tile_by_rows<Dot, kVectors, true>(tile, num_rows,
                                      std::make_integer_sequence<int, kMaxSingleRows>());
  } else {
    tile_by_rows<Dot, kVectors, false>(tile, num_rows, std::make_integer_sequence<int, kMaxRows>());
  }
}

template <class Dot>
void tile_as(const WideTile& tile, std::int64_t num_rows, std::int64_t num_vectors) {
  static_assert(kPanelVectors == 2);
  if (num_vectors == 1) return tile_by_segments<Dot, 1>(tile, num_rows);
  tile_by_segments<Dot, 2>(tile, num_rows);
}

template <class Dot>
const WideDenseKernels* table_of(const char* name) {
  static const WideDenseKernels kKernels{name, lanes_of(1), kMaxRows, kMaxSingleRows, tile_as<Dot>};
  return &kKernels;
}

const WideDenseKernels* basic_wide_dense_table() {
  return table_of<MultiplyThenAdd>("pairs");
}

const WideDenseKernels* wide_dense_table() {
#if HWY_TARGET == HWY_AVX3
  if (__builtin_cpu_supports("avx512vnni")) return table_of<MultiplyAdd>("pairs at once");
#endif
  return basic_wide_dense_table();
}
#endif

}  // namespace sluice::exact::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sluice::exact {

HWY_EXPORT(wide_dense_table);
HWY_EXPORT(basic_wide_dense_table);

const WideDenseKernels& wide_dense_kernels() {
  return *HWY_DYNAMIC_DISPATCH(wide_dense_table)();
}

const WideDenseKernels& basic_wide_dense_kernels() {
  return *HWY_DYNAMIC_DISPATCH(basic_wide_dense_table)();
}

}  // namespace sluice::exact
#endif
