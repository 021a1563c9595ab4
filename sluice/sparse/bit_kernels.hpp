// SPDX-License-Identifier: Apache-2.0
// Strings of bits: which numbers are not zero, and how often a pattern of places is so. Bit i is
// bit i mod 64 of word i / 64. Vector kernels, each equal to a plain loop.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "sluice/numeric/dtype.hpp"

namespace sluice::sparse {

// Words of zeros that must follow a string which kernels read: vectors end beyond it.
inline constexpr std::size_t kSpareWords = 9;

constexpr std::size_t words_of(std::size_t bits) {
  return (bits + 63) / 64;
}

// Whether elements of this type can be packed: float32, integers of at most 32 bits.
[[nodiscard]] bool is_packable(DType dtype) noexcept;

// bits[i] = (elements[i] != zero) for `count` elements in their storage type; the unused bits of
// the last word become 0. The number of bits that are set. A float's NaN is not zero, its −0 is.
std::size_t pack_nonzero(DType dtype, const std::byte* elements, std::size_t count,
                         std::int64_t zero, std::uint64_t* bits);

// For each bit p that is set in `starts`: counts[number of set bits among p + taps[…]] += 1. There
// are taps.size() + 1 counts. `starts` and, behind the farthest tap, `bits` go on with kSpareWords
// words of zeros.
void count_taps(std::span<const std::uint64_t> starts, const std::uint64_t* bits,
                std::span<const std::size_t> taps, std::uint64_t* counts);

// For each bit p that is set in `starts`, one is added for the mask whose bit k is bits[p +
// taps[k]]: to counts[mask + i·2^taps], for some i below kMaskTables. Windows side by side often
// have the same mask, and an addition to the same count would wait for the other. At most 16 taps.
inline constexpr std::size_t kMaskTables = 4;
void count_masks(std::span<const std::uint64_t> starts, const std::uint64_t* bits,
                 std::span<const std::size_t> taps, std::span<std::uint32_t> counts);

}  // namespace sluice::sparse
