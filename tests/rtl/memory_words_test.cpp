// SPDX-License-Identifier: Apache-2.0
#include "sluice/rtl/memory_words.hpp"

#include <gtest/gtest.h>
#include <limits>

#include "tests/rtl/instances.hpp"

#include "sluice/base/rng.hpp"

namespace sluice::rtl {
namespace {

TEST(MemoryWords, HaveTheFirstFieldInTheLowestBits) {
  MemoryWords words(12);
  words.add(0x5, 4);
  words.add(0xab, 8);
  EXPECT_EQ(std::move(words).text(), "ab5\n");
}

TEST(MemoryWords, AreTwosComplement) {
  MemoryWords words(8);
  words.add(-1, 4);
  words.add(-8, 4);
  words.add(-128, 8);
  EXPECT_EQ(std::move(words).text(), "8f\n80\n");
}

TEST(MemoryWords, HaveAsManyDigitsAsTheirBitsNeed) {
  MemoryWords odd(5);
  odd.add(31, 5);
  odd.add(1, 5);
  EXPECT_EQ(std::move(odd).text(), "1f\n01\n");
  MemoryWords bit(1);
  bit.add(1, 1);
  EXPECT_EQ(std::move(bit).text(), "1\n");
}

TEST(MemoryWords, CarryFieldsAcross64Bits) {
  MemoryWords words(96);
  words.add(0, 60);
  words.add(0xff, 8);
  words.add(0x123'4567, 28);
  EXPECT_EQ(std::move(words).text(), "1234567ff000000000000000\n");
}

TEST(MemoryWords, TakeFieldsOf64Bits) {
  MemoryWords words(128);
  words.add(std::numeric_limits<std::int64_t>::min(), 64);
  words.add(-2, 64);
  EXPECT_EQ(std::move(words).text(), "fffffffffffffffe8000000000000000\n");
}

TEST(MemoryWords, GiveBackWhatWasAdded) {
  Rng rng(1);
  for (int trial = 0; trial < 50; ++trial) {
    std::vector<int> widths;
    std::int64_t bits = 0;
    for (std::int64_t i = rng.integer(1, 9); i > 0; --i) {
      widths.push_back(static_cast<int>(rng.integer(2, 40)));
      bits += widths.back();
    }
    MemoryWords words(bits);
    std::vector<std::int64_t> values;
    for (int word = 0; word < 4; ++word) {
      for (const int width : widths) {
        const std::int64_t most = (std::int64_t{1} << (width - 1)) - 1;
        values.push_back(rng.integer(-most - 1, most));
        words.add(values.back(), width);
      }
    }
    EXPECT_EQ(test::fields_of(std::move(words).text(), widths), values);
  }
}

TEST(MemoryWordsDeathTest, NoFieldCrossesTheEndOfItsWord) {
  MemoryWords words(8);
  words.add(1, 5);
  EXPECT_DEATH(words.add(1, 4), "a field fits in its word");
  EXPECT_DEATH(static_cast<void>(std::move(words).text()), "the last word is full");
}

TEST(WordsOfStream, HaveLane0InTheLowestBits) {
  EXPECT_EQ(words_of_stream({1, -1, 2, -2}, 2, 4), "f1\ne2\n");
  EXPECT_EQ(words_of_stream({1, 2, 3}, 3, 8), "030201\n");
  EXPECT_EQ(words_of_stream({255, 0}, 1, 8), "ff\n00\n");
  EXPECT_EQ(words_of_stream({}, 2, 8), "");
}

}  // namespace
}  // namespace sluice::rtl
