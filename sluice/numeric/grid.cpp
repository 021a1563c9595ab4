// SPDX-License-Identifier: Apache-2.0
#include "sluice/numeric/grid.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <fmt/format.h>

#include "sluice/base/result.hpp"
#include "sluice/base/shape.hpp"
#include "sluice/numeric/affine.hpp"

namespace sluice::numeric {
namespace {

Status check_axis(std::int64_t axis, std::span<const std::int64_t> shape) {
  if (axis >= 0 && axis < static_cast<std::int64_t>(shape.size())) return {};
  return invalid_argument(
      fmt::format("grid along axis {} of a tensor of shape {}", axis, sluice::to_string(shape)));
}

Status check(const AffineGrid& grid, std::span<const std::int64_t> shape) {
  if (grid.bits < 2 || grid.bits > kMaxGridBits) {
    return invalid_argument(
        fmt::format("affine grid of {} bits: 2 to {} can be emulated", grid.bits, kMaxGridBits));
  }
  if (grid.scale.empty() || grid.scale.size() != grid.zero_point.size()) {
    return invalid_argument(fmt::format("affine grid with {} scales and {} zero points",
                                        grid.scale.size(), grid.zero_point.size()));
  }
  const auto is_positive = [](float s) { return std::isfinite(s) && s > 0; };
  const auto is_finite = [](float z) { return std::isfinite(z); };
  if (!std::ranges::all_of(grid.scale, is_positive) ||
      !std::ranges::all_of(grid.zero_point, is_finite)) {
    return invalid_argument("affine grid needs positive finite scales and finite zero points");
  }
  if (grid.scale.size() == 1) return {};
  SL_TRY_STATUS(check_axis(grid.axis, shape));
  const std::int64_t entries = shape[static_cast<std::size_t>(grid.axis)];
  if (entries == static_cast<std::int64_t>(grid.scale.size())) return {};
  return invalid_argument(
      fmt::format("affine grid with {} scales for {} channels", grid.scale.size(), entries));
}

Status check(const FixedGrid& grid, std::span<const std::int64_t> /*shape*/) {
  if (grid.bits < 2 || grid.bits > kMaxGridBits) {
    return invalid_argument(fmt::format("fixed-point grid of {} bits: 2 to {} can be emulated",
                                        grid.bits, kMaxGridBits));
  }
  if (grid.fraction_bits < kMinFractionBits || grid.fraction_bits > kMaxFractionBits) {
    return invalid_argument(fmt::format("{} fraction bits: {} to {} can be emulated",
                                        grid.fraction_bits, kMinFractionBits, kMaxFractionBits));
  }
  if (grid.overflow == Overflow::WrapSignMagnitude && !grid.is_signed) {
    return invalid_argument("sign-magnitude wrap needs a signed format");
  }
  return {};
}

Status check(const BlockGrid& grid, std::span<const std::int64_t> shape) {
  if (grid.mantissa_bits < 1 || grid.mantissa_bits > kMaxGridBits - 1) {
    return invalid_argument(fmt::format("block format of {} mantissa bits: 1 to {} can be emulated",
                                        grid.mantissa_bits, kMaxGridBits - 1));
  }
  if (grid.block == BlockShape::Tensor) return {};
  if (grid.block == BlockShape::Run && grid.block_size < 1) {
    return invalid_argument(fmt::format("block size must be positive, got {}", grid.block_size));
  }
  SL_TRY_STATUS(check_axis(grid.axis, shape));
  if (grid.batched && grid.axis == 0) {
    return invalid_argument("blocks along axis 0, which is the batch");
  }
  return {};
}

// Snapping v = fl(c/s), c = code + zero_point an integer, computes fl(s·v) = c·(1 + δ), |δ| <
// 2^-22.9. With |c| ≤ 2^21 and 2^(bits−1) ≤ 2^21 that misses c by less than 0.27, subtracting
// the zero point adds at most half a unit in the last place of a code, 2^-3, and rounding to
// nearest finds the code again. All of it needs normal numbers and an integer zero point.
bool is_small(const AffineParams& params, int bits) {
  const float largest = 0x1p21F - std::ldexp(1.0F, bits - 1);
  return std::abs(params.zero_point) <= largest &&
         std::trunc(params.zero_point) == params.zero_point && params.scale >= 0x1p-100F &&
         params.scale <= 0x1p100F;
}

bool every_code_stays(const AffineParams& params, int bits) {
  const int half = 1 << (bits - 1);
  for (int code = -half; code < half; ++code) {
    const float value = affine_value(static_cast<float>(code), params);
    const float again = affine_snap(value, params, bits);
    if (std::bit_cast<std::uint32_t>(value) != std::bit_cast<std::uint32_t>(again)) return false;
  }
  return true;
}

}  // namespace

Status check_grid(const Grid& grid, std::span<const std::int64_t> shape) {
  return std::visit([&](const auto& kind) { return check(kind, shape); }, grid);
}

bool is_elementwise(const Grid& grid) noexcept {
  if (const auto* affine = std::get_if<AffineGrid>(&grid)) return affine->scale.size() == 1;
  return std::holds_alternative<FixedGrid>(grid);
}

bool is_idempotent(const Grid& grid) {
  if (std::holds_alternative<FixedGrid>(grid)) return true;  // values are codes, codes fit
  if (const auto* block = std::get_if<BlockGrid>(&grid)) {
    // The largest value keeps its leading bit, hence the block its exponent; but −2^mantissa_bits
    // would raise it.
    return block->symmetric;
  }
  const auto& affine = std::get<AffineGrid>(grid);
  for (std::size_t c = 0; c < affine.scale.size(); ++c) {
    const AffineParams params{affine.scale[c], affine.zero_point[c]};
    if (is_small(params, affine.bits)) continue;
    if (affine.bits > 16 || !every_code_stays(params, affine.bits)) return false;
  }
  return true;
}

}  // namespace sluice::numeric
