// SPDX-License-Identifier: Apache-2.0
// Pixels whose channels come in several parts: what sl_concat joins and sl_chop takes apart.
#pragma once

#include <fmt/format.h>
#include <vector>

#include "tests/support/rtl_bench.hpp"

namespace sluice::test {

struct Parts {
  std::size_t width = 0, lanes = 0;
  std::vector<std::size_t> beats;                // of each part, in a pixel
  std::vector<std::vector<std::int64_t>> codes;  // of each part
  std::vector<std::int64_t> whole;               // of all, pixel by pixel

  [[nodiscard]] RtlWords words(const std::vector<std::int64_t>& of) const {
    return rtl_words(of, width, lanes);
  }
  [[nodiscard]] RtlWords whole_words() const { return words(whole); }

  // Of a module that calls the number of parts `count_name`.
  [[nodiscard]] std::string parameters(std::string_view count_name) const {
    std::string entries;  // the first in the lowest bits
    for (const std::size_t n : beats) {
      entries = fmt::format("16'd{}{}{}", n, entries.empty() ? "" : ", ", entries);
    }
    return fmt::format(".Width({}), .Lanes({}), .{}({}), .Beats({{{}}})", width, lanes, count_name,
                       beats.size(), entries);
  }
};

inline Parts random_parts(Rng& rng, std::size_t count) {
  constexpr std::size_t kWordsAtLeast = 10000;
  Parts parts{.width = static_cast<std::size_t>(rng.integer(1, 16)),
              .lanes = static_cast<std::size_t>(rng.integer(1, 4)),
              .codes = std::vector<std::vector<std::int64_t>>(count)};
  parts.beats.reserve(count);
  // The first part is one word long: turns change without a pause between them.
  for (std::size_t k = 0; k < count; ++k) parts.beats.push_back(k == 0 ? 1 : 1 + rng.below(20));
  while (parts.whole.size() < kWordsAtLeast * parts.lanes) {
    for (std::size_t k = 0; k < count; ++k) {
      const auto codes = random_codes(rng, parts.beats[k] * parts.lanes, parts.width);
      parts.codes[k].insert(parts.codes[k].end(), codes.begin(), codes.end());
      parts.whole.insert(parts.whole.end(), codes.begin(), codes.end());
    }
  }
  return parts;
}

}  // namespace sluice::test
