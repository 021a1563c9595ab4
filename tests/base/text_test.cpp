// SPDX-License-Identifier: Apache-2.0
#include "sluice/base/text.hpp"

#include <array>
#include <gtest/gtest.h>

namespace sluice {
namespace {

constexpr std::array<std::string_view, 3> kVerbs{"info", "eval", "quantize"};

TEST(Text, ASlipIsNearItsWord) {
  EXPECT_EQ(nearest("evla", kVerbs), "eval");
  EXPECT_EQ(nearest("quantise", kVerbs), "quantize");
}

TEST(Text, AnotherWordIsNearNothing) {
  EXPECT_EQ(nearest("simulate", kVerbs), "");
}

TEST(Text, TheNearestOfSeveralWins) {
  constexpr std::array<std::string_view, 2> kFlags{"--data", "--date"};
  EXPECT_EQ(nearest("--dates", kFlags), "--date");
}

TEST(Text, ASuggestionIsPartOfTheMessageOrNothing) {
  EXPECT_EQ(did_you_mean("infp", kVerbs), " (did you mean \"info\"?)");
  EXPECT_EQ(did_you_mean("zzzzzz", kVerbs), "");
}

TEST(Text, QuotesAndBackslashesAreEscaped) {
  EXPECT_EQ(sluice::quoted(R"(a"b\c)"), R"("a\"b\\c")");
}

TEST(Text, ControlAndForeignBytesDoNotReachATerminal) {
  EXPECT_EQ(sluice::quoted("\x1b[31m\n\xc3\xa9\x7f"), R"("\x1b[31m\x0a\xc3\xa9\x7f")");
}

TEST(Text, LongTextIsCut) {
  EXPECT_EQ(sluice::quoted("abcdef", 3), "\"abc...\"");
  EXPECT_EQ(sluice::quoted("abc", 3), "\"abc\"");
}

TEST(Printable, ControlBytesAreEscapedAndQuotesAreNot) {
  EXPECT_EQ(printable("a\x1b[2J\"b"), "a\\x1b[2J\"b");
  EXPECT_EQ(printable(std::string(90, 'x'), 80), std::string(80, 'x') + "...");
}

}  // namespace
}  // namespace sluice
