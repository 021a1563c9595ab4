// SPDX-License-Identifier: Apache-2.0
// Windows that come in parts, for the modules that reduce them.
#pragma once

#include <array>
#include <fmt/format.h>
#include <vector>

#include "tests/support/rtl_bench.hpp"

namespace sluice::test {

struct WindowReduction {
  std::size_t width;
  bool is_signed;
  std::size_t lanes, words, parts;

  // Windows in a test of it: some thousand words of the input.
  [[nodiscard]] std::size_t windows() const { return 8000 / parts; }
  [[nodiscard]] std::string parameters() const {
    return fmt::format(".Width({}), .Signed({}), .Lanes({}), .Words({}), .Parts({})", width,
                       is_signed ? 1 : 0, lanes, words, parts);
  }
  // From the last part to the result, as the heads say.
  [[nodiscard]] std::int64_t latency_cycles() const { return words > 1 && parts > 1 ? 2 : 1; }

  // A value each window and lane, folded from the codes of the window in that lane.
  template <class Fold>
  [[nodiscard]] std::vector<std::int64_t> reduced(const std::vector<std::int64_t>& x,
                                                  const Fold& fold) const {
    std::vector<std::int64_t> y(windows() * lanes);
    for (std::size_t i = 0; i < x.size(); ++i) {
      const std::size_t window = i / (lanes * words * parts);
      std::int64_t& value = y[window * lanes + i % lanes];
      const bool is_first = i % (lanes * words * parts) < lanes;
      value = is_first ? x[i] : fold(value, x[i]);
    }
    return y;
  }
};

inline constexpr std::array kWindowReductions = {
    WindowReduction{8, true, 1, 9, 1},  WindowReduction{8, false, 2, 4, 1},
    WindowReduction{4, true, 3, 1, 9},  WindowReduction{5, false, 1, 3, 3},
    WindowReduction{1, false, 4, 2, 2}, WindowReduction{2, true, 2, 1, 1},
    WindowReduction{12, true, 2, 7, 5}, WindowReduction{3, false, 1, 1, 49},
    WindowReduction{1, true, 1, 5, 1}};

}  // namespace sluice::test
