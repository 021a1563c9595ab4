// SPDX-License-Identifier: Apache-2.0
// Lists and numbers in texts of users and files.
#pragma once

#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <vector>

namespace sluice {

// The number that the whole of `text` is: decimal, or of another base where T is an integer.
// Nothing where there is more or less, or where T does not hold it.
template <class T>
[[nodiscard]] std::optional<T> parse_whole(std::string_view text, [[maybe_unused]] int base = 10) {
  T value{};
  const char* const end = text.data() + text.size();
  std::from_chars_result read{};
  if constexpr (std::is_floating_point_v<T>) {
    read = std::from_chars(text.data(), end, value);
  } else {
    read = std::from_chars(text.data(), end, value, base);
  }
  return read.ec == std::errc{} && read.ptr == end ? std::optional<T>(value) : std::nullopt;
}

// What commas separate: one part more than there are commas, empty ones included.
[[nodiscard]] inline std::vector<std::string_view> parts_of_list(std::string_view text) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t comma = text.find(',');
    parts.push_back(text.substr(0, comma));
    if (comma == std::string_view::npos) return parts;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace sluice
