// SPDX-License-Identifier: Apache-2.0
#include "sluice/numeric/block.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "sluice/numeric/rounding.hpp"

namespace sluice::numeric {

int block_exponent(float magnitude) noexcept {
  if (magnitude == 0) return kMinBlockExponent;
  const float finite = std::min(magnitude, std::numeric_limits<float>::max());
  return std::max(std::ilogb(finite), kMinBlockExponent);
}

std::int64_t block_code(float x, int exponent, const BlockGrid& grid) noexcept {
  const double scaled = std::ldexp(static_cast<double>(x), grid.mantissa_bits - 1 - exponent);
  const double highest = std::ldexp(1.0, grid.mantissa_bits) - 1;
  const bool symmetric = grid.symmetric || exponent == kMaxBlockExponent;
  const double lowest = symmetric ? -highest : -highest - 1;
  return static_cast<std::int64_t>(
      std::clamp(round_to_integer(scaled, grid.rounding), lowest, highest));
}

float block_value(std::int64_t code, int exponent, const BlockGrid& grid) noexcept {
  return static_cast<float>(
      std::ldexp(static_cast<double>(code), exponent - grid.mantissa_bits + 1));
}

Blocks::Blocks(const BlockGrid& grid, std::span<const std::int64_t> shape)
    : kind_(grid.block), items_(1), run_(grid.block_size) {
  std::size_t axis = static_cast<std::size_t>(grid.axis);
  if (grid.batched && !shape.empty()) {
    items_ = shape.front();
    shape = shape.subspan(1);
    --axis;
  }
  if (kind_ == BlockShape::Tensor) {
    outer_ = 1;
    channels_ = 1;
    inner_ = num_elements(shape);
    return;
  }
  outer_ = num_elements(shape.first(axis));
  channels_ = shape[axis];
  inner_ = num_elements(shape.subspan(axis + 1));
}

std::int64_t Blocks::count() const noexcept {
  switch (kind_) {
    case BlockShape::Tensor:
      return items_;
    case BlockShape::Channel:
      return items_ * channels_;
    case BlockShape::Run:
      return items_ * outer_ * ((channels_ + run_ - 1) / run_) * inner_;
  }
  return 0;
}

Block Blocks::operator[](std::int64_t index) const noexcept {
  const std::int64_t slab = channels_ * inner_;
  switch (kind_) {
    case BlockShape::Tensor:
      return {index * inner_, 1, inner_, inner_};
    case BlockShape::Channel: {
      const std::int64_t item = index / channels_;
      const std::int64_t channel = index % channels_;
      return {item * outer_ * slab + channel * inner_, outer_, slab, inner_};
    }
    case BlockShape::Run: {
      const std::int64_t runs = (channels_ + run_ - 1) / run_;
      const std::int64_t position = index % inner_;
      const std::int64_t first = index / inner_ % runs * run_;
      const std::int64_t slab_index = index / inner_ / runs;
      return {slab_index * slab + first * inner_ + position, std::min(run_, channels_ - first),
              inner_, 1};
    }
  }
  return {};
}

}  // namespace sluice::numeric
