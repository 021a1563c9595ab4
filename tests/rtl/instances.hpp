// SPDX-License-Identifier: Apache-2.0
// What the instances of a netlist say, read back: parameters and the fields of memories.
#pragma once

#include <algorithm>
#include <bit>
#include <gtest/gtest.h>
#include <span>
#include <string>
#include <vector>

#include "sluice/rtl/netlist.hpp"

namespace sluice::rtl::test {

// The text of a parameter; empty if it has none of that name.
inline std::string parameter(const Instance& instance, std::string_view name) {
  const auto found = std::ranges::find(instance.parameters, name, &Parameter::name);
  return found == instance.parameters.end() ? "" : found->value;
}

// "12", "-8'd3", "1'b1".
inline std::int64_t number_of(std::string_view text) {
  const bool is_negative = text.starts_with('-');
  const std::size_t quote = text.find('\'');
  const std::string digits(quote == std::string_view::npos ? text.substr(is_negative ? 1 : 0)
                                                           : text.substr(quote + 2));
  return (is_negative ? -1 : 1) * std::stoll(digits);
}
inline std::int64_t number(const Instance& instance, std::string_view name) {
  const std::string text = parameter(instance, name);
  EXPECT_FALSE(text.empty()) << instance.name << " has no " << name;
  return text.empty() ? 0 : number_of(text);
}

// "{16'd3, 16'd2}": 2, 3.
inline std::vector<std::int64_t> numbers(const Instance& instance, std::string_view name) {
  std::string text = parameter(instance, name);
  std::erase_if(text, [](char c) { return c == '{' || c == '}' || c == ' '; });
  std::vector<std::int64_t> result;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    result.push_back(number_of(std::string_view(text).substr(at, end - at)));
    at = end + 1;
  }
  std::ranges::reverse(result);
  return result;
}

// The fields of a memory's words, in the order in which they were added: each word has fields of
// these widths, the first in the lowest bits. Two's complement.
inline std::vector<std::int64_t> fields_of(const std::string& text, std::span<const int> widths) {
  std::vector<std::int64_t> result;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    const auto bit = [&](std::int64_t i) {
      const char digit = text[end - 1 - static_cast<std::size_t>(i / 4)];
      const int value = digit <= '9' ? digit - '0' : digit - 'a' + 10;
      return static_cast<std::uint64_t>(value >> (i % 4) & 1);
    };
    std::int64_t begin = 0;
    for (const int width : widths) {
      std::uint64_t field = 0;
      for (int i = 0; i < width; ++i) field |= bit(begin + i) << i;
      if (width > 0 && width < 64 && bit(begin + width - 1) != 0)
        field |= ~std::uint64_t{0} << width;
      result.push_back(static_cast<std::int64_t>(field));
      begin += width;
    }
    EXPECT_EQ(static_cast<std::int64_t>(end - at), (begin + 3) / 4) << "digits of a word";
    at = end + 1;
  }
  return result;
}

inline bool fits(std::int64_t value, int bits, bool is_signed) {
  if (value < 0 && !is_signed) return false;
  const auto magnitude = static_cast<std::uint64_t>(value < 0 ? ~value : value);
  return static_cast<int>(std::bit_width(magnitude)) + (is_signed ? 1 : 0) <= bits;
}

}  // namespace sluice::rtl::test
