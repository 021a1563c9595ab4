// SPDX-License-Identifier: Apache-2.0
#include "sluice/sparse/huffman.hpp"

#include <algorithm>
#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <numeric>
#include <queue>
#include <random>

namespace sluice::sparse {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Counts = std::vector<std::uint64_t>;
using Lengths = std::vector<std::uint8_t>;

// Bits of Huffman's code by the textbook: each join costs its count.
std::uint64_t textbook_bits(const Counts& counts) {
  std::priority_queue<std::uint64_t, Counts, std::greater<>> heap;
  for (const std::uint64_t count : counts) {
    if (count > 0) heap.push(count);
  }
  if (heap.size() == 1) return heap.top();
  std::uint64_t bits = 0;
  while (heap.size() > 1) {
    std::uint64_t sum = heap.top();
    heap.pop();
    sum += heap.top();
    heap.pop();
    heap.push(sum);
    bits += sum;
  }
  return bits;
}

// 2^n times Σ 2^−length over words.
double kraft(const Lengths& lengths) {
  double sum = 0;
  for (const std::uint8_t length : lengths) {
    if (length > 0) sum += std::ldexp(1.0, -length);
  }
  return sum;
}

Counts counts_at_random(std::size_t size, std::mt19937_64& random) {
  Counts counts(size);
  for (auto& count : counts) count = random() % 4 == 0 ? 0 : random() >> (40 + random() % 24);
  counts[random() % size] += 1;
  return counts;
}

// Counts whose tree is as deep as can be.
Counts fibonacci(std::size_t size) {
  Counts counts{1, 1};
  while (counts.size() < size) counts.push_back(counts.rbegin()[0] + counts.rbegin()[1]);
  return counts;
}

TEST(Huffman, LengthsOfAnExample) {
  EXPECT_THAT(*word_lengths(Counts{45, 13, 12, 16, 9, 5}), ElementsAre(1, 3, 3, 3, 4, 4));
  EXPECT_THAT(*word_lengths(Counts{0, 1, 0, 1}), ElementsAre(0, 1, 0, 1));
}

TEST(Huffman, ASymbolAloneHasOneBit) {
  EXPECT_THAT(*word_lengths(Counts{0, 0, 9, 0}), ElementsAre(0, 0, 1, 0));
  EXPECT_THAT(*word_lengths(Counts{0, 0}), ElementsAre(0, 0));
}

TEST(Huffman, LengthsAreOptimalAndFillTheRoom) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 200; ++round) {
    const Counts counts = counts_at_random(2 + random() % 300, random);
    const auto lengths = word_lengths(counts);
    ASSERT_TRUE(lengths);
    EXPECT_EQ(encoded_bits(counts, *lengths), textbook_bits(counts));
    if (textbook_bits(counts) != std::reduce(counts.begin(), counts.end())) {
      EXPECT_EQ(kraft(*lengths), 1);
    }
  }
}

// Words of 1, 3, 3, 3 and 3 bits would be as good.
TEST(Huffman, OfEquallyGoodCodesTheLowTreeIsTaken) {
  EXPECT_THAT(*word_lengths(Counts{2, 1, 1, 1, 1}), ElementsAre(2, 3, 3, 2, 2));
}

TEST(Huffman, LimitedLengthsAreOptimalAmongLimitedCodes) {
  std::mt19937_64 random(2);
  for (int round = 0; round < 50; ++round) {
    const Counts counts = counts_at_random(2 + random() % 60, random);
    const int unlimited = std::ranges::max(*word_lengths(counts));
    std::uint64_t before = textbook_bits(counts);
    for (int limit = kMaxWordBits; limit >= 1; --limit) {
      const auto lengths = word_lengths(counts, limit);
      if (!lengths) break;
      EXPECT_LE(std::ranges::max(*lengths), limit);
      const std::uint64_t bits = encoded_bits(counts, *lengths);
      if (limit >= unlimited) {
        EXPECT_EQ(bits, textbook_bits(counts));
      }
      EXPECT_GE(bits, before);
      before = bits;
    }
  }
}

// All codes of five symbols with words of at most three bits, by trying.
TEST(Huffman, NoCodeOfFiveSymbolsWithinThreeBitsIsBetter) {
  const Counts counts{1, 2, 4, 8, 16};
  std::uint64_t best = ~std::uint64_t{0};
  Lengths lengths(5);
  for (int i = 0; i < 243; ++i) {
    for (int s = 0, rest = i; s < 5; ++s, rest /= 3) {
      lengths[static_cast<std::size_t>(s)] = static_cast<std::uint8_t>(1 + rest % 3);
    }
    if (kraft(lengths) <= 1) best = std::min(best, encoded_bits(counts, lengths));
  }
  EXPECT_EQ(encoded_bits(counts, *word_lengths(counts, 3)), best);
  EXPECT_EQ(word_lengths(counts, 2).error().code, ErrorCode::InvalidArgument);
}

TEST(Huffman, NoWordIsTooLongForAStream) {
  const Counts counts = fibonacci(85);
  const auto lengths = word_lengths(counts);
  ASSERT_TRUE(lengths);
  EXPECT_EQ(std::ranges::max(*lengths), kMaxWordBits);
  EXPECT_EQ(kraft(*lengths), 1);
}

TEST(Huffman, ThePublishedCodeHasAllSymbolsAndAnEnd) {
  // Joins: symbols 0 and 1 (0), these with 3 (0), with the end (1), with 2 (5).
  const PublishedLengths lengths = published_word_lengths(Counts{0, 0, 5, 0});
  EXPECT_THAT(lengths.symbols, ElementsAre(4, 4, 1, 3));
  EXPECT_EQ(lengths.end, 2U);
}

TEST(Huffman, ThePublishedCodeOfUniformCountsHasOneLongerWord) {
  const PublishedLengths lengths = published_word_lengths(Counts(256, 1000));
  EXPECT_EQ(std::ranges::count(lengths.symbols, 8U), 255);
  EXPECT_EQ(std::ranges::count(lengths.symbols, 9U), 1);
  EXPECT_EQ(lengths.end, 9U);
}

TEST(Huffman, EntropyIsTheLeast) {
  EXPECT_DOUBLE_EQ(entropy_bits(Counts{1, 1, 1, 1}), 2);
  EXPECT_DOUBLE_EQ(entropy_bits(Counts{2, 1, 1}), 1.5);
  EXPECT_EQ(entropy_bits(Counts{0, 7}), 0);
  EXPECT_EQ(entropy_bits(Counts{0, 0}), 0);
  std::mt19937_64 random(3);
  for (int round = 0; round < 50; ++round) {
    const Counts counts = counts_at_random(64, random);
    const auto total = static_cast<double>(std::reduce(counts.begin(), counts.end()));
    const auto bits = static_cast<double>(encoded_bits(counts, *word_lengths(counts)));
    EXPECT_GE(bits / total, entropy_bits(counts) - 1e-12);
    EXPECT_LT(bits / total, entropy_bits(counts) + 1);
  }
}

TEST(Huffman, WordsAreCanonical) {
  const auto code = HuffmanCode::create({3, 0, 2, 1, 3});
  ASSERT_TRUE(code) << code.error().text();
  EXPECT_THAT(code->words(), ElementsAre(0b110, 0, 0b10, 0b0, 0b111));
  EXPECT_THAT(code->symbols(), ElementsAre(3, 2, 0, 4));
  EXPECT_EQ(code->longest(), 3);
  EXPECT_EQ(code->table_bits(), 5U * 2);
}

TEST(Huffman, LengthsOfNoCodeAreRefused) {
  const auto message = [](Lengths lengths) {
    const auto code = HuffmanCode::create(std::move(lengths));
    EXPECT_FALSE(code);
    EXPECT_EQ(code.error().code, ErrorCode::Verify);
    return code.error().message;
  };
  EXPECT_THAT(message({1, 1, 1}), HasSubstr("more words of 1 bits"));
  EXPECT_THAT(message({1, 1, 9}), HasSubstr("more words of 9 bits"));
  EXPECT_THAT(message({1, 2}), HasSubstr("missing"));
  EXPECT_THAT(message({0, 2}), HasSubstr("missing"));
  EXPECT_THAT(message({57, 57}), HasSubstr("57 bits"));
  EXPECT_THAT(message({255, 1}), HasSubstr("255 bits"));
}

std::vector<std::int32_t> random_codes(std::size_t size, const Alphabet& alphabet, double spread,
                                       std::mt19937_64& random) {
  std::normal_distribution<double> normal(0, spread);
  std::vector<std::int32_t> codes(size);
  const double middle = static_cast<double>(alphabet.lowest() + alphabet.highest()) / 2;
  for (auto& code : codes) {
    code = static_cast<std::int32_t>(std::clamp(std::floor(normal(random) + middle),
                                                static_cast<double>(alphabet.lowest()),
                                                static_cast<double>(alphabet.highest())));
  }
  return codes;
}

HuffmanCode code_of(const std::vector<std::int32_t>& codes, const Alphabet& alphabet,
                    int max_length = kMaxWordBits) {
  Counts counts(alphabet.size());
  count_codes(codes, alphabet, counts);
  return *HuffmanCode::create(*word_lengths(counts, max_length));
}

TEST(Huffman, StreamsDecodeToTheirCodesAtEveryWidth) {
  std::mt19937_64 random(4);
  for (int bits = 1; bits <= kMaxSymbolBits; ++bits) {
    for (const bool is_signed : {true, false}) {
      const Alphabet alphabet{bits, is_signed};
      for (const double spread : {0.0, 0.6, 20.0, 3000.0}) {
        const auto codes = random_codes(3000, alphabet, spread, random);
        const HuffmanCode code = code_of(codes, alphabet);
        const BitStream stream = code.encode(codes, alphabet);
        const auto back = code.decode(stream, alphabet, codes.size());
        ASSERT_TRUE(back) << back.error().text();
        EXPECT_EQ(*back, codes) << bits;
        Counts counts(alphabet.size());
        count_codes(codes, alphabet, counts);
        EXPECT_EQ(stream.num_bits, encoded_bits(counts, code.lengths()));
      }
    }
  }
}

TEST(Huffman, LongWordsDecode) {
  const Alphabet alphabet{6, false};
  Lengths lengths(64);
  for (std::size_t s = 0; s < 56; ++s) lengths[s] = static_cast<std::uint8_t>(s + 1);
  lengths[56] = 56;
  const auto code = HuffmanCode::create(lengths);
  ASSERT_TRUE(code) << code.error().text();
  std::vector<std::int32_t> codes(57);
  std::iota(codes.rbegin(), codes.rend(), 0);
  const auto back = code->decode(code->encode(codes, alphabet), alphabet, codes.size());
  ASSERT_TRUE(back) << back.error().text();
  EXPECT_EQ(*back, codes);
}

TEST(Huffman, EmptyAndUniformStreamsDecode) {
  const Alphabet alphabet{4};
  const HuffmanCode none = code_of({}, alphabet);
  EXPECT_EQ(none.encode({}, alphabet), BitStream());
  EXPECT_TRUE(none.decode({}, alphabet, 0)->empty());
  EXPECT_EQ(none.table_bits(), 0U);
  const std::vector<std::int32_t> codes(100, -8);
  const HuffmanCode one = code_of(codes, alphabet);
  const BitStream stream = one.encode(codes, alphabet);
  EXPECT_EQ(stream.num_bits, 100U);
  EXPECT_EQ(*one.decode(stream, alphabet, 100), codes);
}

TEST(Huffman, TruncatedAndImpossibleStreamsAreRefused) {
  std::mt19937_64 random(5);
  const Alphabet alphabet{8};
  const auto codes = random_codes(200, alphabet, 9, random);
  const HuffmanCode code = code_of(codes, alphabet);
  const BitStream whole = code.encode(codes, alphabet);
  for (std::uint64_t bits = 0; bits < whole.num_bits; ++bits) {
    BitStream part{whole.bytes, bits};
    part.bytes.resize(static_cast<std::size_t>((bits + 7) / 8));
    EXPECT_EQ(code.decode(part, alphabet, 200).error().code, ErrorCode::Parse);
  }
  EXPECT_EQ(code.decode(whole, alphabet, 199).error().code, ErrorCode::Parse);
  EXPECT_EQ(code.decode(whole, alphabet, 201).error().code, ErrorCode::Parse);
  EXPECT_EQ(code.decode(whole, alphabet, ~std::uint64_t{0}).error().code, ErrorCode::Parse);
  // A code of one word has no other.
  const HuffmanCode one = code_of({3, 3}, alphabet);
  EXPECT_THAT(one.decode({{std::byte{0x40}}, 2}, alphabet, 2).error().message,
              HasSubstr("no word begins with the bits of code 1"));
  EXPECT_EQ(code_of({}, alphabet).decode({{std::byte{0}}, 2}, alphabet, 2).error().code,
            ErrorCode::Parse);
}

TEST(Huffman, HostileTablesAndStreamsDoNoHarm) {
  std::mt19937_64 random(6);
  int accepted = 0;
  for (int round = 0; round < 20000; ++round) {
    const Alphabet alphabet{1 + static_cast<int>(random() % 4), random() % 2 == 0};
    Lengths lengths(alphabet.size());
    const std::uint64_t most = 1 + random() % (round % 10 == 0 ? 255 : 5);
    for (auto& length : lengths) length = static_cast<std::uint8_t>(random() % (most + 1));
    const auto code = HuffmanCode::create(lengths);
    if (!code) continue;
    ++accepted;
    BitStream stream{std::vector<std::byte>(random() % 20), 0};
    for (std::byte& byte : stream.bytes) byte = static_cast<std::byte>(random());
    stream.num_bits = stream.bytes.size() * 8;
    const std::uint64_t count = random() % 200;
    const auto codes = code->decode(stream, alphabet, count);
    if (codes) {
      EXPECT_EQ(code->encode(*codes, alphabet), stream);
    }
  }
  EXPECT_GT(accepted, 100);
}

TEST(Huffman, LimitedWordsDecode) {
  std::mt19937_64 random(7);
  const Alphabet alphabet{10};
  const auto codes = random_codes(20000, alphabet, 30, random);
  const HuffmanCode code = code_of(codes, alphabet, 10);
  EXPECT_EQ(code.longest(), 10);
  EXPECT_EQ(*code.decode(code.encode(codes, alphabet), alphabet, codes.size()), codes);
}

}  // namespace
}  // namespace sluice::sparse
