// SPDX-License-Identifier: Apache-2.0
// How much accuracy a changed network loses, told from a part of the images: each is answered by
// the network before the change and after it, so that only images whose answer turned count.
#pragma once

#include <cstdint>
#include <vector>

namespace sluice::data {

// Images that both networks answered.
struct PairedCounts {
  std::int64_t images = 0;
  std::int64_t right_before = 0;
  std::int64_t right = 0;   // after the change
  std::int64_t lost = 0;    // right before, wrong after
  std::int64_t gained = 0;  // wrong before, right after

  void add(bool was_right, bool is_right);
  friend bool operator==(const PairedCounts&, const PairedCounts&) = default;
};

// The share of all images by which fewer are right, −1 to 1.
struct LossInterval {
  double estimate = 0;
  double lowest = 0, highest = 0;
};

// From `counts.images` of `population` images, drawn without repeats, so that the truth lies beyond
// either end with a probability of `significance` together. With b lost and c gained of n:
//
//   estimate (b − c) / n, ends (b′ − c′) / n′ ∓ z · √(s² · (N − n) / (N − 1))
//   b′ = b + ½, c′ = c + ½, n′ = n + 2,  s² = (b′ + c′ − (b′ − c′)² / n′) / n′²
//
// Half an answer more on each side keeps the interval from collapsing where nothing has turned yet
// (A. Agresti, Y. Min, "Simple improved confidence intervals for comparing matched proportions",
// Statistics in Medicine 24, 2005); (N − n) / (N − 1) is the finite-population correction
// (W. G. Cochran, "Sampling Techniques", 1977, section 2.6). Of all images it is the truth itself.
// 1 ≤ images ≤ population, 0 < significance < 1.
[[nodiscard]] LossInterval loss_interval(const PairedCounts& counts, std::int64_t population,
                                         double significance);

// After how many images one looks: `first`, then always twice as many, and all at the end; each a
// multiple of `step` but the last. All arguments are positive.
[[nodiscard]] std::vector<std::int64_t> looks_at(std::int64_t population, std::int64_t first,
                                                 std::int64_t step);

// z with P(|normal variate| > z) = significance.
[[nodiscard]] double two_sided_normal_quantile(double significance);

}  // namespace sluice::data
