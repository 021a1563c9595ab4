// SPDX-License-Identifier: Apache-2.0
// Writing markup: HTML, SVG and Graphviz' language.
#pragma once

#include <fmt/format.h>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

namespace sluice::report {

// & < > " ' \ as entities; control characters and what is not ASCII as sluice::printable writes
// them; at most `max_length` characters kept. For names, which come from files.
[[nodiscard]] std::string escaped(std::string_view name, std::size_t max_length = 80);

// Appends formatted text to a page.
template <class... Args>
void add(std::string& out, fmt::format_string<Args...> format, Args&&... args) {
  fmt::format_to(std::back_inserter(out), format, std::forward<Args>(args)...);
}

}  // namespace sluice::report
