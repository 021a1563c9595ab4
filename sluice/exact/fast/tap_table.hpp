// SPDX-License-Identifier: Apache-2.0
// Where the input of an output pixel lies: one pointer a kernel element, into a channels-last image
// or, in the padding, to a row of zero points.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "sluice/base/shape.hpp"
#include "sluice/exact/simd/taps.hpp"
#include "sluice/ir/ops/window.hpp"

namespace sluice::exact::fast {

class TapTable {
 public:
  // Of a window over [N, C, H, W] of codes of so many bytes; nothing if it is not over two
  // dimensions, or pads are negative.
  static std::optional<TapTable> make(const Shape& input, const ir::ResolvedWindow& window,
                                      std::int64_t code_bytes = 1);
  // Of a fully connected layer: its rows are the pixels of an image of as many channels as there
  // are columns.
  static TapTable of_rows(std::int64_t rows, std::int64_t columns, std::int64_t code_bytes = 1);

  [[nodiscard]] std::int64_t taps() const { return window_.taps(); }
  [[nodiscard]] std::int64_t pixels_an_image() const { return output_h_ * window_.out_width; }
  // Output pixels of all images.
  [[nodiscard]] std::int64_t num_pixels() const { return images_ * pixels_an_image(); }

  // rows[p·taps + t] for the pixels begin ≤ p < end.
  void fill(const std::byte* input, const std::byte* padding, std::int64_t begin, std::int64_t end,
            const std::byte** rows) const;

  // How many of the taps of a pixel are not in the padding.
  [[nodiscard]] std::int64_t num_inside(std::int64_t pixel) const;

 private:
  TapTable() = default;

  ConvWindow window_;
  std::int64_t images_ = 1, output_h_ = 1;
};

}  // namespace sluice::exact::fast
