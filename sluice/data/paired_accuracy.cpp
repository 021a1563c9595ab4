// SPDX-License-Identifier: Apache-2.0
#include "sluice/data/paired_accuracy.hpp"

#include <algorithm>
#include <cmath>

#include "sluice/base/assert.hpp"
#include "sluice/base/divide.hpp"

namespace sluice::data {

void PairedCounts::add(bool was_right, bool is_right) {
  ++images;
  right_before += was_right ? 1 : 0;
  right += is_right ? 1 : 0;
  lost += was_right && !is_right ? 1 : 0;
  gained += !was_right && is_right ? 1 : 0;
}

LossInterval loss_interval(const PairedCounts& counts, std::int64_t population,
                           double significance) {
  SL_ASSERT(counts.images >= 1 && counts.images <= population, "images of the population");
  const auto n = static_cast<double>(counts.images);
  const auto all = static_cast<double>(population);
  const auto lost = static_cast<double>(counts.lost);
  const auto gained = static_cast<double>(counts.gained);
  LossInterval result;
  result.estimate = (lost - gained) / n;
  result.lowest = result.highest = result.estimate;
  if (counts.images == population) return result;
  const double more = n + 2;
  const double difference = lost - gained;
  const double turned = lost + gained + 1;
  const double variance = (turned - difference * difference / more) / (more * more);
  const double margin =
      two_sided_normal_quantile(significance) * std::sqrt(variance * (all - n) / (all - 1));
  result.lowest = std::max(difference / more - margin, -1.0);
  result.highest = std::min(difference / more + margin, 1.0);
  return result;
}

std::vector<std::int64_t> looks_at(std::int64_t population, std::int64_t first, std::int64_t step) {
  SL_ASSERT(population > 0 && first > 0 && step > 0, "all are positive");
  std::vector<std::int64_t> looks;
  // A last look at few images more would cost significance and save nothing.
  for (std::int64_t count = first; count < population - population / 4; count *= 2) {
    const std::int64_t whole = divide_up(count, step) * step;
    if (whole < population && (looks.empty() || looks.back() < whole)) looks.push_back(whole);
  }
  looks.push_back(population);
  return looks;
}

double two_sided_normal_quantile(double significance) {
  SL_ASSERT(significance > 0 && significance < 1, "a probability");
  constexpr double kFarthest = 40;  // erfc is 0 there
  constexpr int kHalvings = 60;
  double low = 0;
  double high = kFarthest;
  for (int i = 0; i < kHalvings; ++i) {
    const double middle = (low + high) / 2;
    (std::erfc(middle / std::sqrt(2.0)) > significance ? low : high) = middle;
  }
  return high;
}

}  // namespace sluice::data
