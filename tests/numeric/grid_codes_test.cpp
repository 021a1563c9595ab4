// SPDX-License-Identifier: Apache-2.0
#include "sluice/numeric/grid_codes.hpp"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>

#include "tests/numeric/hard_values.hpp"

#include "sluice/numeric/affine.hpp"
#include "sluice/numeric/block.hpp"
#include "sluice/numeric/fixed.hpp"
#include "sluice/numeric/snap.hpp"

namespace sluice::numeric {
namespace {

std::vector<std::int32_t> grid_codes_list(const Grid& grid, const Shape& shape,
                                          const std::vector<float>& values) {
  const auto codes = grid_codes(grid, Tensor::from<float>(shape, values));
  EXPECT_TRUE(codes) << codes.error().text();
  const auto list = codes->data<std::int32_t>();
  return {list.begin(), list.end()};
}

using CodeList = std::vector<std::int32_t>;

TEST(GridCodes, AreThoseOfEachChannelsScale) {
  const AffineGrid grid{8, {1, 2}, {0, 10}, 1};
  EXPECT_EQ(grid_codes_list(grid, {2, 2, 1}, {3.2F, 3.2F, -1000, 1000}),
            (CodeList{3, -4, -128, 127}));
}

TEST(GridCodes, OfQFormatsCountSteps) {
  const FixedGrid grid{.bits = 4, .fraction_bits = 1};
  EXPECT_EQ(grid_codes_list(grid, {4}, {0.5F, -1, 100, -100}), (CodeList{1, -2, 7, -8}));
}

TEST(GridCodes, OfBlocksAreMantissas) {
  const BlockGrid grid{.mantissa_bits = 2, .batched = true};
  // The blocks' exponents are 1 and 6.
  EXPECT_EQ(grid_codes_list(grid, {2, 2}, {3, 1.4F, 100, -90}), (CodeList{3, 1, 3, -3}));
}

TEST(GridCodes, AreAsWideAsTheGridSays) {
  EXPECT_EQ(code_width(AffineGrid{.bits = 5}), (CodeWidth{5, true}));
  EXPECT_EQ(code_width(FixedGrid{.bits = 12, .is_signed = false}), (CodeWidth{12, false}));
  EXPECT_EQ(code_width(BlockGrid{.mantissa_bits = 7}), (CodeWidth{8, true}));
}

// Whether `value`, at place i, is what the code stands for; a block's is its mantissa times a power
// of two.
bool stands_for(const Grid& grid, std::size_t i, std::size_t inner, std::int32_t code,
                float value) {
  if (const auto* affine = std::get_if<AffineGrid>(&grid)) {
    const std::size_t c = i / inner % affine->scale.size();
    return affine_value(static_cast<float>(code), {affine->scale[c], affine->zero_point[c]}) ==
           value;
  }
  if (const auto* fixed = std::get_if<FixedGrid>(&grid)) return fixed_value(code, *fixed) == value;
  return (code == 0) == (value == 0) && (code < 0) == (value < 0);
}

void expect_codes_of_snapped(const Grid& grid, const Shape& shape, const std::vector<float>& in) {
  const CodeList codes = grid_codes_list(grid, shape, in);
  std::vector<float> values(in.size());
  snap(grid, shape, in, values);
  const auto [bits, is_signed] = code_width(grid);
  const std::int64_t lowest = is_signed ? -(std::int64_t{1} << (bits - 1)) : 0;
  const auto* affine = std::get_if<AffineGrid>(&grid);
  const auto axis = static_cast<std::size_t>(affine == nullptr ? 0 : affine->axis);
  const auto inner = static_cast<std::size_t>(num_elements(std::span(shape).subspan(axis + 1)));
  for (std::size_t i = 0; i < in.size(); ++i) {
    ASSERT_GE(codes[i], lowest);
    ASSERT_LT(codes[i], lowest + (std::int64_t{1} << bits));
    ASSERT_TRUE(stands_for(grid, i, inner, codes[i], values[i])) << codes[i] << " " << values[i];
  }
}

TEST(GridCodes, AreOfTheValuesThatSnapGives) {
  for (const Shape& shape : hard_shapes()) {
    auto in = hard_values(static_cast<std::size_t>(num_elements(shape)), 7);
    std::ranges::replace_if(
        in, [](float x) { return std::isnan(x); }, 0.0F);
    for (const Grid& grid : every_grid(shape[1])) {
      if (check_grid(grid, shape)) expect_codes_of_snapped(grid, shape, in);
    }
  }
}

TEST(GridCodes, NanHasNone) {
  const Tensor values = Tensor::from<float>({2}, {1, std::numeric_limits<float>::quiet_NaN()});
  const auto codes = grid_codes(FixedGrid{}, values);
  ASSERT_FALSE(codes);
  EXPECT_EQ(codes.error().code, ErrorCode::InvalidArgument);
}

TEST(GridCodes, OfNothingAreNone) {
  EXPECT_TRUE(grid_codes_list(FixedGrid{}, {0}, {}).empty());
}

}  // namespace
}  // namespace sluice::numeric
