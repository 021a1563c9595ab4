// SPDX-License-Identifier: Apache-2.0
// Where the input of an output pixel lies: one pointer a kernel element, into a channels-last image
// or, in the padding, to a row of zero points.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "sluice/base/shape.hpp"
#include "sluice/ir/ops/window.hpp"

namespace sluice::exact::fast {

class TapTable {
 public:
  // Of a window over [N, C, H, W]; nothing if it is not over two dimensions, or pads are negative.
  static std::optional<TapTable> make(const Shape& input, const ir::ResolvedWindow& window);

  [[nodiscard]] std::int64_t taps() const { return kernel_h_ * kernel_w_; }
  // Output pixels of all images.
  [[nodiscard]] std::int64_t num_pixels() const { return images_ * output_h_ * output_w_; }

  // rows[p·taps + t] for the pixels begin ≤ p < end, of an input of one byte an element.
  void fill(const std::byte* input, const std::byte* padding, std::int64_t begin, std::int64_t end,
            const std::byte** rows) const;

  // How many of the taps of a pixel are not in the padding.
  [[nodiscard]] std::int64_t num_inside(std::int64_t pixel) const;

 private:
  TapTable() = default;

  std::int64_t images_ = 1, channels_ = 1, input_h_ = 1, input_w_ = 1;
  std::int64_t output_h_ = 1, output_w_ = 1, kernel_h_ = 1, kernel_w_ = 1;
  std::int64_t stride_h_ = 1, stride_w_ = 1, dilation_h_ = 1, dilation_w_ = 1;
  std::int64_t pad_top_ = 0, pad_left_ = 0;
};

}  // namespace sluice::exact::fast
