// SPDX-License-Identifier: Apache-2.0
#include "sluice/sparse/encoding.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::sparse {
namespace {

using testing::HasSubstr;

TEST(Encoding, NamesParseToWhatTheyName) {
  EXPECT_EQ(*parse_encoding("huffman"), (Encoding{Encoding::Kind::Huffman, 0}));
  EXPECT_EQ(*parse_encoding("huffman12"), (Encoding{Encoding::Kind::Huffman, 12}));
  EXPECT_EQ(*parse_encoding("rle4"), (Encoding{Encoding::Kind::RunLength, 4}));
}

TEST(Encoding, NamesOfParsedOnesAreTheirNames) {
  for (const char* name : {"huffman", "huffman1", "huffman56", "rle1", "rle8", "rle32"}) {
    EXPECT_EQ(to_string(*parse_encoding(name)), name);
  }
}

TEST(Encoding, AListHasEachOnce) {
  EXPECT_EQ(*parse_encodings("rle2,huffman,rle2"),
            (std::vector<Encoding>{{Encoding::Kind::RunLength, 2}, {Encoding::Kind::Huffman, 0}}));
}

std::string error_of(const char* names) {
  const auto encodings = parse_encodings(names);
  EXPECT_FALSE(encodings) << names;
  if (encodings) return {};
  EXPECT_EQ(encodings.error().code, ErrorCode::InvalidArgument);
  return encodings.error().message;
}

TEST(Encoding, AnUnknownNameGetsTheNearest) {
  EXPECT_THAT(error_of("hufman"), HasSubstr("did you mean \"huffman\"?"));
  EXPECT_THAT(error_of("rl4"), HasSubstr("did you mean \"rle4\"?"));
  EXPECT_THAT(error_of("huffman,lz77"), HasSubstr("no code \"lz77\"; there are huffman"));
  for (const char* name : {"", "rle", "rle4x", "rle 4", "huffman,", "huffmanx", "RLE4"}) {
    EXPECT_THAT(error_of(name), HasSubstr("no code")) << name;
  }
}

TEST(Encoding, BitsOutOfRangeGetTheRange) {
  EXPECT_THAT(error_of("rle0"), HasSubstr("the length of a run has 1 to 32 bits"));
  EXPECT_THAT(error_of("rle33"), HasSubstr("1 to 32 bits"));
  EXPECT_THAT(error_of("rle99999999999999999999"), HasSubstr("1 to 32 bits"));
  EXPECT_THAT(error_of("huffman57"), HasSubstr("a word has 1 to 56 bits"));
}

TEST(Encoding, EachSpellingIsDocumented) {
  EXPECT_EQ(encoding_docs().size(), 3U);
}

}  // namespace
}  // namespace sluice::sparse
