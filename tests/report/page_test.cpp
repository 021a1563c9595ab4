// SPDX-License-Identifier: Apache-2.0
#include "sluice/report/page.hpp"

#include <gmock/gmock.h>

namespace sluice::report {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Page, TheTitleIsTheHeadingAndStaysText) {
  const std::string page = page_head("a <b> on c");
  EXPECT_THAT(page, HasSubstr("<title>a &lt;b&gt; on c</title>"));
  EXPECT_THAT(page, HasSubstr("<h1>a &lt;b&gt; on c</h1>"));
}

TEST(Page, MayFetchAndRunNothing) {
  const std::string page = page_head("x");
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
  EXPECT_THAT(page, Not(HasSubstr("<script")));
}

TEST(Page, TablesHaveATitleAColumn) {
  std::string out;
  add_table_head(out, {"layer", "zeros"});
  EXPECT_THAT(out, HasSubstr("<tr><th>layer</th><th>zeros</th></tr>"));
  EXPECT_THAT(std::string(kTableEnd), HasSubstr("</table></div>"));
}

}  // namespace
}  // namespace sluice::report
