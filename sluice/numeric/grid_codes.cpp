// SPDX-License-Identifier: Apache-2.0
#include "sluice/numeric/grid_codes.hpp"

#include <algorithm>
#include <cmath>

#include "sluice/numeric/affine.hpp"
#include "sluice/numeric/block.hpp"
#include "sluice/numeric/fixed.hpp"

namespace sluice::numeric {
namespace {

using Values = std::span<const float>;
using Codes = std::span<std::int32_t>;

CodeWidth width_of(const AffineGrid& grid) {
  return {grid.bits, true};
}
CodeWidth width_of(const FixedGrid& grid) {
  return {grid.bits, grid.is_signed};
}
CodeWidth width_of(const BlockGrid& grid) {
  return {grid.mantissa_bits + 1, true};
}

void encode(const AffineGrid& grid, std::span<const std::int64_t> shape, Values in, Codes out) {
  const std::size_t channels = grid.scale.size();
  const std::size_t inner =
      channels == 1 ? in.size()
                    : static_cast<std::size_t>(
                          num_elements(shape.subspan(static_cast<std::size_t>(grid.axis) + 1)));
  for (std::size_t first = 0, slice = 0; first < in.size(); first += inner, ++slice) {
    const AffineParams params{grid.scale[slice % channels], grid.zero_point[slice % channels]};
    for (std::size_t i = first; i < first + inner; ++i) {
      out[i] = static_cast<std::int32_t>(affine_code(in[i], params, grid.bits));
    }
  }
}

void encode(const FixedGrid& grid, std::span<const std::int64_t> /*shape*/, Values in, Codes out) {
  std::ranges::transform(in, out.begin(),
                         [&](float x) { return static_cast<std::int32_t>(fixed_code(x, grid)); });
}

void encode(const BlockGrid& grid, std::span<const std::int64_t> shape, Values in, Codes out) {
  const Blocks blocks(grid, shape);
  for (std::int64_t b = 0; b < blocks.count(); ++b) {
    const Block block = blocks[b];
    const auto row = [&](std::int64_t i) {
      return static_cast<std::size_t>(block.offset + i * block.stride);
    };
    const auto length = static_cast<std::size_t>(block.length);
    float largest = 0;
    for (std::int64_t r = 0; r < block.rows; ++r) {
      for (const float x : in.subspan(row(r), length)) largest = std::max(largest, std::abs(x));
    }
    const int exponent = block_exponent(largest);
    for (std::int64_t r = 0; r < block.rows; ++r) {
      for (std::size_t i = row(r); i < row(r) + length; ++i) {
        out[i] = static_cast<std::int32_t>(block_code(in[i], exponent, grid));
      }
    }
  }
}

}  // namespace

CodeWidth code_width(const Grid& grid) noexcept {
  return std::visit([](const auto& kind) { return width_of(kind); }, grid);
}

Result<Tensor> grid_codes(const Grid& grid, const Tensor& values) {
  SL_ASSERT(check_grid(grid, values.shape()).has_value(), "codes of a grid that does not fit");
  const Values in = values.data<float>();
  if (std::ranges::any_of(in, [](float x) { return std::isnan(x); })) {
    return Error{ErrorCode::InvalidArgument, "holds NaN, which no code stands for"};
  }
  Tensor codes(DType::Int32, values.shape());
  const Codes out = codes.mutable_data<std::int32_t>();
  std::visit([&](const auto& kind) { encode(kind, values.shape(), in, out); }, grid);
  return codes;
}

}  // namespace sluice::numeric
