// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/golden/words.hpp"

#include <gtest/gtest.h>

#include "sluice/base/rng.hpp"
#include "sluice/numeric/rounding.hpp"

namespace sluice::exact::golden {
namespace {

using Codes = std::vector<std::int64_t>;

std::vector<std::byte> bytes(std::initializer_list<unsigned> list) {
  std::vector<std::byte> result;
  for (const unsigned byte : list) result.push_back(static_cast<std::byte>(byte));
  return result;
}

TEST(GoldenWords, AByteCodeIsItsTwosComplement) {
  const WordFormat format{.bits = 8, .pixel_size = 3};
  const auto words = pack(Codes{1, -1, -128}, format);
  EXPECT_EQ(words, bytes({0x01, 0xFF, 0x80}));
  EXPECT_EQ(to_mem(words, format), "01\nff\n80\n");
  EXPECT_EQ(to_coe(words, format),
            "memory_initialization_radix=16;\nmemory_initialization_vector=\n01,\nff,\n80;\n");
}

TEST(GoldenWords, TheFirstCodeOfAFoldIsInTheLowBitsAndPixelsAreFilledUp) {
  // Two pixels of three channels, two codes a word.
  const WordFormat format{.bits = 8, .fold = 2, .pixel_size = 3};
  const auto words = pack(Codes{1, 2, -1, 4, 5, 6}, format);
  EXPECT_EQ(to_mem(words, format), "0201\n00ff\n0504\n0006\n");
  EXPECT_EQ(words, bytes({1, 2, 0xFF, 0, 4, 5, 6, 0}));
}

TEST(GoldenWords, NarrowCodesArePackedTightlyWithinAWord) {
  const WordFormat format{.bits = 4, .fold = 3, .pixel_size = 3};
  const auto words = pack(Codes{1, -2, 7}, format);
  EXPECT_EQ(words, bytes({0xE1, 0x07}));
  EXPECT_EQ(to_mem(words, format), "7e1\n");
}

TEST(GoldenWords, WideCodesAreLittleEndian) {
  const WordFormat format{.bits = 33, .pixel_size = 1};
  const auto words = pack(Codes{std::int64_t{1} << 31, -2}, format);
  EXPECT_EQ(words, bytes({0, 0, 0, 0x80, 0, 0xFE, 0xFF, 0xFF, 0xFF, 0x01}));
  EXPECT_EQ(to_mem(words, format), "080000000\n1fffffffe\n");
}

TEST(GoldenWords, EveryFormComesBack) {
  Rng rng(5);
  for (const int bits : {1, 2, 4, 7, 8, 16, 32, 33, 62}) {
    for (const bool is_signed : {true, false}) {
      for (const std::int64_t fold : {1, 2, 3, 8}) {
        const WordFormat format{bits, is_signed, fold, 5};
        const auto range = numeric::code_range(bits, is_signed);
        Codes codes(20);
        for (std::int64_t& code : codes) code = rng.integer(range.lowest, range.highest);
        const auto words = pack(codes, format);
        const auto mem = parse_mem(to_mem(words, format), format);
        const auto coe = parse_coe(to_coe(words, format), format);
        ASSERT_TRUE(mem && coe);
        EXPECT_EQ(*mem, words);
        EXPECT_EQ(*coe, words);
        const auto back = unpack(words, format, 20);
        ASSERT_TRUE(back) << back.error().text();
        EXPECT_EQ(*back, codes);
      }
    }
  }
}

TEST(GoldenWords, NoWordsAreAnEmptyList) {
  const WordFormat format{.bits = 8, .pixel_size = 0};
  EXPECT_TRUE(pack({}, format).empty());
  const auto coe = parse_coe(to_coe({}, format), format);
  ASSERT_TRUE(coe) << coe.error().text();
  EXPECT_TRUE(coe->empty());
}

TEST(GoldenWords, AWrongLengthIsRefused) {
  const auto codes = unpack(bytes({1, 2}), {.bits = 8, .pixel_size = 3}, 3);
  ASSERT_FALSE(codes);
  EXPECT_EQ(codes.error().code, ErrorCode::Parse);
}

TEST(GoldenWords, FillingMustBeZero) {
  const WordFormat format{.bits = 8, .fold = 2, .pixel_size = 1};
  EXPECT_TRUE(unpack(bytes({1, 0}), format, 1));
  const auto codes = unpack(bytes({1, 4}), format, 1);
  ASSERT_FALSE(codes);
  EXPECT_NE(codes.error().message.find("word 0"), std::string::npos);
}

TEST(GoldenWords, AWrongDigitNamesItsLine) {
  const WordFormat format{.bits = 8, .pixel_size = 1};
  for (const auto* text : {"01\n0g\n", "01\n001\n", "01\n1\n"}) {
    const auto words = parse_mem(text, format);
    ASSERT_FALSE(words) << text;
    EXPECT_EQ(words.error().where, "line 2");
  }
}

TEST(GoldenWords, AListMustEndOnceAndHaveItsHead) {
  const WordFormat format{.bits = 8, .pixel_size = 1};
  const std::string head = "memory_initialization_radix=16;\nmemory_initialization_vector=\n";
  EXPECT_TRUE(parse_coe(head + "01,\n02;\n", format));
  EXPECT_FALSE(parse_coe(head + "01,\n02\n", format));
  EXPECT_FALSE(parse_coe(head + "01,\n02,\n", format));
  EXPECT_FALSE(parse_coe(head + "01;\n02;\n", format));
  EXPECT_FALSE(parse_coe("memory_initialization_radix=2;\n", format));
}

}  // namespace
}  // namespace sluice::exact::golden
