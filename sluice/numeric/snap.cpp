// SPDX-License-Identifier: Apache-2.0
#include "sluice/numeric/snap.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "sluice/base/assert.hpp"
#include "sluice/base/shape.hpp"
#include "sluice/numeric/affine.hpp"
#include "sluice/numeric/block.hpp"
#include "sluice/numeric/fixed.hpp"

namespace sluice::numeric {
namespace {

void snap(const AffineGrid& grid, std::span<const std::int64_t> shape, std::span<const float> in,
          std::span<float> out) {
  const std::size_t channels = grid.scale.size();
  const std::size_t inner =
      channels == 1 ? 1
                    : static_cast<std::size_t>(
                          num_elements(shape.subspan(static_cast<std::size_t>(grid.axis) + 1)));
  for (std::size_t i = 0; i < in.size(); ++i) {
    const std::size_t c = i / inner % channels;
    out[i] = affine_snap(in[i], {grid.scale[c], grid.zero_point[c]}, grid.bits);
  }
}

void snap(const FixedGrid& grid, std::span<const std::int64_t> /*shape*/, std::span<const float> in,
          std::span<float> out) {
  for (std::size_t i = 0; i < in.size(); ++i) out[i] = fixed_snap(in[i], grid);
}

template <class Visit>
void for_each_element(const Block& block, const Visit& visit) {
  for (std::int64_t row = 0; row < block.rows; ++row) {
    for (std::int64_t i = 0; i < block.length; ++i) {
      visit(static_cast<std::size_t>(block.offset + row * block.stride + i));
    }
  }
}

void snap(const BlockGrid& grid, std::span<const std::int64_t> shape, std::span<const float> in,
          std::span<float> out) {
  const Blocks blocks(grid, shape);
  for (std::int64_t b = 0; b < blocks.count(); ++b) {
    float largest = 0;
    for_each_element(blocks[b], [&](std::size_t i) {
      if (!std::isnan(in[i])) largest = std::max(largest, std::abs(in[i]));
    });
    const int exponent = block_exponent(largest);
    for_each_element(blocks[b], [&](std::size_t i) {
      out[i] = std::isnan(in[i]) ? std::numeric_limits<float>::quiet_NaN()
                                 : block_value(block_code(in[i], exponent, grid), exponent, grid);
    });
  }
}

}  // namespace

void snap(const Grid& grid, std::span<const std::int64_t> shape, std::span<const float> in,
          std::span<float> out) {
  SL_ASSERT(in.size() == out.size() && static_cast<std::int64_t>(in.size()) == num_elements(shape),
            "snap of spans that are not of the shape");
  SL_ASSERT(check_grid(grid, shape).has_value(), "snap to a grid that does not fit");
  std::visit([&](const auto& kind) { snap(kind, shape, in, out); }, grid);
}

}  // namespace sluice::numeric
