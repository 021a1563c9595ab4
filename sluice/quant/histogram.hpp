// SPDX-License-Identifier: Apache-2.0
// Histogram: how often which values came, collected batch by batch without knowing the range.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sluice::quant {

// Equal bins over (−2^k, 2^k), `bins` a side, where 2^k is the least power of two above every
// magnitude seen; a larger value merges bins in pairs. So the counts depend on the values alone,
// not on their order or their batches. Exact zeros, which every grid keeps, are counted apart.
class Histogram {
 public:
  explicit Histogram(std::size_t bins) : bins_(bins) {}

  // Finite values, the largest of whose magnitudes is `largest`.
  void add(std::span<const float> values, float largest);
  // Another histogram of as many bins.
  void merge(const Histogram& other);

  struct Bin {
    float low;  // its edges, low < high
    float high;
    std::uint64_t count;  // not 0
  };
  // The bins that are not empty, by value.
  [[nodiscard]] std::vector<Bin> occupied() const;
  // Bin i counts the magnitudes in [i, i + 1)·bin_width().
  [[nodiscard]] std::vector<std::uint64_t> magnitudes() const;
  [[nodiscard]] float bin_width() const;
  [[nodiscard]] std::uint64_t zeros() const noexcept { return zeros_; }
  [[nodiscard]] std::uint64_t total() const noexcept { return total_; }  // zeros included

 private:
  using Side = std::vector<std::uint64_t>;  // empty while nothing fell on it
  static constexpr int kLeastExponent = -100;

  void grow(int exponent);
  void merge_side(Side& side, const Side& other) const;

  std::size_t bins_;
  int exponent_ = kLeastExponent;  // k
  Side negative_, positive_;
  std::uint64_t zeros_ = 0;
  std::uint64_t total_ = 0;
};

}  // namespace sluice::quant
