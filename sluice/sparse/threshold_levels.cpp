// SPDX-License-Identifier: Apache-2.0
#include "sluice/sparse/threshold_levels.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <fmt/format.h>

namespace sluice::sparse {
namespace {

// The sign, the exponent and five bits of the fraction stay.
constexpr unsigned kDroppedBits = 18;
constexpr std::size_t kClasses = std::size_t{1} << (31 - kDroppedBits);

// As people would write it, and as a file gives it back.
float rounded(float number) {
  const std::string text = fmt::format("{:.3g}", number);
  return std::strtof(text.c_str(), nullptr);
}

void add_level(std::vector<float>& levels, float number) {
  const float level = rounded(number);
  if (!std::isfinite(level)) return;
  if (level > 0 && (levels.empty() || level > levels.back())) levels.push_back(level);
}

}  // namespace

std::vector<float> weight_levels(std::span<const float> weights, std::span<const double> shares) {
  std::vector<float> magnitudes;
  magnitudes.reserve(weights.size());
  for (const float weight : weights) {
    const float magnitude = std::abs(weight);
    if (magnitude > 0 && std::isfinite(magnitude)) magnitudes.push_back(magnitude);
  }
  std::ranges::sort(magnitudes);
  std::vector<float> levels;
  if (magnitudes.empty()) return levels;
  levels.reserve(shares.size());
  for (const double share : shares) {
    const auto below = static_cast<std::size_t>(share * static_cast<double>(magnitudes.size()));
    add_level(levels, magnitudes[std::min(below, magnitudes.size() - 1)]);
  }
  return levels;
}

PositiveCounts::PositiveCounts() : classes_(kClasses) {}

void PositiveCounts::add(std::span<const float> numbers) {
  for (const float number : numbers) {
    if (!(number > 0) || !std::isfinite(number)) continue;
    ++classes_[std::bit_cast<std::uint32_t>(number) >> kDroppedBits];
    ++count_;
  }
}

std::vector<float> PositiveCounts::levels(std::span<const double> shares) const {
  std::vector<float> levels;
  if (count_ == 0) return levels;
  levels.reserve(shares.size());
  std::uint64_t below = 0;
  std::size_t at = 0;
  for (const double share : shares) {
    const double wanted = share * static_cast<double>(count_);
    while (at + 1 < kClasses && static_cast<double>(below + classes_[at]) < wanted) {
      below += classes_[at++];
    }
    const auto first = static_cast<std::uint32_t>((at + 1) << kDroppedBits);
    add_level(levels, std::bit_cast<float>(first));
  }
  return levels;
}

}  // namespace sluice::sparse
