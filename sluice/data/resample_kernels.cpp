// SPDX-License-Identifier: Apache-2.0
// Compiled once for each instruction set; the best one the processor has is taken at run time.
#include "sluice/data/resample_kernels.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sluice/data/resample_kernels.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h:
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace sluice::data::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

constexpr std::int32_t kHalf = 1 << (kWeightBits - 1);

// `kVectors` vectors of bytes side by side, so that a weight is fetched once for all of them.
template <int kVectors>
HWY_INLINE void sum_block(const std::uint8_t* from, std::ptrdiff_t stride,
                          std::span<const std::int32_t> weights, std::uint8_t* to) {
  const hn::ScalableTag<std::int32_t> words;
  const hn::Rebind<std::uint8_t, decltype(words)> bytes;
  const std::size_t lanes = hn::Lanes(words);
  hn::Vec<decltype(words)> sums[kVectors];
  for (auto& sum : sums) sum = hn::Set(words, kHalf);
  for (const std::int32_t weight : weights) {
    const auto factor = hn::Set(words, weight);
    for (std::size_t v = 0; v < kVectors; ++v) {
      const auto input = hn::PromoteTo(words, hn::LoadU(bytes, from + v * lanes));
      sums[v] = hn::Add(sums[v], hn::Mul(input, factor));
    }
    from += stride;
  }
  for (std::size_t v = 0; v < kVectors; ++v) {
    const auto rounded = hn::ShiftRight<kWeightBits>(sums[v]);
    hn::StoreU(hn::DemoteTo(bytes, rounded), bytes, to + v * lanes);
  }
}

void sum_rows(const std::uint8_t* first_row, std::ptrdiff_t stride,
              std::span<const std::int32_t> weights, std::span<std::uint8_t> out) {
  const std::size_t lanes = hn::Lanes(hn::ScalableTag<std::int32_t>());
  constexpr int kVectors = 4;
  std::size_t i = 0;
  for (; i + kVectors * lanes <= out.size(); i += kVectors * lanes) {
    sum_block<kVectors>(first_row + i, stride, weights, &out[i]);
  }
  for (; i + lanes <= out.size(); i += lanes) {
    sum_block<1>(first_row + i, stride, weights, &out[i]);
  }
  for (; i < out.size(); ++i) {
    std::int32_t sum = kHalf;
    const std::uint8_t* from = first_row + i;
    for (const std::int32_t weight : weights) {
      sum += weight * *from;
      from += stride;
    }
    out[i] = static_cast<std::uint8_t>(HWY_MAX(0, HWY_MIN(sum >> kWeightBits, 255)));
  }
}

// A pixel and the byte behind it fill one vector of four words (where vectors have fewer, several).
void sum_rgb_pixels(const std::uint8_t* row, const TapTable& columns, std::uint8_t* out) {
  const hn::CappedTag<std::int32_t, 4> words;
  const hn::Rebind<std::uint8_t, decltype(words)> bytes;
  std::uint8_t result[4];
  for (const TapTable::Line& line : columns.lines) {
    for (std::size_t c = 0; c < 3; c += hn::Lanes(words)) {
      auto sum = hn::Set(words, kHalf);
      const std::uint8_t* pixel = row + 3 * line.first + c;
      for (const std::int32_t weight : columns.weights_of(line)) {
        const auto input = hn::PromoteTo(words, hn::LoadU(bytes, pixel));
        sum = hn::Add(sum, hn::Mul(input, hn::Set(words, weight)));
        pixel += 3;
      }
      hn::StoreU(hn::DemoteTo(bytes, hn::ShiftRight<kWeightBits>(sum)), bytes, result + c);
    }
    for (int c = 0; c < 3; ++c) *out++ = result[c];
  }
}

}  // namespace sluice::data::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sluice::data {

HWY_EXPORT(sum_rows);
HWY_EXPORT(sum_rgb_pixels);

void sum_rows(const std::uint8_t* first_row, std::ptrdiff_t stride,
              std::span<const std::int32_t> weights, std::span<std::uint8_t> out) noexcept {
  HWY_DYNAMIC_DISPATCH(sum_rows)(first_row, stride, weights, out);
}

void sum_rgb_pixels(const std::uint8_t* row, const TapTable& columns, std::uint8_t* out) noexcept {
  HWY_DYNAMIC_DISPATCH(sum_rgb_pixels)(row, columns, out);
}

}  // namespace sluice::data
#endif
