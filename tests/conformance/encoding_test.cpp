// SPDX-License-Identifier: Apache-2.0
// The published system's run-length tokens and Huffman code lengths.
#include <gtest/gtest.h>
#include <numeric>

#include "tests/conformance/emulation_golden.hpp"

#include "sluice/sparse/huffman.hpp"
#include "sluice/sparse/run_length.hpp"

namespace sluice::sparse {
namespace {

using EncodingGolden = test::EmulationGolden;

TEST_F(EncodingGolden, RunLengthTokensAreEqual) {
  const Json cases = load("rle.json");
  ASSERT_EQ(cases.size(), 16U);
  for (const Json& row : cases) {
    const auto codes = row["x"].get<std::vector<std::int32_t>>();
    const int length_bits = row["l_bits"].get<int>();
    const int value_bits = row["x_bits"].get<int>();
    std::vector<Token> tokens;
    for (const Json& token : row["tokens"]) {
      tokens.push_back({token[0].get<std::int32_t>(), token[1].get<std::uint64_t>()});
    }
    EXPECT_EQ(run_length_tokens(codes, length_bits), tokens);
    RunLengthCounter counter(length_bits);
    counter.add(codes);
    EXPECT_EQ(counter.ratio(value_bits), row["ratio"].get<double>());
  }
}

TEST_F(EncodingGolden, HuffmanLengthsAreEqual) {
  const Json cases = load("huffman.json");
  ASSERT_EQ(cases.size(), 7U);
  for (const Json& row : cases) {
    const auto counts = row["counts"].get<std::vector<std::uint64_t>>();
    const PublishedLengths lengths = published_word_lengths(counts);
    EXPECT_EQ(lengths.symbols, row["code_lengths"].get<std::vector<std::uint32_t>>());
    EXPECT_EQ(lengths.end, row["eof_length"].get<std::uint32_t>());
    const auto total = static_cast<double>(std::reduce(counts.begin(), counts.end()));
    const auto bits = static_cast<double>(encoded_bits(counts, lengths.symbols));
    const double ratio = bits / total / row["bits"].get<double>();
    EXPECT_NEAR(ratio, row["ratio"].get<double>(), 1e-6);
    // What does not occur and the end mark cost a little.
    EXPECT_LE(encoded_bits(counts, *word_lengths(counts)), encoded_bits(counts, lengths.symbols));
  }
}

}  // namespace
}  // namespace sluice::sparse
