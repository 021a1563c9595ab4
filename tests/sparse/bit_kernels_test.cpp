// SPDX-License-Identifier: Apache-2.0
#include "sluice/sparse/bit_kernels.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <limits>
#include <random>

#include "tests/support/every_target.hpp"

#include "sluice/numeric/tensor.hpp"

namespace sluice::sparse {
namespace {

using Bits = std::vector<std::uint64_t>;

bool bit_of(const Bits& bits, std::size_t i) {
  return (bits[i / 64] >> (i % 64) & 1U) != 0;
}

// As many random bits, each set with the chance of `percent`, with spare words behind them.
Bits random_bits(std::size_t count, unsigned percent, std::mt19937& random) {
  Bits bits(words_of(count) + kSpareWords + 4);
  for (std::size_t i = 0; i < count; ++i) {
    if (random() % 100 < percent) bits[i / 64] |= std::uint64_t{1} << (i % 64);
  }
  return bits;
}

std::span<const std::uint64_t> starts_of(const Bits& bits, std::size_t count) {
  return std::span(bits).first(words_of(count));
}

template <class T>
void expect_packed(DType dtype, const std::vector<T>& elements, std::int64_t zero,
                   const char* target) {
  for (const std::size_t count : {std::size_t{0}, std::size_t{1}, std::size_t{63}, std::size_t{64},
                                  std::size_t{65}, elements.size()}) {
    Bits bits(words_of(count) + 1, ~std::uint64_t{0});
    const std::size_t num_set = pack_nonzero(
        dtype, reinterpret_cast<const std::byte*>(elements.data()), count, zero, bits.data());
    const auto zeros = std::ranges::count(std::span(elements).first(count), static_cast<T>(zero));
    EXPECT_EQ(num_set + static_cast<std::size_t>(zeros), count);
    for (std::size_t i = 0; i < 64 * words_of(count); ++i) {
      const bool expected = i < count && elements[i] != static_cast<T>(zero);
      ASSERT_EQ(bit_of(bits, i), expected) << target << " " << to_string(dtype) << " " << i;
    }
    EXPECT_EQ(bits.back(), ~std::uint64_t{0}) << "nothing is written behind the last word";
  }
}

template <class T>
std::vector<T> few_values(std::mt19937& random, int least) {
  std::vector<T> values(331);
  for (T& value : values) value = static_cast<T>(least + static_cast<int>(random() % 3));
  return values;
}

TEST(BitKernels, PackEveryTypeOnEveryInstructionSet) {
  std::mt19937 random(1);
  test::on_every_target([&](const char* target) {
    expect_packed(DType::Float32, few_values<float>(random, -1), 0, target);
    expect_packed(DType::Int8, few_values<std::int8_t>(random, -128), -128, target);
    expect_packed(DType::UInt8, few_values<std::uint8_t>(random, 254), 255, target);
    expect_packed(DType::Int4, few_values<std::int8_t>(random, -8), -7, target);
    expect_packed(DType::Int16, few_values<std::int16_t>(random, -1), 0, target);
    expect_packed(DType::UInt16, few_values<std::uint16_t>(random, 40000), 40001, target);
    expect_packed(DType::Int32, few_values<std::int32_t>(random, -100000), -100000, target);
  });
}

TEST(BitKernels, ZeroHasTwoSignsAndNanIsNotZero) {
  const std::vector<float> values{0.0F, -0.0F, std::numeric_limits<float>::quiet_NaN(),
                                  std::numeric_limits<float>::denorm_min()};
  std::uint64_t bits = 0;
  pack_nonzero(DType::Float32, reinterpret_cast<const std::byte*>(values.data()), values.size(), 0,
               &bits);
  EXPECT_EQ(bits, 0b1100U);
}

TEST(BitKernels, WideAndNarrowFloatsAreNotPacked) {
  EXPECT_TRUE(is_packable(DType::Float32));
  EXPECT_TRUE(is_packable(DType::UInt32));
  EXPECT_FALSE(is_packable(DType::Float64));
  EXPECT_FALSE(is_packable(DType::Float16));
  EXPECT_FALSE(is_packable(DType::Int64));
  EXPECT_FALSE(is_packable(DType::Bool));
}

struct Taps {
  std::size_t windows;
  std::vector<std::size_t> taps;
};

std::vector<Taps> patterns() {
  std::vector<std::size_t> many;
  many.reserve(70);
  for (std::size_t k = 0; k < 70; ++k) many.push_back(3 * k);
  return {{1, {}},
          {500, {0}},
          {64, {0, 64}},
          {333, {0, 1, 2, 17, 18, 19, 34, 35, 36}},
          {1000, {0, 3, 63, 64, 65, 127, 128}},
          {257, many}};
}

TEST(BitKernels, CountPatternEqualsLookingAtEachOnEveryInstructionSet) {
  std::mt19937 random(2);
  for (const Taps& pattern : patterns()) {
    const std::size_t last = pattern.taps.empty() ? 0 : pattern.taps.back();
    const Bits bits = random_bits(pattern.windows + last, 60, random);
    const Bits starts = random_bits(pattern.windows, 80, random);
    std::vector<std::uint64_t> expected(pattern.taps.size() + 1, 5);
    for (std::size_t p = 0; p < pattern.windows; ++p) {
      if (!bit_of(starts, p)) continue;
      std::size_t set = 0;
      for (const std::size_t tap : pattern.taps) set += bit_of(bits, p + tap) ? 1 : 0;
      ++expected[set];
    }
    test::on_every_target([&](const char* target) {
      std::vector<std::uint64_t> counts(expected.size(), 5);
      count_taps(starts_of(starts, pattern.windows), bits.data(), pattern.taps, counts.data());
      EXPECT_EQ(counts, expected) << target << " with " << pattern.taps.size() << " taps";
    });
  }
}

TEST(BitKernels, CountMasksEqualsLookingAtEachOnEveryInstructionSet) {
  std::mt19937 random(3);
  for (const Taps& pattern : patterns()) {
    if (pattern.taps.size() > 16) continue;
    const std::size_t last = pattern.taps.empty() ? 0 : pattern.taps.back();
    const Bits bits = random_bits(pattern.windows + last, 60, random);
    const Bits starts = random_bits(pattern.windows, 50, random);
    const std::size_t num_masks = std::size_t{1} << pattern.taps.size();
    std::vector<std::uint32_t> expected(num_masks, 3);
    for (std::size_t p = 0; p < pattern.windows; ++p) {
      if (!bit_of(starts, p)) continue;
      std::size_t mask = 0;
      for (std::size_t k = 0; k < pattern.taps.size(); ++k) {
        mask |= static_cast<std::size_t>(bit_of(bits, p + pattern.taps[k])) << k;
      }
      ++expected[mask];
    }
    test::on_every_target([&](const char* target) {
      std::vector<std::uint32_t> counts(kMaskTables * num_masks);
      std::fill_n(counts.begin(), num_masks, 3U);
      count_masks(starts_of(starts, pattern.windows), bits.data(), pattern.taps, counts);
      for (std::size_t mask = 0; mask < num_masks; ++mask) {
        std::uint32_t count = 0;
        for (std::size_t i = 0; i < kMaskTables; ++i) count += counts[mask + i * num_masks];
        ASSERT_EQ(count, expected[mask]) << target << " with " << pattern.taps.size() << " taps";
      }
    });
  }
}

}  // namespace
}  // namespace sluice::sparse
