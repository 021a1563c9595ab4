// SPDX-License-Identifier: Apache-2.0
#include "sluice/base/inflate.hpp"

#include <gtest/gtest.h>
#include <span>
#include <string>

#include "tests/support/deflate.hpp"

namespace sluice {
namespace {

std::vector<std::byte> packed(const std::string& text, int window_bits) {
  const std::string out = sluice::deflated(text, window_bits);
  const auto bytes = std::as_bytes(std::span(out));
  return {bytes.begin(), bytes.end()};
}

std::vector<std::byte> gzipped(const std::string& text) {
  return packed(text, 15 + 16);
}

std::string text_of(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST(Inflate, GivesBackWhatWasDeflated) {
  std::string text;
  for (int i = 0; i < 50000; ++i) text += std::to_string(i);
  EXPECT_EQ(text_of(*inflate(gzipped(text), Compression::Gzip, text.size())), text);
  EXPECT_EQ(text_of(*inflate(packed(text, -15), Compression::RawDeflate, text.size())), text);
}

TEST(Inflate, GzipMembersFollowEachOther) {
  std::vector<std::byte> both = gzipped("first,");
  const std::vector<std::byte> second = gzipped("second");
  both.insert(both.end(), second.begin(), second.end());
  EXPECT_EQ(text_of(*inflate(both, Compression::Gzip, 100)), "first,second");
}

TEST(Inflate, OneByteOverTheLimitIsRefused) {
  const auto compressed = gzipped(std::string(1000, 'x'));
  EXPECT_TRUE(inflate(compressed, Compression::Gzip, 1000));
  EXPECT_FALSE(inflate(compressed, Compression::Gzip, 999));
}

TEST(Inflate, EveryTruncationIsAnError) {
  const auto compressed = gzipped("the quick brown fox");
  for (std::size_t size = 0; size < compressed.size(); ++size) {
    EXPECT_FALSE(inflate(std::span(compressed).first(size), Compression::Gzip, 1000)) << size;
  }
}

TEST(Inflate, AFlippedBitFailsTheChecksum) {
  auto compressed = gzipped("the quick brown fox");
  compressed[compressed.size() - 6] ^= std::byte{1};
  EXPECT_FALSE(inflate(compressed, Compression::Gzip, 1000));
}

}  // namespace
}  // namespace sluice
