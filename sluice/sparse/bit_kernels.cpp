// SPDX-License-Identifier: Apache-2.0
// Compiled once an instruction set. Counting is bit-sliced: plane i of a vector holds bit i of as
// many counters as the vector has bits, so that adding a tap to all of them takes 2 operations a
// plane, and 64 windows of nine taps take about 100.
#include "sluice/sparse/bit_kernels.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <vector>

// Counting bits and compressing 16-bit lanes are single instructions there.
#define HWY_WANT_AVX3_DL
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

std::size_t count_set(const std::uint64_t* bits, std::size_t words) {
  const Words d;
  const std::size_t lanes = hn::Lanes(d);
  V sums = hn::Zero(d);
  std::size_t i = 0;
  for (; i + lanes <= words; i += lanes) {
    sums = hn::Add(sums, hn::PopulationCount(hn::LoadU(d, bits + i)));
  }
  if (i < words) {
    std::array<std::uint64_t, hn::MaxLanes(d)> rest{};
    std::copy(bits + i, bits + words, rest.begin());
    sums = hn::Add(sums, hn::PopulationCount(hn::LoadU(d, rest.data())));
  }
  return hn::GetLane(hn::SumOfLanes(d, sums));
}

// Lanes that differ from zero, a bit each, into as many bits from `to` on.
template <class D, class T>
HWY_INLINE void pack_vectors(D d, const T* elements, hn::Vec<D> zeros, std::uint8_t* to) {
  if constexpr (hn::MaxLanes(d) >= 8) {
    hn::StoreMaskBits(d, hn::Ne(hn::LoadU(d, elements), zeros), to);
  } else {
    unsigned packed = 0;  // several vectors fill a byte
    for (std::size_t i = 0; i < 8; i += hn::Lanes(d)) {
      std::uint8_t part = 0;
      hn::StoreMaskBits(d, hn::Ne(hn::LoadU(d, elements + i), zeros), &part);
      packed |= static_cast<unsigned>(part) << i;
    }
    *to = static_cast<std::uint8_t>(packed);
  }
}

template <class T>
std::size_t pack_elements(const T* elements, std::size_t count, T zero, std::uint64_t* bits) {
  const hn::CappedTag<T, 64> d;
  const std::size_t step = std::max<std::size_t>(8, hn::Lanes(d));
  const auto zeros = hn::Set(d, zero);
  const std::size_t whole = count - count % 64;
  auto* bytes = reinterpret_cast<std::uint8_t*>(bits);
  for (std::size_t i = 0; i < whole; i += step) {
    pack_vectors(d, elements + i, zeros, bytes + i / 8);
  }
  if (whole < count) {
    std::uint64_t packed = 0;
    for (std::size_t i = whole; i < count; ++i) {
      packed |= static_cast<std::uint64_t>(elements[i] != zero) << (i % 64);
    }
    bits[whole / 64] = packed;
  }
  return count_set(bits, words_of(count));
}

template <class T>
std::size_t pack_as(const std::byte* elements, std::size_t count, std::int64_t zero,
                    std::uint64_t* bits) {
  return pack_elements(reinterpret_cast<const T*>(elements), count, static_cast<T>(zero), bits);
}

std::size_t pack(DType dtype, const std::byte* elements, std::size_t count, std::int64_t zero,
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

// Adds `carry` to the counters from plane `first` on.
template <int num_planes>
HWY_INLINE void add_bit(V (&planes)[num_planes], int first, V carry) {
  for (int i = first; i < num_planes; ++i) {
    const V both = hn::And(planes[i], carry);
    planes[i] = hn::Xor(planes[i], carry);
    carry = both;
  }
}

// Counters of `num_planes` bits are wide enough for the taps. `sums`: (taps + 1)·lanes zeros.
template <int num_planes>
HWY_INLINE void count_in_planes(std::span<const std::uint64_t> starts, const std::uint64_t* bits,
                                std::span<const std::size_t> taps, std::uint64_t* sums) {
  const Words d;
  const std::size_t lanes = hn::Lanes(d);
  for (std::size_t word = 0; word < starts.size(); word += lanes) {
    V planes[num_planes];
    for (V& plane : planes) plane = hn::Zero(d);
    std::size_t k = 0;
    // Two taps and the lowest plane are one full adder.
    for (; k + 2 <= taps.size(); k += 2) {
      const V a = shifted(bits + word, taps[k]);
      const V b = shifted(bits + word, taps[k + 1]);
      const V either = hn::Xor(a, b);
      const V carry = hn::Or(hn::And(a, b), hn::And(planes[0], either));
      planes[0] = hn::Xor(planes[0], either);
      add_bit(planes, 1, carry);
    }
    if (k < taps.size()) add_bit(planes, 0, shifted(bits + word, taps[k]));
    const V begins = hn::LoadU(d, starts.data() + word);
    for (std::size_t n = 0; n <= taps.size(); ++n) {
      V equal = begins;
      for (int i = 0; i < num_planes; ++i) {
        equal = (n >> i & 1) != 0 ? hn::And(equal, planes[i]) : hn::AndNot(planes[i], equal);
      }
      std::uint64_t* sum = sums + n * lanes;
      hn::StoreU(hn::Add(hn::LoadU(d, sum), hn::PopulationCount(equal)), d, sum);
    }
  }
}

void count_into(std::span<const std::uint64_t> starts, const std::uint64_t* bits,
                std::span<const std::size_t> taps, std::uint64_t* sums) {
  switch (std::bit_width(taps.size())) {
    case 0:
    case 1:
      return count_in_planes<1>(starts, bits, taps, sums);
    case 2:
      return count_in_planes<2>(starts, bits, taps, sums);
    case 3:
      return count_in_planes<3>(starts, bits, taps, sums);
    case 4:
      return count_in_planes<4>(starts, bits, taps, sums);
    case 5:
      return count_in_planes<5>(starts, bits, taps, sums);
    case 6:
      return count_in_planes<6>(starts, bits, taps, sums);
    default:
      return count_in_planes<24>(starts, bits, taps, sums);
  }
}

void count(std::span<const std::uint64_t> starts, const std::uint64_t* bits,
           std::span<const std::size_t> taps, std::uint64_t* counts) {
  constexpr std::size_t kFew = 16;  // taps of most kernels: no allocation for them
  const std::size_t lanes = hn::Lanes(Words());
  const std::size_t size = (taps.size() + 1) * lanes;
  std::array<std::uint64_t, kFew * hn::MaxLanes(Words())> few;
  std::vector<std::uint64_t> many;
  std::uint64_t* sums = few.data();
  if (size <= few.size()) {
    std::fill_n(sums, size, 0);
  } else {
    many.resize(size);
    sums = many.data();
  }
  count_into(starts, bits, taps, sums);
  for (std::size_t n = 0; n <= taps.size(); ++n) {
    for (std::size_t lane = 0; lane < lanes; ++lane) counts[n] += sums[n * lanes + lane];
  }
}

// ---- masks

// The lowest bits of a word, one a lane.
template <class D>
HWY_INLINE hn::Mask<D> mask_of(D d, std::uint64_t word) {
  std::array<std::uint8_t, 8> bytes;
  std::memcpy(bytes.data(), &word, sizeof(word));
  return hn::LoadMaskBits(d, bytes.data());
}

// 57 bits or more from `position` on.
HWY_INLINE std::uint64_t bits_from(const std::uint64_t* bits, std::size_t position) {
  std::uint64_t word;
  std::memcpy(&word, reinterpret_cast<const std::uint8_t*>(bits) + position / 8, sizeof(word));
  return word >> (position % 8);
}

// The masks of 64 windows from `position` on, those alone that begin, one after another; how many.
std::size_t masks_of(std::uint64_t starts, const std::uint64_t* bits, std::size_t position,
                     std::span<const std::size_t> taps, std::uint16_t* masks) {
  const hn::CappedTag<std::uint16_t, 32> d;
  const std::size_t step = std::max<std::size_t>(8, hn::Lanes(d));
  if (hn::Lanes(d) < 8) {  // bits of a byte are then taken one by one
    std::size_t count = 0;
    for (std::size_t i = 0; i < 64; ++i) {
      if ((starts >> i & 1U) == 0) continue;
      std::size_t mask = 0;
      for (std::size_t k = 0; k < taps.size(); ++k) {
        const std::size_t at = position + i + taps[k];
        mask |= static_cast<std::size_t>(bits[at / 64] >> (at % 64) & 1U) << k;
      }
      masks[count++] = static_cast<std::uint16_t>(mask);
    }
    return count;
  }
  std::size_t count = 0;
  for (std::size_t i = 0; i < 64; i += step) {
    auto mask = hn::Zero(d);
    for (std::size_t k = 0; k < taps.size(); ++k) {
      const auto bit = hn::Set(d, static_cast<std::uint16_t>(1U << k));
      mask = hn::Or(mask,
                    hn::IfThenElseZero(mask_of(d, bits_from(bits, position + i + taps[k])), bit));
    }
    const auto begins = mask_of(d, starts >> i);
    // Not CompressStore: compressing into memory takes hundreds of cycles on some machines.
    hn::StoreU(hn::Compress(mask, begins), d, masks + count);
    count += hn::CountTrue(d, begins);
  }
  return count;
}

void count_by_mask(std::span<const std::uint64_t> starts, const std::uint64_t* bits,
                   std::span<const std::size_t> taps, std::uint32_t* counts) {
  const std::size_t size = std::size_t{1} << taps.size();
  std::array<std::uint16_t, 64 + 32> masks;
  for (std::size_t word = 0; word < starts.size(); ++word) {
    if (starts[word] == 0) continue;
    const std::size_t count = masks_of(starts[word], bits, word * 64, taps, masks.data());
    std::size_t i = 0;
    for (; i + 4 <= count; i += 4) {
      ++counts[masks[i]];
      ++counts[size + masks[i + 1]];
      ++counts[2 * size + masks[i + 2]];
      ++counts[3 * size + masks[i + 3]];
    }
    for (; i < count; ++i) ++counts[masks[i]];
  }
}

}  // namespace sluice::sparse::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sluice::sparse {
namespace {

HWY_EXPORT(pack);
HWY_EXPORT(count);
HWY_EXPORT(count_by_mask);

}  // namespace

bool is_packable(DType dtype) noexcept {
  return dtype == DType::Float32 || (is_integer(dtype) && storage_bytes(dtype) <= 4);
}

std::size_t pack_nonzero(DType dtype, const std::byte* elements, std::size_t count,
                         std::int64_t zero, std::uint64_t* bits) {
  SL_ASSERT(is_packable(dtype), "numbers of 32 bits at most");
  return HWY_DYNAMIC_DISPATCH(pack)(dtype, elements, count, zero, bits);
}

void count_taps(std::span<const std::uint64_t> starts, const std::uint64_t* bits,
                std::span<const std::size_t> taps, std::uint64_t* counts) {
  HWY_DYNAMIC_DISPATCH(count)(starts, bits, taps, counts);
}

void count_masks(std::span<const std::uint64_t> starts, const std::uint64_t* bits,
                 std::span<const std::size_t> taps, std::span<std::uint32_t> counts) {
  SL_ASSERT(taps.size() <= 16 && counts.size() == kMaskTables << taps.size(),
            "four counts a mask of 16 bits at most");
  HWY_DYNAMIC_DISPATCH(count_by_mask)(starts, bits, taps, counts.data());
}

}  // namespace sluice::sparse
#endif
