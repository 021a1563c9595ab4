// SPDX-License-Identifier: Apache-2.0
#include "sluice/sparse/code_statistics.hpp"

#include <gtest/gtest.h>
#include <random>

#include "sluice/sparse/huffman.hpp"

namespace sluice::sparse {
namespace {

using Images = std::vector<std::vector<std::int32_t>>;

const std::vector<Encoding> kEncodings = *parse_encodings("huffman,huffman9,rle2,rle4");

Images random_images(const Alphabet& alphabet) {
  std::mt19937_64 random(1);
  Images images(5);
  for (auto& image : images) {
    for (int i = 0; i < 300; ++i) {
      const std::size_t at = random() % 3 == 0 ? random() % alphabet.size() : 3;
      image.push_back(alphabet.code(at));
    }
  }
  return images;
}

Compression compression_of(const CodeStatistics& statistics, std::size_t i) {
  const auto found = statistics.compression(i);
  EXPECT_TRUE(found && *found);
  return found && *found ? **found : Compression{};
}

TEST(CodeStatistics, RatiosAreThoseOfTheStreams) {
  const Alphabet alphabet{8};
  const Images images = random_images(alphabet);
  CodeStatistics statistics(alphabet, kEncodings, Rules::Exact);
  std::vector<std::int32_t> all;
  std::vector<std::uint64_t> bits(4);
  for (const auto& image : images) {
    statistics.add(image);
    all.insert(all.end(), image.begin(), image.end());
    bits[2] += encode_run_length(image, alphabet, 2).num_bits;
    bits[3] += encode_run_length(image, alphabet, 4).num_bits;
  }
  for (const std::size_t i : {0U, 1U}) {
    const auto code = HuffmanCode::create(*word_lengths(statistics.counts(), i == 0 ? 56 : 9));
    bits[i] = code->encode(all, alphabet).num_bits;
    EXPECT_EQ(compression_of(statistics, i).table_bits, code->table_bits());
  }
  EXPECT_EQ(statistics.codes(), all.size());
  EXPECT_EQ(statistics.images(), 5);
  const auto original = static_cast<double>(all.size() * 8);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_DOUBLE_EQ(compression_of(statistics, i).ratio, static_cast<double>(bits[i]) / original);
  }
  EXPECT_LE(*statistics.entropy_ratio(), compression_of(statistics, 0).ratio);
}

TEST(CodeStatistics, ImagesDoNotDependOnTheirOrder) {
  const Alphabet alphabet{6, false};
  const Images images = random_images(alphabet);
  CodeStatistics forth(alphabet, kEncodings, Rules::Exact);
  CodeStatistics back(alphabet, kEncodings, Rules::Exact);
  for (std::size_t i = 0; i < images.size(); ++i) {
    forth.add(images[i]);
    back.add(images[images.size() - 1 - i]);
  }
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(compression_of(forth, i).ratio, compression_of(back, i).ratio);
  }
}

TEST(CodeStatistics, ThePublishedRatioOfRunsIsTheMeanOfBatchesByImages) {
  const std::vector<std::int32_t> uniform(24, 1);
  const std::vector<std::int32_t> mixed{1, 2, 3, 4, 5, 6};
  CodeStatistics statistics({4}, *parse_encodings("rle2"), Rules::Published);
  statistics.add(uniform, 3);
  statistics.add(mixed, 1);
  // 6 tokens of 6 bits for 24 codes of 4, then 6 for 6.
  EXPECT_DOUBLE_EQ(compression_of(statistics, 0).ratio, (3 * 0.375 + 1 * 1.5) / 4);
}

TEST(CodeStatistics, ThePublishedHuffmanCodeCostsALittleMore) {
  const Alphabet alphabet{4};
  CodeStatistics published(alphabet, *parse_encodings("huffman"), Rules::Published);
  CodeStatistics exact(alphabet, *parse_encodings("huffman"), Rules::Exact);
  for (const auto& image : random_images(alphabet)) {
    published.add(image);
    exact.add(image);
  }
  EXPECT_GE(compression_of(published, 0).ratio, compression_of(exact, 0).ratio);
  EXPECT_NEAR(compression_of(published, 0).ratio, compression_of(exact, 0).ratio, 5e-3);
  EXPECT_EQ(compression_of(published, 0).table_bits, 0U);
}

TEST(CodeStatistics, WideCodesHaveRunsButNoHuffmanCode) {
  CodeStatistics statistics({20}, *parse_encodings("huffman,rle4"), Rules::Exact);
  statistics.add(std::vector<std::int32_t>(16, 300000));
  EXPECT_FALSE(*statistics.compression(0));
  EXPECT_FALSE(statistics.entropy_ratio());
  EXPECT_TRUE(statistics.counts().empty());
  EXPECT_DOUBLE_EQ(compression_of(statistics, 1).ratio, 24.0 / 320);
}

TEST(CodeStatistics, NothingHasNoRatio) {
  const CodeStatistics statistics({8}, kEncodings, Rules::Exact);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_FALSE(*statistics.compression(i));
  EXPECT_FALSE(statistics.entropy_ratio());
}

TEST(CodeStatistics, TooFewWordsAreAnError) {
  CodeStatistics statistics({8}, *parse_encodings("huffman2"), Rules::Exact);
  statistics.add(std::vector<std::int32_t>{1, 2, 3, 4, 5});
  EXPECT_EQ(statistics.compression(0).error().code, ErrorCode::InvalidArgument);
}

}  // namespace
}  // namespace sluice::sparse
