// SPDX-License-Identifier: Apache-2.0
#include "sluice/quant/range_search.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "sluice/numeric/snap_simd.hpp"

namespace sluice::quant {
namespace {

using numeric::Range;
using Bins = std::vector<Histogram::Bin>;

// Bin middles and how often they came.
struct Samples {
  std::vector<float> values;
  std::vector<double> weights;
};

Samples samples_of(const Histogram& histogram) {
  Samples samples;
  for (const Histogram::Bin& bin : histogram.occupied()) {
    samples.values.push_back(0.5F * (bin.low + bin.high));
    samples.weights.push_back(static_cast<double>(bin.count));
  }
  return samples;
}

double squared_error(const Samples& samples, const numeric::Grid& grid) {
  std::vector<float> snapped = samples.values;
  numeric::snap_elements(grid, snapped);
  double sum = 0;
  for (std::size_t i = 0; i < snapped.size(); ++i) {
    const double error = static_cast<double>(snapped[i]) - static_cast<double>(samples.values[i]);
    sum += samples.weights[i] * error * error;
  }
  return sum;
}

// The best of 100 sizes of one end.
Range shrink(const Samples& samples, const Range& start, float Range::*end,
             const GridOfRange& grid) {
  constexpr int kCandidates = 100;
  Range best = start;
  if (start.*end == 0) return best;
  double least = squared_error(samples, grid(start));
  for (int i = kCandidates - 1; i > 0; --i) {
    Range candidate = start;
    candidate.*end = start.*end * static_cast<float>(i) / static_cast<float>(kCandidates);
    const double error = squared_error(samples, grid(candidate));
    if (error < least) {
      least = error;
      best = candidate;
    }
  }
  return best;
}

// Σ P·ln(P/Q) for the threshold of `kept` bins.
double divergence(const std::vector<std::uint64_t>& counts, std::size_t kept, std::size_t codes) {
  double inside = 0;
  for (std::size_t i = 0; i < kept; ++i) inside += static_cast<double>(counts[i]);
  double beyond = 0;
  for (std::size_t i = kept; i < counts.size(); ++i) beyond += static_cast<double>(counts[i]);
  if (inside == 0) return std::numeric_limits<double>::infinity();

  constexpr double kAlmostNothing = 1e-9;  // Q where only clipped values fall
  double sum = 0;
  for (std::size_t level = 0; level < codes; ++level) {
    const std::size_t begin = level * kept / codes;
    const std::size_t end = (level + 1) * kept / codes;
    double gathered = 0;
    double num_occupied = 0;
    for (std::size_t i = begin; i < end; ++i) {
      gathered += static_cast<double>(counts[i]);
      num_occupied += counts[i] > 0 ? 1 : 0;
    }
    for (std::size_t i = begin; i < end; ++i) {
      const double clipped = i + 1 == kept ? beyond : 0;
      const double p = (static_cast<double>(counts[i]) + clipped) / (inside + beyond);
      if (p == 0) continue;
      const double q = counts[i] > 0 ? gathered / num_occupied / inside : kAlmostNothing;
      sum += p * std::log(p / q);
    }
  }
  return sum;
}

}  // namespace

Range percentile_range(const Histogram& histogram, const Range& seen, double percent) {
  const Bins bins = histogram.occupied();
  const double allowed = (1 - percent / 100) * static_cast<double>(histogram.total());
  Range range{0, 0};
  double above = 0;
  for (auto bin = bins.rbegin(); bin != bins.rend() && bin->low >= 0; ++bin) {
    above += static_cast<double>(bin->count);
    if (above <= allowed) continue;
    range.max = std::min(bin->high, seen.max);
    break;
  }
  double below = 0;
  for (auto bin = bins.begin(); bin != bins.end() && bin->high <= 0; ++bin) {
    below += static_cast<double>(bin->count);
    if (below <= allowed) continue;
    range.min = std::max(bin->low, seen.min);
    break;
  }
  return range;
}

Range least_error_range(const Histogram& histogram, const Range& seen, const GridOfRange& grid) {
  const Samples samples = samples_of(histogram);
  const bool max_first = seen.max >= -seen.min;
  float Range::*first = max_first ? &Range::max : &Range::min;
  float Range::*second = max_first ? &Range::min : &Range::max;
  return shrink(samples, shrink(samples, seen, first, grid), second, grid);
}

Range least_divergence_range(const Histogram& histogram, const Range& seen, std::size_t codes) {
  const std::vector<std::uint64_t> counts = histogram.magnitudes();
  std::size_t occupied = counts.size();
  while (occupied > 0 && counts[occupied - 1] == 0) --occupied;
  std::size_t best = occupied;
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t kept = occupied; kept >= codes && kept > 0; --kept) {
    const double found = divergence(counts, kept, codes);
    if (found < least) {
      least = found;
      best = kept;
    }
  }
  const float threshold = static_cast<float>(best) * histogram.bin_width();
  return {std::max(seen.min, -threshold), std::min(seen.max, threshold)};
}

}  // namespace sluice::quant
