// SPDX-License-Identifier: Apache-2.0
#include "sluice/numeric/affine.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>

namespace sluice::numeric {

AffineParams affine_from_range(const Range& range, int bits) noexcept {
  const float width = std::max(range.max - range.min, 1e-8F);
  const float reciprocal = 1.0F / width;
  const float scale = reciprocal * static_cast<float>((1 << bits) - 1);
  const float lowest = std::nearbyint(scale * range.min);
  return {scale, lowest + static_cast<float>(1 << (bits - 1))};
}

Status check_range(const Range& range) {
  if (range.min <= range.max && std::isfinite(range.max - range.min)) return {};
  return Error{ErrorCode::InvalidArgument,
               fmt::format("values from {} to {} cannot be put on a grid: the range must be finite",
                           range.min, range.max)};
}

AffineGrid affine_grid(std::span<const Range> ranges, int bits, std::int64_t axis) {
  AffineGrid grid{.bits = bits, .axis = axis};
  for (const Range& range : ranges) {
    const AffineParams params = affine_from_range(range, bits);
    grid.scale.push_back(params.scale);
    grid.zero_point.push_back(params.zero_point);
  }
  return grid;
}

float affine_code(float x, const AffineParams& params, int bits) noexcept {
  const float half = static_cast<float>(1 << (bits - 1));
  const float scaled = params.scale * x;
  const float code = std::nearbyint(scaled - params.zero_point);
  return std::isnan(code) ? code : std::clamp(code, -half, half - 1);
}

float affine_value(float code, const AffineParams& params) noexcept {
  return (code + params.zero_point) / params.scale;
}

float affine_snap(float x, const AffineParams& params, int bits) noexcept {
  if (std::isnan(x)) return std::numeric_limits<float>::quiet_NaN();
  return affine_value(affine_code(x, params, bits), params);
}

}  // namespace sluice::numeric
