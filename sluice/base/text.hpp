// SPDX-License-Identifier: Apache-2.0
// Small things with text: near misses, and user text made safe to print.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace sluice {

// The candidate nearest to `word` by edit distance, if near enough to be meant; else empty.
[[nodiscard]] std::string_view nearest(std::string_view word,
                                       std::span<const std::string_view> candidates);

// ` (did you mean "x"?)`, or nothing: for the end of a message.
[[nodiscard]] std::string did_you_mean(std::string_view word,
                                       std::span<const std::string_view> candidates);

// Control and non-ASCII bytes escaped, at most `max_length` characters kept: names from a file must
// not reach a terminal raw.
[[nodiscard]] std::string printable(std::string_view text, std::size_t max_length = 80);

// The same in double quotes, for messages.
[[nodiscard]] std::string quoted(std::string_view text, std::size_t max_length = 80);

}  // namespace sluice
