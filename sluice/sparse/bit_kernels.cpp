// SPDX-License-Identifier: Apache-2.0
// Compiled once an instruction set. Counting is bit-sliced: plane i of a vector holds bit i of as
// many counters as the vector has bits, so that adding a tap to all of them takes 2 operations a
// plane, and 64 windows of nine taps take about 100.
#include "sluice/sparse/bit_kernels.hpp"

#include <array>
#include <bit>
#include <cstring>
#include <vector>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sluice/sparse/bit_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "sluice/base/assert.hpp"

HWY_BEFORE_NAMESPACE();
namespace sluice::sparse::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Words = hn::CappedTag<std::uint64_t, 8>;
using V = hn::Vec<Words>;

// ---- packing

template <class T>
void pack_elements(const T* elements, std::size_t count, T zero, std::uint64_t* bits) {
  const hn::CappedTag<T, 64> d;
  const std::size_t lanes = hn::Lanes(d);
  const auto zeros = hn::Set(d, zero);
  const std::uint64_t used = lanes == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << lanes) - 1;
  std::size_t word = 0;
  for (; (word + 1) * 64 <= count; ++word) {
    std::uint64_t packed = 0;
    for (std::size_t i = 0; i < 64; i += lanes) {
      std::array<std::uint8_t, 8> bytes{};
      hn::StoreMaskBits(d, hn::Ne(hn::LoadU(d, elements + word * 64 + i), zeros), bytes.data());
      std::uint64_t part;
      std::memcpy(&part, bytes.data(), sizeof(part));
      packed |= (part & used) << i;
    }
    bits[word] = packed;
  }
  if (word * 64 == count) return;
  std::uint64_t packed = 0;
  for (std::size_t i = word * 64; i < count; ++i) {
    packed |= static_cast<std::uint64_t>(elements[i] != zero) << (i % 64);
  }
  bits[word] = packed;
}

template <class T>
void pack_as(const std::byte* elements, std::size_t count, std::int64_t zero, std::uint64_t* bits) {
  pack_elements(reinterpret_cast<const T*>(elements), count, static_cast<T>(zero), bits);
}

void pack(DType dtype, const std::byte* elements, std::size_t count, std::int64_t zero,
          std::uint64_t* bits) {
  if (dtype == DType::Float32) return pack_as<float>(elements, count, zero, bits);
  const bool is_signed = integer_range(dtype).least < 0;
  switch (storage_bytes(dtype)) {
    case 1:
      if (is_signed) return pack_as<std::int8_t>(elements, count, zero, bits);
      return pack_as<std::uint8_t>(elements, count, zero, bits);
    case 2:
      if (is_signed) return pack_as<std::int16_t>(elements, count, zero, bits);
      return pack_as<std::uint16_t>(elements, count, zero, bits);
    default:
      if (is_signed) return pack_as<std::int32_t>(elements, count, zero, bits);
      return pack_as<std::uint32_t>(elements, count, zero, bits);
  }
}

// ---- counting

// The bits `tap` places behind those of a vector of words at `bits`.
HWY_INLINE V shifted(const std::uint64_t* bits, std::size_t tap) {
  const Words d;
  const std::uint64_t* at = bits + tap / 64;
  const int shift = static_cast<int>(tap % 64);
  const V low = hn::LoadU(d, at);
  if (shift == 0) return low;
  return hn::Or(hn::ShiftRightSame(low, shift),
                hn::ShiftLeftSame(hn::LoadU(d, at + 1), 64 - shift));
}

// Counters of `num_planes` bits are wide enough for the taps.
template <int num_planes>
void count_in_planes(std::span<const std::uint64_t> starts, const std::uint64_t* bits,
                     std::span<const std::size_t> taps, std::uint64_t* counts) {
  const Words d;
  const std::size_t lanes = hn::Lanes(d);
  std::vector<std::uint64_t> sums((taps.size() + 1) * lanes);
  for (std::size_t word = 0; word < starts.size(); word += lanes) {
    V planes[num_planes];
    for (V& plane : planes) plane = hn::Zero(d);
    for (const std::size_t tap : taps) {
      V carry = shifted(bits + word, tap);
      for (V& plane : planes) {
        const V both = hn::And(plane, carry);
        plane = hn::Xor(plane, carry);
        carry = both;
      }
    }
    const V begins = hn::LoadU(d, starts.data() + word);
    for (std::size_t n = 0; n <= taps.size(); ++n) {
      V equal = begins;
      for (int i = 0; i < num_planes; ++i) {
        equal = (n >> i & 1) != 0 ? hn::And(equal, planes[i]) : hn::AndNot(planes[i], equal);
      }
      std::uint64_t* sum = sums.data() + n * lanes;
      hn::StoreU(hn::Add(hn::LoadU(d, sum), hn::PopulationCount(equal)), d, sum);
    }
  }
  for (std::size_t n = 0; n <= taps.size(); ++n) {
    for (std::size_t lane = 0; lane < lanes; ++lane) counts[n] += sums[n * lanes + lane];
  }
}

void count(std::span<const std::uint64_t> starts, const std::uint64_t* bits,
           std::span<const std::size_t> taps, std::uint64_t* counts) {
  switch (std::bit_width(taps.size())) {
    case 0:
    case 1:
      return count_in_planes<1>(starts, bits, taps, counts);
    case 2:
      return count_in_planes<2>(starts, bits, taps, counts);
    case 3:
      return count_in_planes<3>(starts, bits, taps, counts);
    case 4:
      return count_in_planes<4>(starts, bits, taps, counts);
    case 5:
      return count_in_planes<5>(starts, bits, taps, counts);
    case 6:
      return count_in_planes<6>(starts, bits, taps, counts);
    default:
      return count_in_planes<24>(starts, bits, taps, counts);
  }
}

}  // namespace sluice::sparse::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sluice::sparse {
namespace {

HWY_EXPORT(pack);
HWY_EXPORT(count);

// The 8×8 matrix of bits whose row i is byte i, transposed: three rounds swap halves of blocks of
// 2, 4 and 8 rows.
std::uint64_t transpose8(std::uint64_t rows) {
  const auto swap = [&rows](std::uint64_t mask, int distance) {
    const std::uint64_t moved = (rows ^ (rows >> distance)) & mask;
    rows ^= moved ^ (moved << distance);
  };
  swap(0x00AA00AA00AA00AAU, 7);
  swap(0x0000CCCC0000CCCCU, 14);
  swap(0x00000000F0F0F0F0U, 28);
  return rows;
}

std::uint64_t word_at(const std::uint64_t* bits, std::size_t position) {
  const std::uint64_t* at = bits + position / 64;
  const unsigned shift = position % 64;
  return shift == 0 ? at[0] : at[0] >> shift | at[1] << (64 - shift);
}

// Eight masks, one a byte, of the taps [first, first + 8): those of the positions at `byte`.
std::uint64_t masks_of(std::span<const std::uint64_t> tapped, std::size_t first, unsigned byte) {
  std::uint64_t rows = 0;
  for (std::size_t k = first; k < tapped.size() && k < first + 8; ++k) {
    rows |= (tapped[k] >> (8 * byte) & 0xFFU) << (8 * (k - first));
  }
  return transpose8(rows);
}

}  // namespace

bool is_packable(DType dtype) noexcept {
  return dtype == DType::Float32 || (is_integer(dtype) && storage_bytes(dtype) <= 4);
}

void pack_nonzero(DType dtype, const std::byte* elements, std::size_t count, std::int64_t zero,
                  std::uint64_t* bits) {
  SL_ASSERT(is_packable(dtype), "numbers of 32 bits at most");
  HWY_DYNAMIC_DISPATCH(pack)(dtype, elements, count, zero, bits);
}

void count_taps(std::span<const std::uint64_t> starts, const std::uint64_t* bits,
                std::span<const std::size_t> taps, std::uint64_t* counts) {
  HWY_DYNAMIC_DISPATCH(count)(starts, bits, taps, counts);
}

void count_masks(std::span<const std::uint64_t> starts, const std::uint64_t* bits,
                 std::span<const std::size_t> taps, std::uint64_t* counts) {
  SL_ASSERT(taps.size() <= 16, "masks of 16 bits");
  std::array<std::uint64_t, 16> words{};
  const std::span<const std::uint64_t> tapped(words.data(), taps.size());
  for (std::size_t word = 0; word < starts.size(); ++word) {
    if (starts[word] == 0) continue;
    for (std::size_t k = 0; k < taps.size(); ++k) words[k] = word_at(bits, word * 64 + taps[k]);
    for (unsigned byte = 0; byte < 8; ++byte) {
      auto begins = static_cast<unsigned>(starts[word] >> (8 * byte) & 0xFFU);
      if (begins == 0) continue;
      const std::uint64_t low = masks_of(tapped, 0, byte);
      const std::uint64_t high = taps.size() > 8 ? masks_of(tapped, 8, byte) : 0;
      for (; begins != 0; begins &= begins - 1) {
        const int at = 8 * std::countr_zero(begins);
        counts[(low >> at & 0xFFU) | (high >> at & 0xFFU) << 8U] += 1;
      }
    }
  }
}

}  // namespace sluice::sparse
#endif
