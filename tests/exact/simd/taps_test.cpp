// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/simd/taps.hpp"

#include <array>
#include <gtest/gtest.h>
#include <vector>

namespace sluice::exact {
namespace {

constexpr std::byte kPadding{};

// Each pointer by asking for its coordinates.
std::vector<const std::byte*> expected_taps(const ConvWindow& w, const std::byte* image,
                                            std::int64_t num_pixels) {
  std::vector<const std::byte*> rows;
  for (std::int64_t p = 0; p < num_pixels; ++p) {
    for (std::int64_t t = 0; t < w.taps(); ++t) {
      const std::int64_t y =
          p / w.out_width * w.stride_height - w.pad_top + t / w.kernel_width * w.dilation_height;
      const std::int64_t x =
          p % w.out_width * w.stride_width - w.pad_left + t % w.kernel_width * w.dilation_width;
      const bool is_inside = y >= 0 && y < w.height && x >= 0 && x < w.width;
      rows.push_back(is_inside ? image + (y * w.width + x) * w.pixel_bytes : &kPadding);
    }
  }
  return rows;
}

TEST(PointTaps, FindsEachTapOrThePadding) {
  const std::vector<std::byte> image(static_cast<std::size_t>(6 * 7) * 3);
  for (const std::int64_t kernel : {1, 2, 3, 5}) {
    for (const std::int64_t stride : {1, 2, 3}) {
      for (const std::int64_t dilation : {1, 2, 4}) {
        for (const std::int64_t pad : {0, 1, 2, 9}) {
          const ConvWindow window{.height = 6,
                                  .width = 7,
                                  .kernel_height = kernel,
                                  .kernel_width = kernel + 1,
                                  .stride_height = stride,
                                  .stride_width = stride,
                                  .dilation_height = dilation,
                                  .dilation_width = dilation,
                                  .pad_top = pad,
                                  .pad_left = pad,
                                  .out_width = 5,
                                  .pixel_bytes = 3};
          const auto expected = expected_taps(window, image.data(), 35);
          std::vector<const std::byte*> rows(expected.size());
          point_taps(window, image.data(), &kPadding, 0, rows);
          ASSERT_EQ(rows, expected) << "kernel " << kernel << " stride " << stride << " dilation "
                                    << dilation << " pad " << pad;
        }
      }
    }
  }
}

TEST(PointTaps, StartsAtAnyPixel) {
  const std::array<std::byte, 12> image{};
  const ConvWindow window{.height = 3, .width = 4, .kernel_width = 2, .out_width = 3};
  const auto all = expected_taps(window, image.data(), 9);
  std::array<const std::byte*, 8> rows{};
  point_taps(window, image.data(), &kPadding, 2, rows);
  for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(rows[i], all[4 + i]);
}

}  // namespace
}  // namespace sluice::exact
