// SPDX-License-Identifier: Apache-2.0
#include "sluice/sparse/bit_stream.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>

namespace sluice::sparse {
namespace {

using testing::ElementsAre;

constexpr std::byte operator""_b(unsigned long long value) {
  return static_cast<std::byte>(value);
}

struct Piece {
  std::uint64_t value;
  int count;
};

std::vector<Piece> random_pieces(std::size_t size, std::mt19937_64& random) {
  std::vector<Piece> pieces;
  pieces.reserve(size);
  for (std::size_t i = 0; i < size; ++i) {
    const int count = static_cast<int>(random() % (BitWriter::kMaxBits + 1));
    pieces.push_back({random() & ((std::uint64_t{1} << count) - 1), count});
  }
  return pieces;
}

BitStream written(const std::vector<Piece>& pieces) {
  BitWriter writer;
  for (const Piece& piece : pieces) writer.write(piece.value, piece.count);
  return std::move(writer).finish();
}

TEST(BitStream, TheFirstBitIsTheTopOfTheFirstByte) {
  const BitStream stream = written({{1, 1}, {0b0110, 4}, {0, 0}, {0x2AB, 10}});
  EXPECT_EQ(stream.num_bits, 15U);
  EXPECT_THAT(stream.bytes, ElementsAre(0b10110101_b, 0b01010110_b));
}

TEST(BitStream, WhatIsWrittenIsRead) {
  std::mt19937_64 random(1);
  const auto pieces = random_pieces(2000, random);
  const BitStream stream = written(pieces);
  BitReader reader(stream);
  for (const Piece& piece : pieces) {
    ASSERT_EQ(reader.peek(piece.count), piece.value);
    reader.skip(piece.count);
  }
  EXPECT_EQ(reader.remaining(), 0U);
}

TEST(BitStream, BehindTheEndBitsAreZero) {
  const BitStream stream = written({{0b101, 3}});
  BitReader reader(stream);
  EXPECT_EQ(reader.peek(8), 0b10100000U);
  reader.skip(3);
  EXPECT_EQ(reader.peek(BitReader::kMaxBits), 0U);
  EXPECT_EQ(reader.remaining(), 0U);
}

TEST(BitStream, AnEmptyOneHasNoBytesAndNoWords) {
  const BitStream stream = BitWriter().finish();
  EXPECT_EQ(stream, BitStream());
  EXPECT_TRUE(to_words(stream, 32).empty());
  EXPECT_EQ(*from_words({}, 32, 0), stream);
}

TEST(BitStream, AWordHasItsFirstBitOnTop) {
  const BitStream stream = written({{0x123456, 24}, {0b1, 1}});
  EXPECT_THAT(to_words(stream, 16), ElementsAre(0x34_b, 0x12_b, 0x80_b, 0x56_b));
  // 0001 0010 0011, 0100 0101 0110, 1…
  EXPECT_THAT(to_words(stream, 12), ElementsAre(0x23_b, 0x01_b, 0x56_b, 0x04_b, 0x00_b, 0x08_b));
  EXPECT_EQ(num_words(stream.num_bits, 12), 3U);
}

TEST(BitStream, WordsOfAnyWidthHoldTheStream) {
  std::mt19937_64 random(2);
  for (int word_bits = 1; word_bits <= 80; ++word_bits) {
    const BitStream stream = written(random_pieces(random() % 20, random));
    const auto words = to_words(stream, word_bits);
    const auto back = from_words(words, word_bits, stream.num_bits);
    ASSERT_TRUE(back) << back.error().text();
    EXPECT_EQ(*back, stream) << word_bits;
  }
}

TEST(BitStream, WordsThatAreNotAsManyAreRefused) {
  const auto words = to_words(written({{0x123456, 24}}), 16);
  EXPECT_EQ(from_words(words, 16, 33).error().code, ErrorCode::Parse);
  EXPECT_EQ(from_words(words, 16, 16).error().code, ErrorCode::Parse);
  EXPECT_EQ(from_words(std::span(words).first(3), 16, 24).error().code, ErrorCode::Parse);
  EXPECT_EQ(from_words(words, 16, ~std::uint64_t{0}).error().code, ErrorCode::Parse);
}

TEST(BitStream, BitsBehindTheEndAreRefused) {
  const auto words = to_words(written({{0x123457, 24}}), 16);
  EXPECT_TRUE(from_words(words, 16, 24));
  EXPECT_EQ(from_words(words, 16, 23).error().code, ErrorCode::Parse);
  // Above a word that is no whole number of bytes.
  EXPECT_EQ(from_words(std::vector{0_b, 0x10_b}, 12, 12).error().code, ErrorCode::Parse);
}

}  // namespace
}  // namespace sluice::sparse
