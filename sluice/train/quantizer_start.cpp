// SPDX-License-Identifier: Apache-2.0
#include "sluice/train/quantizer_start.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "sluice/numeric/affine.hpp"
#include "sluice/quant/histogram.hpp"
#include "sluice/quant/range_search.hpp"

namespace sluice::train {
namespace {

using numeric::CodeRange;
using numeric::Range;
using Bins = std::vector<quant::Histogram::Bin>;

constexpr std::size_t kBins = 2048;  // a side

// The range, stretched to contain 0: without an offset 0 has a code anyway, with one it gets one.
Range range_with_zero(std::span<const float> values) {
  Range range{0, 0};
  for (const float value : values) {
    range.min = std::min(range.min, value);
    range.max = std::max(range.max, value);
  }
  return range;
}

quant::Histogram histogram_of(std::span<const float> values, const Range& seen) {
  quant::Histogram histogram(kBins);
  histogram.add(values, std::max(seen.max, -seen.min));
  return histogram;
}

// The step whose codes just cover the range, and the offset that puts the least code at its end.
QuantizerStart covering(const Range& range, const QuantizerOptions& options) {
  const CodeRange codes = codes_of(options);
  const auto lowest = static_cast<double>(codes.lowest);
  const auto highest = static_cast<double>(codes.highest);
  const auto min = static_cast<double>(range.min), max = static_cast<double>(range.max);
  double step = 0;
  if (learns_offset(options)) {
    step = (max - min) / (highest - lowest);
  } else {
    if (highest > 0) step = std::max(step, max / highest);
    if (lowest < 0) step = std::max(step, min / lowest);
  }
  if (!(step > 0)) return {};
  if (options.power_of_two) step = std::exp2(std::nearbyint(std::log2(step)));
  return {step, learns_offset(options) ? min - lowest * step : 0};
}

double squared_error(const Bins& bins, const QuantizerStart& start, const CodeRange& codes) {
  const auto lowest = static_cast<double>(codes.lowest);
  const auto highest = static_cast<double>(codes.highest);
  const double zero_point = std::clamp(std::nearbyint(-start.offset / start.step), lowest, highest);
  double sum = 0;
  for (const quant::Histogram::Bin& bin : bins) {
    const double middle = 0.5 * (static_cast<double>(bin.low) + static_cast<double>(bin.high));
    const double code =
        std::clamp(std::nearbyint(middle / start.step) + zero_point, lowest, highest);
    const double error = start.step * (code - zero_point) - middle;
    sum += static_cast<double>(bin.count) * error * error;
  }
  return sum;
}

// The best of 100 sizes of the ends that shrink.
struct Ends {
  bool min, max;
};
Range least_error(const Bins& bins, const Range& widest, Ends shrinking,
                  const QuantizerOptions& options) {
  constexpr int kCandidates = 100;
  const CodeRange codes = codes_of(options);
  Range best = widest;
  double least = std::numeric_limits<double>::infinity();
  for (int i = kCandidates; i > 0; --i) {
    const float part = static_cast<float>(i) / static_cast<float>(kCandidates);
    const Range range{shrinking.min ? widest.min * part : widest.min,
                      shrinking.max ? widest.max * part : widest.max};
    const double error = squared_error(bins, covering(range, options), codes);
    // Of equals the widest, which was tried first.
    if (error < least) {
      least = error;
      best = range;
    }
  }
  return best;
}

QuantizerStart least_error_start(std::span<const float> values, const QuantizerOptions& options) {
  const Range seen = range_with_zero(values);
  const Bins bins = histogram_of(values, seen).occupied();
  if (!learns_offset(options)) {
    return covering(least_error(bins, seen, {true, true}, options), options);
  }
  const bool max_first = seen.max >= -seen.min;
  const Range first = least_error(bins, seen, {!max_first, max_first}, options);
  return covering(least_error(bins, first, {max_first, !max_first}, options), options);
}

double mean_magnitude(std::span<const float> values) {
  double sum = 0;
  for (const float value : values) sum += std::abs(static_cast<double>(value));
  return sum / static_cast<double>(values.size());
}

// max|μ ± 3σ|
double three_sigma(std::span<const float> values) {
  const auto count = static_cast<double>(values.size());
  double sum = 0;
  for (const float value : values) sum += static_cast<double>(value);
  const double mean = sum / count;
  double squares = 0;
  for (const float value : values) squares += std::pow(static_cast<double>(value) - mean, 2);
  return std::abs(mean) + 3 * std::sqrt(squares / count);
}

QuantizerStart published_start(std::span<const float> values, const QuantizerOptions& options) {
  const auto largest = static_cast<double>(largest_code(options));
  double step = 0;
  switch (options.kind) {
    case QuantizerKind::Lsq:
      step = 2 * mean_magnitude(values) / std::sqrt(largest);
      break;
    case QuantizerKind::LsqPlus:
      if (learns_offset(options) || !options.is_signed) return least_error_start(values, options);
      step = three_sigma(values) / std::ldexp(1, options.bits - 1);
      break;
    default:
      step = options.clip / largest;
  }
  return {step > 0 ? step : 1, 0};
}

}  // namespace

QuantizerStart quantizer_start(std::span<const float> values, const QuantizerOptions& options) {
  switch (options.start) {
    case StepStart::Percentile: {
      const Range seen = range_with_zero(values);
      const quant::Histogram histogram = histogram_of(values, seen);
      return covering(quant::percentile_range(histogram, seen, options.percent), options);
    }
    case StepStart::LeastError:
      return least_error_start(values, options);
    default:
      return published_start(values, options);
  }
}

}  // namespace sluice::train
