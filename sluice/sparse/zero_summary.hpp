// SPDX-License-Identifier: Apache-2.0
// What a histogram of zeros says: averages, moments, what streams see.
#pragma once

#include <cstdint>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/sparse/window_zeros.hpp"

namespace sluice::sparse {

// Products of any number of layers, and those of them that are zero.
struct ZeroTotals {
  std::uint64_t products = 0;
  std::uint64_t zeros = 0;
  std::uint64_t windows = 0;       // meetings with a filter, of single channels
  std::uint64_t zero_windows = 0;  // nothing but zeros

  ZeroTotals& operator+=(const ZeroTotals& other);
  // Shares from 0 to 1, 0 of nothing.
  [[nodiscard]] double sparsity() const;
  [[nodiscard]] double zero_window_share() const;
  // As fpgaConvNet's tools publish it: each window counts as one product more than it has, so that
  // an all-zero kernel of nine has 9/10.
  [[nodiscard]] double published_sparsity() const;
};
[[nodiscard]] ZeroTotals totals_of(const ZeroHistogram& histogram);

// Of the zeros in a window, per channel: the mean, and the mean square distance from it.
struct ZeroMoments {
  std::vector<double> mean;
  std::vector<double> variance;
};
[[nodiscard]] ZeroMoments moments_of(const ZeroHistogram& histogram);

// The histograms of `streams` streams that the channels come in, channel c in stream c mod streams.
// InvalidArgument unless they divide the channels.
[[nodiscard]] Result<ZeroHistogram> streams_of(const ZeroHistogram& histogram,
                                               std::int64_t streams);

// The share of each count, a channel's (or stream's) adding up to 1; zeros where nothing was seen.
[[nodiscard]] std::vector<double> shares_of(const ZeroHistogram& histogram);

}  // namespace sluice::sparse
