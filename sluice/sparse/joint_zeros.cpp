// SPDX-License-Identifier: Apache-2.0
#include "sluice/sparse/joint_zeros.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

#include "sluice/base/assert.hpp"
#include "sluice/base/threads.hpp"
#include "sluice/sparse/channel_bits.hpp"

namespace sluice::sparse {
namespace {

std::size_t size_from(std::int64_t n) {
  return static_cast<std::size_t>(n);
}

// For each window that begins, how many of its elements are not set.
void count_clear(const ChannelBits& layout, const std::uint64_t* string,
                 std::vector<std::int32_t>& zeros) {
  zeros.clear();
  const auto starts = layout.starts();
  for (std::size_t word = 0; word < starts.size(); ++word) {
    for (std::uint64_t begins = starts[word]; begins != 0; begins &= begins - 1) {
      const std::size_t window = word * 64 + static_cast<std::size_t>(std::countr_zero(begins));
      std::int32_t clear = 0;
      for (const std::size_t tap : layout.taps()) {
        const std::size_t at = window + tap;
        clear += (string[at / 64] >> (at % 64) & 1U) == 0 ? 1 : 0;
      }
      zeros.push_back(clear);
    }
  }
}

// sums[i] = values[i] + … + values[i + length − 1].
void moving_sums(const std::vector<std::int32_t>& values, std::size_t length,
                 std::vector<std::int32_t>& sums) {
  sums.clear();
  if (values.size() < length) return;
  const auto end = values.begin() + static_cast<std::ptrdiff_t>(length);
  std::int32_t sum = std::accumulate(values.begin(), end, 0);
  sums.push_back(sum);
  for (std::size_t i = length; i < values.size(); ++i) {
    sum += values[i] - values[i - length];
    sums.push_back(sum);
  }
}

}  // namespace

struct JointZeros::State {
  ConvWindows conv;
  ChannelBits layout;
  std::size_t length;
  std::uint64_t samples = 0;
  // Of moving sums, whole numbers, so that nothing hangs on the order of images.
  std::vector<std::int64_t> sums;                 // [channels]
  std::vector<std::int64_t> products;             // [channels][channels], up to the diagonal
  std::vector<std::vector<std::int32_t>> series;  // of one image, by channel

  State(ConvWindows windows, std::int64_t averaged)
      : conv(std::move(windows)), layout(conv), length(size_from(averaged)) {
    const std::size_t channels = size_from(conv.channels);
    sums.resize(channels);
    products.resize(channels * channels);
    series.resize(channels);
  }

  void add(const Tensor& images, std::int64_t image) {
    constexpr std::int64_t kWindowsPerTask = 4096;
    const std::int64_t grain = 1 + kWindowsPerTask / (conv.windows() + 1);
    parallel_for(conv.channels, grain,
                 [&](std::int64_t begin, std::int64_t end) { look_at(images, image, begin, end); });
    samples += series[0].size();
    parallel_for(conv.channels, grain, [&](std::int64_t begin, std::int64_t end) {
      for (std::size_t c = size_from(begin); c < size_from(end); ++c) sum_up(c);
    });
  }

  // The series of channels [begin, end) of one image.
  void look_at(const Tensor& images, std::int64_t image, std::int64_t begin, std::int64_t end) {
    ChannelString string(conv, layout);
    std::vector<std::int32_t> zeros;
    for (std::int64_t c = begin; c < end; ++c) {
      string.read(images, image, c);
      count_clear(layout, string.bits(), zeros);
      moving_sums(zeros, length, series[size_from(c)]);
    }
  }

  void sum_up(std::size_t c) {
    const std::vector<std::int32_t>& a = series[c];
    sums[c] += std::accumulate(a.begin(), a.end(), std::int64_t{0});
    for (std::size_t d = 0; d <= c; ++d) {
      const std::vector<std::int32_t>& b = series[d];
      std::int64_t sum = 0;
      for (std::size_t i = 0; i < a.size(); ++i) sum += std::int64_t{a[i]} * b[i];
      products[c * series.size() + d] += sum;
    }
  }
};

JointZeros::JointZeros(ConvWindows conv, std::int64_t length) {
  SL_ASSERT(length >= 1 && length <= kMostAveragedWindows, "windows of a moving average");
  state_ = std::make_unique<State>(std::move(conv), length);
}
JointZeros::JointZeros(JointZeros&&) noexcept = default;
JointZeros& JointZeros::operator=(JointZeros&&) noexcept = default;
JointZeros::~JointZeros() = default;

void JointZeros::add(const Tensor& images) {
  for (std::int64_t image = 0; image < images.shape()[0]; ++image) state_->add(images, image);
}

JointMoments JointZeros::moments() const {
  const std::size_t channels = state_->sums.size();
  const auto n = static_cast<double>(state_->samples);
  const auto length = static_cast<double>(state_->length);
  JointMoments result{.samples = state_->samples,
                      .mean = std::vector<double>(channels),
                      .variance = std::vector<double>(channels),
                      .covariance = std::vector<double>(channels * channels),
                      .correlation = std::vector<double>(channels * channels)};
  if (state_->samples == 0) return result;
  // Mean product less product of means, of sums of `length` windows each.
  const auto spread = [&](std::size_t c, std::size_t d) {
    const std::size_t at = std::max(c, d) * channels + std::min(c, d);
    const double means =
        static_cast<double>(state_->sums[c]) / n * (static_cast<double>(state_->sums[d]) / n);
    return (static_cast<double>(state_->products[at]) / n - means) / (length * length);
  };
  for (std::size_t c = 0; c < channels; ++c) {
    result.mean[c] = static_cast<double>(state_->sums[c]) / n / length;
    result.variance[c] = std::max(0.0, spread(c, c));
  }
  for (std::size_t c = 0; c < channels; ++c) {
    for (std::size_t d = 0; d < channels; ++d) {
      const double together = spread(c, d);
      const double apart = std::sqrt(result.variance[c] * result.variance[d]);
      if (state_->samples > 1) result.covariance[c * channels + d] = together * n / (n - 1);
      if (apart > 0) result.correlation[c * channels + d] = together / apart;
    }
  }
  return result;
}

}  // namespace sluice::sparse
