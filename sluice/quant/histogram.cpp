// SPDX-License-Identifier: Apache-2.0
#include "sluice/quant/histogram.hpp"

#include <algorithm>
#include <cmath>

namespace sluice::quant {
namespace {

// The least k with magnitude < 2^k.
int exponent_above(float magnitude) {
  return magnitude == 0 ? -1000 : std::ilogb(magnitude) + 1;
}

}  // namespace

void Histogram::grow(int exponent) {
  if (exponent <= exponent_) return;
  // Beyond this many halvings everything is in bin 0.
  const int steps = std::min(exponent - exponent_, 63);
  for (Side* side : {&negative_, &positive_}) {
    if (side->empty()) continue;
    Side merged(bins_, 0);
    for (std::size_t i = 0; i < bins_; ++i) merged[i >> steps] += (*side)[i];
    *side = std::move(merged);
  }
  exponent_ = exponent;
}

void Histogram::add(std::span<const float> values, float largest) {
  grow(exponent_above(largest));
  const float per_unit = static_cast<float>(bins_) * std::ldexp(1.0F, -exponent_);
  for (const float value : values) {
    if (value == 0) {
      ++zeros_;
      continue;
    }
    Side& side = value < 0 ? negative_ : positive_;
    if (side.empty()) side.resize(bins_, 0);
    const auto bin = static_cast<std::size_t>(std::abs(value) * per_unit);
    ++side[std::min(bin, bins_ - 1)];
  }
  total_ += values.size();
}

void Histogram::merge_side(Side& side, const Side& other) const {
  if (other.empty()) return;
  if (side.empty()) side.resize(bins_, 0);
  for (std::size_t i = 0; i < bins_; ++i) side[i] += other[i];
}

void Histogram::merge(const Histogram& other) {
  Histogram aligned = other;
  aligned.grow(exponent_);
  grow(aligned.exponent_);
  merge_side(negative_, aligned.negative_);
  merge_side(positive_, aligned.positive_);
  zeros_ += other.zeros_;
  total_ += other.total_;
}

float Histogram::bin_width() const {
  return std::ldexp(1.0F / static_cast<float>(bins_), exponent_);
}

std::vector<Histogram::Bin> Histogram::occupied() const {
  const float width = bin_width();
  std::vector<Bin> bins;
  for (std::size_t i = negative_.size(); i-- > 0;) {
    if (negative_[i] == 0) continue;
    bins.push_back(
        {-static_cast<float>(i + 1) * width, -static_cast<float>(i) * width, negative_[i]});
  }
  for (std::size_t i = 0; i < positive_.size(); ++i) {
    if (positive_[i] == 0) continue;
    bins.push_back(
        {static_cast<float>(i) * width, static_cast<float>(i + 1) * width, positive_[i]});
  }
  return bins;
}

std::vector<std::uint64_t> Histogram::magnitudes() const {
  std::vector<std::uint64_t> counts(bins_, 0);
  merge_side(counts, negative_);
  merge_side(counts, positive_);
  return counts;
}

}  // namespace sluice::quant
