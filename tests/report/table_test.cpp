// SPDX-License-Identifier: Apache-2.0
#include "sluice/report/table.hpp"

#include <gtest/gtest.h>

namespace sluice::report {
namespace {

TEST(Table, ColumnsAreAsWideAsTheirWidestCell) {
  Table table({{"name", Align::Left}, {"n"}});
  table.add_row({"a", "12"});
  table.add_row({"longer", "3"});
  EXPECT_EQ(table.text(), "name     n\n------  --\na       12\nlonger   3\n");
}

TEST(Table, CharactersOfSeveralBytesTakeOneColumn) {
  Table table({{"folding"}});
  table.add_row({"1→1×1×1"});
  EXPECT_EQ(table.text(), "folding\n-------\n1→1×1×1\n");
}

TEST(Table, LinesHaveNoTrailingSpaces) {
  Table table({{"a"}, {"b", Align::Left}});
  table.add_row({"1", ""});
  EXPECT_EQ(table.text().find(" \n"), std::string::npos);
}

TEST(WithCommas, GroupsThreeDigits) {
  EXPECT_EQ(with_commas(0), "0");
  EXPECT_EQ(with_commas(999), "999");
  EXPECT_EQ(with_commas(1000), "1,000");
  EXPECT_EQ(with_commas(-1234567), "-1,234,567");
  EXPECT_EQ(with_commas(-123), "-123");
}

TEST(WithPrefix, KeepsThreeSignificantDigits) {
  EXPECT_EQ(with_prefix(0), "0");
  EXPECT_EQ(with_prefix(999), "999");
  EXPECT_EQ(with_prefix(1000), "1.00 k");
  EXPECT_EQ(with_prefix(999600), "1.00 M");
  EXPECT_EQ(with_prefix(3.504872e6), "3.50 M");
  EXPECT_EQ(with_prefix(1.814e9), "1.81 G");
}

TEST(Table, AsHtmlWordsStandLeftAndStayText) {
  Table table({{"layer", Align::Left}, {"zeros"}});
  table.add_row({"<b>", "7"});
  const std::string html = table.html();
  EXPECT_NE(html.find("<tr><th>layer</th><th>zeros</th></tr>"), std::string::npos);
  EXPECT_NE(html.find("<td class=\"words\">&lt;b&gt;</td><td>7</td>"), std::string::npos);
}

}  // namespace
}  // namespace sluice::report
