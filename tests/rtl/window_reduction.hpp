// SPDX-License-Identifier: Apache-2.0
// Windows that come in parts, for the modules that reduce them.
#pragma once

#include <fmt/format.h>
#include <vector>

#include "tests/support/rtl_bench.hpp"

#include "sluice/hw/layers/stages.hpp"

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
  // From the last part to the result.
  [[nodiscard]] std::int64_t latency_cycles() const {
    return hw::stages::reduce(static_cast<std::int64_t>(words), static_cast<std::int64_t>(parts));
  }

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

inline const std::vector<WindowReduction>& window_reductions() {
  static const auto kAll = corners_and<WindowReduction>(
      {{8, true, 1, 9, 1},
       {8, false, 2, 4, 1},
       {4, true, 3, 1, 9},
       {2, true, 2, 1, 1},
       {3, false, 1, 1, 49},
       {1, true, 1, 5, 1},
       {1, false, 4, 2, 2}},
      4, [](Rng& rng) {
        return WindowReduction{draw_size(rng, 1, 12), rng.below(2) != 0, draw_size(rng, 1, 3),
                               draw_size(rng, 1, 9), draw_size(rng, 1, 6)};
      });
  return kAll;
}

}  // namespace sluice::test
