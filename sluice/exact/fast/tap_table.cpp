// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/fast/tap_table.hpp"

#include <algorithm>

namespace sluice::exact::fast {

std::optional<TapTable> TapTable::make(const Shape& input, const ir::ResolvedWindow& window) {
  const auto is_negative = [](std::int64_t pad) { return pad < 0; };
  if (input.size() != 4 || std::ranges::any_of(window.pad_begin, is_negative) ||
      std::ranges::any_of(window.pad_end, is_negative)) {
    return std::nullopt;
  }
  TapTable table;
  table.images_ = input[0];
  table.channels_ = input[1];
  table.input_h_ = input[2];
  table.input_w_ = input[3];
  table.output_h_ = window.output[0];
  table.output_w_ = window.output[1];
  table.kernel_h_ = window.kernel[0];
  table.kernel_w_ = window.kernel[1];
  table.stride_h_ = window.strides[0];
  table.stride_w_ = window.strides[1];
  table.dilation_h_ = window.dilations[0];
  table.dilation_w_ = window.dilations[1];
  table.pad_top_ = window.pad_begin[0];
  table.pad_left_ = window.pad_begin[1];
  return table;
}

void TapTable::fill(const std::byte* input, const std::byte* padding, std::int64_t begin,
                    std::int64_t end, const std::byte** rows) const {
  const std::int64_t row_bytes = input_w_ * channels_;
  for (std::int64_t pixel = begin; pixel < end; ++pixel) {
    const std::int64_t column = pixel % output_w_;
    const std::int64_t row = pixel / output_w_ % output_h_;
    const std::byte* image = input + pixel / (output_w_ * output_h_) * input_h_ * row_bytes;
    const std::int64_t left = column * stride_w_ - pad_left_;
    for (std::int64_t i = 0; i < kernel_h_; ++i) {
      const std::int64_t y = row * stride_h_ - pad_top_ + i * dilation_h_;
      const bool is_row = y >= 0 && y < input_h_;
      const std::byte* line = image + y * row_bytes + left * channels_;
      for (std::int64_t j = 0; j < kernel_w_; ++j) {
        const std::int64_t x = left + j * dilation_w_;
        const bool is_inside = is_row && x >= 0 && x < input_w_;
        *rows++ = is_inside ? line + j * dilation_w_ * channels_ : padding;
      }
    }
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
  const std::int64_t top = pixel / output_w_ % output_h_ * stride_h_ - pad_top_;
  const std::int64_t left = pixel % output_w_ * stride_w_ - pad_left_;
  return inside(top, kernel_h_, dilation_h_, input_h_) *
         inside(left, kernel_w_, dilation_w_, input_w_);
}

}  // namespace sluice::exact::fast
