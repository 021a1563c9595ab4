// SPDX-License-Identifier: Apache-2.0
// The vectorised loops against the plain ones, at every width around a vector's.
#include "sluice/data/resample_kernels.hpp"

#include <algorithm>
#include <gtest/gtest.h>

#include "sluice/base/rng.hpp"

namespace sluice::data {
namespace {

std::vector<std::uint8_t> random_bytes(std::size_t count, Rng& rng) {
  std::vector<std::uint8_t> bytes(count);
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(rng.below(256));
  return bytes;
}

// Weights that sum to about one, some of them negative: some sums leave 0..255.
std::vector<std::int32_t> random_weights(std::size_t count, Rng& rng) {
  std::vector<std::int32_t> weights(count);
  const std::int64_t limit =
      (std::int64_t{3} << kWeightBits) / 2 / static_cast<std::int64_t>(count);
  for (auto& weight : weights) weight = static_cast<std::int32_t>(rng.integer(-limit / 2, limit));
  return weights;
}

std::uint8_t plain_sum(const std::uint8_t* from, std::ptrdiff_t stride,
                       std::span<const std::int32_t> weights) {
  std::int64_t sum = 1 << (kWeightBits - 1);
  for (const std::int32_t weight : weights) {
    sum += std::int64_t{weight} * *from;
    from += stride;
  }
  return static_cast<std::uint8_t>(std::clamp<std::int64_t>(sum >> kWeightBits, 0, 255));
}

TEST(ResampleKernels, RowsAreSummedByteByByte) {
  Rng rng(1);
  for (std::size_t width = 1; width < 150; ++width) {
    const std::size_t taps = 1 + rng.below(9);
    const auto rows = random_bytes(width * taps, rng);
    const auto weights = random_weights(taps, rng);
    std::vector<std::uint8_t> out(width);
    sum_rows(rows.data(), static_cast<std::ptrdiff_t>(width), weights, out);
    for (std::size_t i = 0; i < width; ++i) {
      EXPECT_EQ(out[i], plain_sum(&rows[i], static_cast<std::ptrdiff_t>(width), weights));
    }
  }
}

TEST(ResampleKernels, PixelsAreSummedChannelByChannel) {
  Rng rng(2);
  TapTable columns;
  for (std::size_t i = 0; i < 50; ++i) {
    const std::size_t taps = 1 + rng.below(7);
    columns.lines.push_back({.first = static_cast<std::int64_t>(rng.below(30)),
                             .offset = columns.weights.size(),
                             .count = taps});
    const auto weights = random_weights(taps, rng);
    columns.weights.insert(columns.weights.end(), weights.begin(), weights.end());
  }
  const auto row = random_bytes(3 * 37 + 1, rng);
  std::vector<std::uint8_t> out(3 * columns.lines.size());
  sum_rgb_pixels(row.data(), columns, out.data());
  for (std::size_t i = 0; i < out.size(); ++i) {
    const TapTable::Line& line = columns.lines[i / 3];
    const std::size_t first = static_cast<std::size_t>(line.first) * 3 + i % 3;
    EXPECT_EQ(out[i], plain_sum(&row[first], 3, columns.weights_of(line))) << i;
  }
}

}  // namespace
}  // namespace sluice::data
