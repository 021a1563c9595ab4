// SPDX-License-Identifier: Apache-2.0
#include "sluice/sparse/run_length.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>

namespace sluice::sparse {
namespace {

using testing::ElementsAre;
using Codes = std::vector<std::int32_t>;

// Runs of random codes of the alphabet, some as long as a token or a bit longer.
Codes random_runs(const Alphabet& alphabet, int length_bits, std::mt19937_64& random) {
  Codes codes;
  const std::uint64_t longest = std::uint64_t{1} << std::min(length_bits, 10);
  for (int run = 0; run < 60; ++run) {
    const auto code = alphabet.code(random() % alphabet.size());
    const std::uint64_t length = run % 3 == 0 ? longest + random() % 3 : 1 + random() % 3;
    codes.insert(codes.end(), length, code);
  }
  return codes;
}

TEST(RunLength, LongRunsAreCut) {
  EXPECT_THAT(run_length_tokens(Codes(10, 5), 2),
              ElementsAre(Token{5, 4}, Token{5, 4}, Token{5, 2}));
  EXPECT_THAT(run_length_tokens(Codes{1, 1, -1, 1}, 8),
              ElementsAre(Token{1, 2}, Token{-1, 1}, Token{1, 1}));
  EXPECT_TRUE(run_length_tokens({}, 1).empty());
}

TEST(RunLength, TheRatioIsOfBits) {
  RunLengthCounter counter(2);
  counter.add(Codes(10, 5));
  EXPECT_EQ(counter.tokens(), 3U);
  EXPECT_DOUBLE_EQ(counter.ratio(8), 0.375);
  EXPECT_EQ(RunLengthCounter(3).ratio(8), 1);
}

TEST(RunLength, RunsGoOnOverPieces) {
  std::mt19937_64 random(1);
  for (int length_bits = 1; length_bits <= 16; ++length_bits) {
    const Codes codes = random_runs({3}, length_bits, random);
    RunLengthCounter counter(length_bits);
    for (std::size_t at = 0; at < codes.size();) {
      const std::size_t size = std::min<std::size_t>(random() % 50, codes.size() - at);
      counter.add(std::span(codes).subspan(at, size));
      at += size;
    }
    EXPECT_EQ(counter.tokens(), run_length_tokens(codes, length_bits).size()) << length_bits;
    EXPECT_EQ(counter.codes(), codes.size());
  }
}

TEST(RunLength, ARunEndsWhereItIsTold) {
  RunLengthCounter counter(4);
  counter.add(Codes{7, 7});
  counter.end_run();
  counter.end_run();
  counter.add(Codes{7, 7});
  EXPECT_EQ(counter.tokens(), 2U);
}

TEST(RunLength, CountsGoBeyond32Bits) {
  RunLengthCounter counter(1);
  const Codes piece(1 << 20, 0);
  for (int i = 0; i < 5000; ++i) counter.add(piece);
  EXPECT_EQ(counter.codes(), 5000ULL << 20U);
  EXPECT_EQ(counter.tokens(), 2500ULL << 20U);
}

TEST(RunLength, ATokenIsItsValueThenItsLengthLessOne) {
  const BitStream stream = encode_run_length(Codes{-1, -1, -1, 2}, {3}, 2);
  // 111 10, 010 00
  EXPECT_EQ(stream.num_bits, 10U);
  EXPECT_EQ(BitReader(stream).peek(10), 0b1111001000U);
}

TEST(RunLength, StreamsDecodeToTheirCodesAtEveryWidth) {
  std::mt19937_64 random(2);
  for (int bits = 1; bits <= 32; ++bits) {
    for (const bool is_signed : {true, false}) {
      if (bits == 32 && !is_signed) continue;
      const Alphabet alphabet{bits, is_signed};
      for (const int length_bits : {1, 2, 3, 7, 8, 15, 16, 24, 32}) {
        const Codes codes = random_runs(alphabet, length_bits, random);
        const BitStream stream = encode_run_length(codes, alphabet, length_bits);
        RunLengthCounter counter(length_bits);
        counter.add(codes);
        EXPECT_EQ(stream.num_bits,
                  counter.tokens() * static_cast<std::uint64_t>(bits + length_bits));
        const auto back = decode_run_length(stream, alphabet, length_bits, codes.size());
        ASSERT_TRUE(back) << back.error().text();
        EXPECT_EQ(*back, codes) << bits << " " << length_bits;
      }
    }
  }
}

TEST(RunLength, EmptyAndUniformStreamsDecode) {
  for (const int length_bits : {1, 16}) {
    for (const std::size_t size : {0U, 1U, 2U, 3U, 65536U, 65537U}) {
      const Codes codes(size, -8);
      const auto back =
          decode_run_length(encode_run_length(codes, {4}, length_bits), {4}, length_bits, size);
      ASSERT_TRUE(back);
      EXPECT_EQ(*back, codes);
    }
  }
}

TEST(RunLength, StreamsOfOtherSizesAreRefused) {
  const Codes codes{1, 1, 1, 0, 0};
  BitStream stream = encode_run_length(codes, {8}, 4);
  EXPECT_EQ(decode_run_length(stream, {8}, 4, 4).error().code, ErrorCode::Parse);
  EXPECT_EQ(decode_run_length(stream, {8}, 4, 6).error().code, ErrorCode::Parse);
  EXPECT_EQ(decode_run_length(stream, {8}, 5, 5).error().code, ErrorCode::Parse);
  stream.bytes.pop_back();
  stream.num_bits -= 8;
  EXPECT_EQ(decode_run_length(stream, {8}, 4, 5).error().code, ErrorCode::Parse);
}

// Each token claims 2^32 codes; none of them may be made.
TEST(RunLength, AHostileStreamTakesNoMemory) {
  BitWriter writer;
  for (int i = 0; i < 1000; ++i) {
    writer.write(0, 8);
    writer.write(0xFFFFFFFF, 32);
  }
  const BitStream stream = std::move(writer).finish();
  EXPECT_EQ(decode_run_length(stream, {8}, 32, 100).error().code, ErrorCode::Parse);
}

}  // namespace
}  // namespace sluice::sparse
