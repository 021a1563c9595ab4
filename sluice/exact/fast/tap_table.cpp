// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/fast/tap_table.hpp"

#include <algorithm>

namespace sluice::exact::fast {

std::optional<TapTable> TapTable::make(const Shape& input, const ir::ResolvedWindow& window,
                                       std::int64_t code_bytes) {
  const auto is_negative = [](std::int64_t pad) { return pad < 0; };
  if (input.size() != 4 || std::ranges::any_of(window.pad_begin, is_negative) ||
      std::ranges::any_of(window.pad_end, is_negative)) {
    return std::nullopt;
  }
  TapTable table;
  table.images_ = input[0];
  table.output_h_ = window.output[0];
  table.window_ = {.height = input[2],
                   .width = input[3],
                   .kernel_height = window.kernel[0],
                   .kernel_width = window.kernel[1],
                   .stride_height = window.strides[0],
                   .stride_width = window.strides[1],
                   .dilation_height = window.dilations[0],
                   .dilation_width = window.dilations[1],
                   .pad_top = window.pad_begin[0],
                   .pad_left = window.pad_begin[1],
                   .out_width = window.output[1],
                   .pixel_bytes = input[1] * code_bytes};
  return table;
}

TapTable TapTable::of_rows(std::int64_t rows, std::int64_t columns, std::int64_t code_bytes) {
  return *make({1, columns, 1, rows},
               {.kernel = {1, 1},
                .strides = {1, 1},
                .dilations = {1, 1},
                .pad_begin = {0, 0},
                .pad_end = {0, 0},
                .output = {1, rows}},
               code_bytes);
}

void TapTable::fill(const std::byte* input, const std::byte* padding, std::int64_t begin,
                    std::int64_t end, const std::byte** rows) const {
  const std::int64_t image_bytes = window_.height * window_.width * window_.pixel_bytes;
  while (begin < end) {
    const std::int64_t image = begin / pixels_an_image();
    const std::int64_t first = begin % pixels_an_image();
    const std::int64_t count = std::min(end - begin, pixels_an_image() - first);
    point_taps(window_, input + image * image_bytes, padding, first,
               {rows, static_cast<std::size_t>(count * taps())});
    rows += count * taps();
    begin += count;
  }
}

std::int64_t TapTable::num_inside(std::int64_t pixel) const {
  const auto inside = [](std::int64_t first, std::int64_t count, std::int64_t step,
                         std::int64_t size) {
    std::int64_t result = 0;
    for (std::int64_t i = 0; i < count; ++i) {
      const std::int64_t at = first + i * step;
      if (at >= 0 && at < size) ++result;
    }
    return result;
  };
  const std::int64_t row = pixel % pixels_an_image() / window_.out_width;
  const std::int64_t column = pixel % window_.out_width;
  return inside(row * window_.stride_height - window_.pad_top, window_.kernel_height,
                window_.dilation_height, window_.height) *
         inside(column * window_.stride_width - window_.pad_left, window_.kernel_width,
                window_.dilation_width, window_.width);
}

}  // namespace sluice::exact::fast
