// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/layers/sparsity.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

#include "sluice/hw/layers/kinds.hpp"

namespace sluice::hw {
namespace {

// Rows of k+1 shares: how many windows have 0, 1, … k zeros.
struct Histograms {
  std::vector<double> values;
  std::size_t width;

  [[nodiscard]] std::span<const double> row(std::size_t r) const {
    return std::span(values).subspan(r * width, width);
  }
  [[nodiscard]] std::size_t rows() const { return values.size() / width; }
};

std::int64_t window_words(const Histograms& histograms) {
  return static_cast<std::int64_t>(histograms.width) - 1;
}

// Cycles for a window of a row, on the average.
double cycles_per_window(std::span<const double> row, std::int64_t fine, bool skips_zero_windows) {
  const auto words = static_cast<std::int64_t>(row.size()) - 1;
  double sum = 0;
  for (std::int64_t zeros = 0; zeros <= words; ++zeros) {
    const std::int64_t cycles = divide_up(words - zeros, fine);
    const bool takes_one = zeros == words && !skips_zero_windows;
    sum += real(takes_one ? 1 : cycles) * row[static_cast<std::size_t>(zeros)];
  }
  return sum;
}

Histograms by_channel(const Convolution& of) {
  return {of.sparsity->values, static_cast<std::size_t>(of.kernel.size()) + 1};
}

// The mean histogram of each stream's channels: sorted by speed and dealt out to and fro.
Histograms by_stream(const Layer& layer, const Convolution& of) {
  const Histograms channels = by_channel(of);
  std::vector<std::size_t> order(channels.rows());
  std::iota(order.begin(), order.end(), 0);
  std::vector<double> rates(order.size());
  for (std::size_t c = 0; c < rates.size(); ++c) {
    rates[c] =
        1 / cycles_per_window(channels.row(c), layer.folding.fine, of.sparsity->skips_zero_windows);
  }
  std::ranges::stable_sort(order, {}, [&](std::size_t c) { return rates[c]; });
  const auto streams = static_cast<std::size_t>(streams_in(layer));
  const std::size_t rounds = order.size() / streams;
  Histograms result{std::vector<double>(streams * channels.width), channels.width};
  for (std::size_t round = 0; round < rounds; ++round) {
    for (std::size_t s = 0; s < streams; ++s) {
      const std::size_t at = round % 2 == 0 ? s : streams - 1 - s;
      const auto row = channels.row(order[round * streams + at]);
      for (std::size_t b = 0; b < row.size(); ++b) {
        result.values[s * result.width + b] += row[b];
      }
    }
  }
  for (double& value : result.values) value /= static_cast<double>(rounds);
  return result;
}

// The least share of zeros of a cluster of streams, point-wise. No more is skipped than leaves
// work for one of a cluster's streams.
double least_zeros(const Layer& layer, const Convolution& of) {
  const auto streams = static_cast<std::size_t>(streams_in(layer));
  const auto& channels = of.sparsity->values;
  std::vector<double> zeros(streams);
  const std::size_t rounds = channels.size() / streams;
  for (std::size_t c = 0; c < channels.size(); ++c) {
    zeros[c % streams] += channels[c] / static_cast<double>(rounds);
  }
  // Of more clusters than streams those with a stream are left.
  const auto clusters = static_cast<std::size_t>(of.sparsity->clusters);
  const std::size_t beside = std::max<std::size_t>(streams / clusters, 1);
  double least = 1;
  for (std::size_t first = 0; first + beside <= streams; first += beside) {
    const auto cluster = std::span(zeros).subspan(first, beside);
    const double sum = std::accumulate(cluster.begin(), cluster.end(), 0.0);
    least = std::min(least, sum / static_cast<double>(beside));
  }
  return std::min(least, 1 - 1 / static_cast<double>(beside));
}

// Cycles of work for every cycle that a dense product of one word would take.
double work_per_word(const Layer& layer, const Convolution& of) {
  if (of.sparsity->is_pointwise) return 1 - least_zeros(layer, of);
  const Histograms streams = by_stream(layer, of);
  const std::int64_t words = window_words(streams);
  double most = 0;
  for (std::size_t s = 0; s < streams.rows(); ++s) {
    const auto row = streams.row(s);
    double sum = of.sparsity->skips_zero_windows ? 0 : row.back();
    for (std::int64_t zeros = 0; zeros < words; ++zeros) {
      sum +=
          real(divide_up(words - zeros, layer.folding.fine)) * row[static_cast<std::size_t>(zeros)];
    }
    most = std::max(most, sum);
  }
  return most;
}

}  // namespace

double windows_per_cycle(const Layer& layer, const Convolution& of) {
  const Histograms streams = by_stream(layer, of);
  double slowest = 0;
  for (std::size_t s = 0; s < streams.rows(); ++s) {
    slowest = std::max(slowest, cycles_per_window(streams.row(s), layer.folding.fine,
                                                  of.sparsity->skips_zero_windows));
  }
  return 1 / slowest;
}

double nonzero_words_per_cycle(const Layer& layer, const Convolution& of) {
  if (!of.sparsity->skips_zero_windows) return 1;
  const Histograms streams = by_stream(layer, of);
  double least = 1;
  for (std::size_t s = 0; s < streams.rows(); ++s) least = std::min(least, streams.row(s).back());
  return 1 / (1 - least);
}

double sparse_latency_cycles(const Layer& layer, const Convolution& of, Rules rules) {
  const FeatureMap& in = layer.map;
  const FeatureMap out = map_out(layer);
  const Folding& by = layer.folding;
  const double channels = real(in.channels) / real(streams_in(layer));
  const double work = real(out.positions()) * channels *
                      (real(of.filters) / real(by.coarse_out * of.groups)) *
                      work_per_word(layer, of);
  // fpgaConvNet's squares the rows.
  const bool squares = is_compat(rules);
  const double reads = real(squares ? in.rows * in.rows : in.positions()) * channels;
  const double writes = real(squares ? out.rows * out.rows : out.positions()) * real(of.filters) /
                        real(streams_out(layer));
  return std::ceil(std::max({work, reads, writes}));
}

double sparse_share(const Convolution& of, Rules rules) {
  const std::vector<double>& values = of.sparsity->values;
  const double mean =
      std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  if (is_compat(rules)) return mean;
  if (of.sparsity->is_pointwise) return 1 - mean;
  const Histograms channels = by_channel(of);
  double zeros = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    zeros += static_cast<double>(i % channels.width) * values[i];
  }
  return 1 - zeros / real(window_words(channels)) / static_cast<double>(channels.rows());
}

}  // namespace sluice::hw
