// SPDX-License-Identifier: Apache-2.0
#include "sluice/sparse/zero_summary.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <functional>
#include <numeric>

#include "sluice/base/divide.hpp"

namespace sluice::sparse {
namespace {

std::uint64_t sum_of(std::span<const std::uint64_t> counts) {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

}  // namespace

ZeroTotals& ZeroTotals::operator+=(const ZeroTotals& other) {
  products += other.products;
  zeros += other.zeros;
  windows += other.windows;
  zero_windows += other.zero_windows;
  return *this;
}

double ZeroTotals::sparsity() const {
  return share_of(zeros, products);
}

double ZeroTotals::zero_window_share() const {
  return share_of(zero_windows, windows);
}

double ZeroTotals::published_sparsity() const {
  return share_of(zeros, products + windows);
}

ZeroTotals totals_of(const ZeroHistogram& histogram) {
  ZeroTotals result;
  for (std::int64_t c = 0; c < histogram.channels; ++c) {
    const auto counts = histogram.channel(c);
    for (std::size_t zeros = 0; zeros < counts.size(); ++zeros) {
      result.windows += counts[zeros];
      result.zeros += counts[zeros] * zeros;
    }
    result.zero_windows += counts.back();
  }
  result.products = result.windows * static_cast<std::uint64_t>(histogram.kernel_size);
  return result;
}

ZeroMoments moments_of(const ZeroHistogram& histogram) {
  const auto channels = static_cast<std::size_t>(histogram.channels);
  ZeroMoments result{std::vector<double>(channels), std::vector<double>(channels)};
  for (std::size_t c = 0; c < channels; ++c) {
    const auto counts = histogram.channel(static_cast<std::int64_t>(c));
    const std::uint64_t windows = sum_of(counts);
    double mean = 0;
    for (std::size_t zeros = 0; zeros < counts.size(); ++zeros) {
      mean += static_cast<double>(zeros) * share_of(counts[zeros], windows);
    }
    double variance = 0;
    for (std::size_t zeros = 0; zeros < counts.size(); ++zeros) {
      const double distance = static_cast<double>(zeros) - mean;
      variance += distance * distance * share_of(counts[zeros], windows);
    }
    result.mean[c] = mean;
    result.variance[c] = variance;
  }
  return result;
}

Result<ZeroHistogram> streams_of(const ZeroHistogram& histogram, std::int64_t streams) {
  if (streams < 1 || histogram.channels % streams != 0) {
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("{} channels do not come in {} streams of as many each",
                             histogram.channels, streams)};
  }
  ZeroHistogram result;
  result.channels = streams;
  result.kernel_size = histogram.kernel_size;
  result.counts.resize(static_cast<std::size_t>(streams * (histogram.kernel_size + 1)));
  for (std::int64_t c = 0; c < histogram.channels; ++c) {
    const auto from = histogram.channel(c);
    const auto to = result.channel(c % streams);
    std::ranges::transform(from, to, to.begin(), std::plus());
  }
  return result;
}

std::vector<double> shares_of(const ZeroHistogram& histogram) {
  std::vector<double> result;
  result.reserve(histogram.counts.size());
  for (std::int64_t c = 0; c < histogram.channels; ++c) {
    const auto counts = histogram.channel(c);
    const std::uint64_t windows = sum_of(counts);
    for (const std::uint64_t count : counts) result.push_back(share_of(count, windows));
  }
  return result;
}

}  // namespace sluice::sparse
