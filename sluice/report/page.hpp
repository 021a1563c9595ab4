// SPDX-License-Identifier: Apache-2.0
// Pages: HTML that needs nothing else, no scripts, no files, no network.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sluice::report {

// Up to the heading, which is the title too.
[[nodiscard]] std::string page_head(std::string_view title);
inline constexpr std::string_view kPageEnd = "</body></html>\n";

// Begins a table that scrolls where it is too wide; kTableEnd ends it. Titles are HTML.
void add_table_head(std::string& out, const std::vector<std::string_view>& titles);
inline constexpr std::string_view kTableEnd = "</table></div>\n";

}  // namespace sluice::report
