// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "sluice/hw/build/convolutions.hpp"
#include "sluice/hw/build/ops/convert.hpp"

namespace sluice::hw::ops {
namespace {

// Where in the input output element `i` of `scale` times as many lies; none for modes that depend
// on the sizes.
std::optional<double> coordinate(ir::CoordinateMode mode, double i, double scale) {
  switch (mode) {
    case ir::CoordinateMode::HalfPixel:
    case ir::CoordinateMode::HalfPixelSymmetric:
    case ir::CoordinateMode::PytorchHalfPixel:
      return (i + 0.5) / scale - 0.5;
    case ir::CoordinateMode::TfHalfPixelForNn:
      return (i + 0.5) / scale;
    case ir::CoordinateMode::Asymmetric:
      return i / scale;
    case ir::CoordinateMode::AlignCorners:
    case ir::CoordinateMode::TfCropAndResize:
      break;
  }
  return std::nullopt;
}

double nearest(ir::NearestMode mode, double x) {
  switch (mode) {
    case ir::NearestMode::RoundPreferFloor:
      return std::ceil(x - 0.5);
    case ir::NearestMode::RoundPreferCeil:
      return std::floor(x + 0.5);
    case ir::NearestMode::Floor:
      return std::floor(x);
    case ir::NearestMode::Ceil:
      break;
  }
  return std::ceil(x);
}

// Whether each word is repeated so many times: it is if that is so of one word in the middle.
bool repeats(const ir::Resize& op, std::int64_t scale) {
  constexpr std::int64_t kWord = 4;
  for (std::int64_t i = 0; scale > 1 && i < scale; ++i) {
    const auto at = coordinate(op.coordinate_mode, static_cast<double>(kWord * scale + i),
                               static_cast<double>(scale));
    if (!at || nearest(op.nearest_mode, *at) != static_cast<double>(kWord)) return false;
  }
  return true;
}

}  // namespace

Verdict convert(const ir::Resize& op, Site& site) {
  const auto map = site.plain(0);
  if (!map) return site.refusal();
  const Shape& from = site.shape(0);
  const Shape& to = site.out_shape();
  if (from == to) return Dropped{};
  ir::Dims scales;
  bool fits = op.mode == ir::ResizeMode::Nearest && from.size() > 2;
  for (std::size_t d = 0; fits && d < from.size(); ++d) {
    const std::int64_t scale = to[d] / from[d];
    fits = scale >= 1 && scale * from[d] == to[d] && (d > 1 || scale == 1) && repeats(op, scale);
    if (d > 1) scales.push_back(scale);
  }
  if (!fits) {
    return Refused{"it does more than to repeat each word a whole number of times",
                   "use nearest neighbours and whole scales, or ConvTranspose"};
  }
  return Made{*map, Repeat{.scale = extent_of(scales)}};
}

}  // namespace sluice::hw::ops
