// SPDX-License-Identifier: Apache-2.0
#include "sluice/ir/text_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::ir {
namespace {

using ::testing::HasSubstr;

TEST(TextReader, SkipsSpaceAndComments) {
  TextReader reader("  a # one\n\t# two\n b # three");
  EXPECT_TRUE(reader.accept("a"));
  EXPECT_FALSE(reader.at_end());
  EXPECT_TRUE(reader.accept("b"));
  EXPECT_TRUE(reader.at_end());
}

TEST(TextReader, AcceptsWholeWordsOnly) {
  TextReader reader("inputs (x");
  EXPECT_FALSE(reader.accept("input"));
  EXPECT_TRUE(reader.accept("inputs"));
  EXPECT_TRUE(reader.accept("("));
}

TEST(TextReader, ErrorsNameTheLine) {
  TextReader reader("a\nb\nc");
  EXPECT_TRUE(reader.expect("a"));
  EXPECT_TRUE(reader.expect("b"));
  const Status status = reader.expect("d");
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().where, "line 3");
  EXPECT_EQ(status.error().code, ErrorCode::Parse);
  EXPECT_EQ(status.error().message, R"(expected "d", found "c")");
}

TEST(TextReader, TheEndIsNamedAsSuch) {
  TextReader reader("a ");
  EXPECT_TRUE(reader.accept("a"));
  EXPECT_THAT(reader.expect("}").error().message, HasSubstr("the text ends"));
}

TEST(TextReader, StringsUndoTheirEscapes) {
  TextReader reader(R"("a\"b\\c\x0ad" rest)");
  EXPECT_EQ(*reader.string(), "a\"b\\c\nd");
  EXPECT_TRUE(reader.accept("rest"));
}

TEST(TextReader, BrokenStringsAreErrors) {
  for (const char* text : {"\"a", "\"a\\", "\"a\nb\"", R"("\q")", R"("\x1")", R"("\xzz")", "a"}) {
    EXPECT_FALSE(TextReader(text).string()) << text;
  }
}

TEST(TextReader, NamesAreBareOrInQuotes) {
  TextReader reader(R"(layer1/conv.0-out "a:0")");
  EXPECT_EQ(*reader.name(), "layer1/conv.0-out");
  EXPECT_EQ(*reader.name(), "a:0");
  EXPECT_FALSE(reader.name());
}

TEST(TextReader, UpToStaysOnItsLine) {
  TextReader reader("1x3]\n]");
  EXPECT_EQ(*reader.up_to(']'), "1x3");
  EXPECT_FALSE(reader.up_to(']'));
}

TEST(TextReader, NumbersTakeSignsAndExponents) {
  TextReader reader("-1.5e+10, 7");
  EXPECT_EQ(*reader.number(), "-1.5e+10");
  EXPECT_TRUE(reader.accept(","));
  EXPECT_EQ(*reader.number(), "7");
}

}  // namespace
}  // namespace sluice::ir
