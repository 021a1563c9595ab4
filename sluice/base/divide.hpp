// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstdint>

namespace sluice {

// ⌈a / b⌉ for a ≥ 0, b ≥ 1.
[[nodiscard]] constexpr std::int64_t divide_up(std::int64_t a, std::int64_t b) {
  return (a + b - 1) / b;
}

// part / whole; 0 where there is nothing.
template <std::integral T>
[[nodiscard]] constexpr double share_of(T part, T whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

// The same in percent.
template <std::integral T>
[[nodiscard]] constexpr double percent_of(T part, T whole) {
  return whole == 0 ? 0 : 100 * static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace sluice
