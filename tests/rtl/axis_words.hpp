// SPDX-License-Identifier: Apache-2.0
// The words of an AXI4-Stream: tdata in whole bytes, tlast above.
#pragma once

#include <fmt/format.h>
#include <vector>

#include "tests/support/rtl_bench.hpp"

namespace sluice::test {

struct AxisCase {
  std::size_t width, frame_words;
  [[nodiscard]] std::size_t data_width() const { return (width + 7) / 8 * 8; }
  [[nodiscard]] std::string parameters() const {
    return fmt::format(".Width({}), .FrameWords({})", width, frame_words);
  }

  // `fill`: the bits of each word above the code, of which those that fit are taken.
  [[nodiscard]] RtlWords words(const std::vector<std::int64_t>& codes,
                               const std::vector<std::int64_t>& fill) const {
    const std::int64_t mask = (std::int64_t{1} << width) - 1;
    std::vector<std::int64_t> words;
    words.reserve(codes.size());
    for (std::size_t i = 0; i < codes.size(); ++i) {
      const std::int64_t above = fill[i] & ((std::int64_t{1} << (data_width() - width)) - 1);
      const std::int64_t last = (i + 1) % frame_words == 0 ? 1 : 0;
      words.push_back(last << data_width() | above << width | (codes[i] & mask));
    }
    return rtl_words(words, data_width() + 1);
  }
};

inline const std::vector<AxisCase>& axis_cases() {
  static const auto kAll = corners_and<AxisCase>(
      {{8, 16}, {1, 1}, {13, 1}, {24, 7}, {32, 2}, {7, 100}}, 4, [](Rng& rng) {
        return AxisCase{draw_size(rng, 1, 40), draw_size(rng, 1, 50)};
      });
  return kAll;
}

// Whole frames.
inline std::size_t axis_words(const AxisCase& c) {
  return (11000 / c.frame_words + 1) * c.frame_words;
}

}  // namespace sluice::test
