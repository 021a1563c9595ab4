// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/fast/tap_table.hpp"

#include <gtest/gtest.h>
#include <vector>

namespace sluice::exact::fast {
namespace {

const Shape kInput{3, 5, 7, 6};

// Of windows of every kind over kInput.
std::vector<ir::Window> windows() {
  return {{.kernel = {1, 1}},
          {.kernel = {3, 3}, .pads = {1, 1, 1, 1}},
          {.kernel = {3, 2}, .strides = {2, 3}, .pads = {0, 1, 2, 0}},
          {.kernel = {2, 3}, .dilations = {3, 2}, .pads = {1, 2, 1, 2}},
          {.kernel = {9, 8}, .strides = {2, 2}, .pads = {4, 4, 4, 4}},
          {.kernel = {2, 2}, .strides = {3, 3}, .pads = {3, 3, 3, 3}}};  // corners all outside
}

ir::ResolvedWindow resolved(const ir::Window& window) {
  auto result = ir::resolve(window, std::vector<std::int64_t>{kInput[2], kInput[3]});
  EXPECT_TRUE(result) << result.error().text();
  return *std::move(result);
}

// The index in kInput, channels last, of where a tap of an output pixel begins; -1: outside.
std::int64_t naive(const ir::ResolvedWindow& window, std::int64_t pixel, std::int64_t tap) {
  const std::int64_t an_image = window.output[0] * window.output[1];
  const std::int64_t image = pixel / an_image;
  const std::int64_t row = pixel % an_image / window.output[1] * window.strides[0] -
                           window.pad_begin[0] + tap / window.kernel[1] * window.dilations[0];
  const std::int64_t column = pixel % window.output[1] * window.strides[1] - window.pad_begin[1] +
                              tap % window.kernel[1] * window.dilations[1];
  if (row < 0 || row >= kInput[2] || column < 0 || column >= kInput[3]) return -1;
  return ((image * kInput[2] + row) * kInput[3] + column) * kInput[1];
}

TEST(TapTable, CountsPixelsOfAllImages) {
  const auto window = resolved({.kernel = {3, 2}, .strides = {2, 1}});
  const auto table = TapTable::make(kInput, window);
  ASSERT_TRUE(table);
  EXPECT_EQ(table->taps(), 6);
  EXPECT_EQ(table->pixels_an_image(), 15);
  EXPECT_EQ(table->num_pixels(), 45);
}

TEST(TapTable, PointsWhereTheFormulaSays) {
  const std::vector<std::byte> input(static_cast<std::size_t>(num_elements(kInput)));
  const std::byte padding{};
  for (const ir::Window& unresolved : windows()) {
    const auto window = resolved(unresolved);
    const auto table = TapTable::make(kInput, window);
    ASSERT_TRUE(table);
    const std::int64_t all = table->num_pixels();
    const std::int64_t one = table->pixels_an_image();
    const std::vector<std::pair<std::int64_t, std::int64_t>> ranges{
        {0, all}, {1, all - 1}, {one - 1, one + 1}, {one, 2 * one}, {one / 2, all}, {2, 2}};
    for (const auto& [begin, end] : ranges) {
      // One pointer too many, to see that it is left alone.
      std::vector<const std::byte*> rows(
          static_cast<std::size_t>((end - begin) * table->taps()) + 1, nullptr);
      table->fill(input.data(), &padding, begin, end, rows.data());
      EXPECT_EQ(rows.back(), nullptr);
      for (std::int64_t i = 0; i < (end - begin) * table->taps(); ++i) {
        const std::int64_t at = naive(window, begin + i / table->taps(), i % table->taps());
        ASSERT_EQ(rows[static_cast<std::size_t>(i)], at < 0 ? &padding : input.data() + at)
            << "kernel " << window.kernel[0] << " from " << begin << " pointer " << i;
      }
    }
  }
}

TEST(TapTable, CountsTheTapsInside) {
  for (const ir::Window& unresolved : windows()) {
    const auto window = resolved(unresolved);
    const auto table = TapTable::make(kInput, window);
    ASSERT_TRUE(table);
    for (std::int64_t pixel = 0; pixel < table->num_pixels(); ++pixel) {
      std::int64_t inside = 0;
      for (std::int64_t tap = 0; tap < table->taps(); ++tap) {
        if (naive(window, pixel, tap) >= 0) ++inside;
      }
      ASSERT_EQ(table->num_inside(pixel), inside) << pixel;
    }
  }
}

TEST(TapTable, IsForTwoDimensionsAndNoNegativePads) {
  const auto window = resolved({.kernel = {2, 2}, .pads = {0, -1, 0, 0}});
  EXPECT_FALSE(TapTable::make(kInput, window));
  EXPECT_FALSE(TapTable::make(kInput, resolved({.kernel = {2, 2}, .pads = {0, 0, -1, 0}})));
  EXPECT_FALSE(TapTable::make({3, 5, 7}, resolved({.kernel = {2, 2}})));
  EXPECT_FALSE(TapTable::make({1, 3, 5, 7, 6}, resolved({.kernel = {2, 2}})));
}

}  // namespace
}  // namespace sluice::exact::fast
