// SPDX-License-Identifier: Apache-2.0
// Thresholds worth trying, told from how the numbers lie that they would make zero.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace sluice::sparse {

// For each share, 0 to 1, the threshold below which so large a part of the numbers lies; in three
// significant digits, rising, none twice, none 0. Empty for no numbers.
//
// Of the magnitudes of weights that are not zero.
[[nodiscard]] std::vector<float> weight_levels(std::span<const float> weights,
                                               std::span<const double> shares);

// Numbers above 0, counted by their magnitude: 32 classes to each power of two. What is kept has
// the same size however many there are, and their order does not matter.
class PositiveCounts {
 public:
  PositiveCounts();
  // Others than positive finite numbers are passed over.
  void add(std::span<const float> numbers);
  [[nodiscard]] std::uint64_t count() const { return count_; }
  // Their levels, each exact but for the width of a class.
  [[nodiscard]] std::vector<float> levels(std::span<const double> shares) const;

 private:
  std::vector<std::uint64_t> classes_;
  std::uint64_t count_ = 0;
};

}  // namespace sluice::sparse
