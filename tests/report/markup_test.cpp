// SPDX-License-Identifier: Apache-2.0
#include "sluice/report/markup.hpp"

#include <gtest/gtest.h>

namespace sluice::report {
namespace {

TEST(Markup, NamesCannotBecomeTags) {
  EXPECT_EQ(escaped("<b a=\"1\">'&"), "&lt;b a=&quot;1&quot;&gt;&#39;&amp;");
}

TEST(Markup, ABackslashCannotEscapeTheQuoteBehindIt) {
  EXPECT_EQ(escaped("a\\"), "a&#92;");
}

TEST(Markup, LongNamesAreCutBeforeTheyAreEscaped) {
  const std::string cut = escaped(std::string(100, '<'), 10);
  EXPECT_EQ(cut.substr(0, 8), "&lt;&lt;");
  EXPECT_LT(cut.size(), 60);
}

TEST(Markup, ControlCharactersAreShown) {
  EXPECT_EQ(escaped(std::string("a\0b\n", 4)).find('\n'), std::string::npos);
}

}  // namespace
}  // namespace sluice::report
