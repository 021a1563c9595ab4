// SPDX-License-Identifier: Apache-2.0
#include "sluice/import/tflite/axes.hpp"

#include <algorithm>

#include "sluice/base/shape.hpp"

namespace sluice::importer::tflite {

Result<std::vector<std::int64_t>> normalized_axes(std::span<const std::int64_t> axes,
                                                  std::size_t rank) {
  std::vector<std::int64_t> result;
  for (const std::int64_t axis : axes) {
    SL_TRY(const std::int64_t normalized, normalize_axis(axis, rank));
    result.push_back(normalized);
  }
  std::ranges::sort(result);
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

bool keeps_order_without(const std::vector<std::int64_t>& axes) {
  const auto gone = [&](std::int64_t axis) { return std::ranges::count(axes, axis) > 0; };
  return gone(3) || (gone(1) && gone(2));
}

}  // namespace sluice::importer::tflite
