// SPDX-License-Identifier: Apache-2.0
// Channels-last images with zero points around them.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "sluice/runtime/parallel.hpp"

namespace sluice::exact::fast {

struct PadStep {
  std::int64_t images, rows, row_bytes;  // of the input
  std::int64_t top, bottom, left_bytes, right_bytes;
  std::array<std::byte, 2> zero_point;  // its second byte only of codes that have two
  bool is_wide;                         // they have
  int threads = 1;

  [[nodiscard]] std::int64_t output_rows() const { return top + rows + bottom; }
  [[nodiscard]] std::int64_t output_row_bytes() const {
    return left_bytes + row_bytes + right_bytes;
  }

  void run(const std::byte* from, std::byte* to) const {
    runtime::for_ranges_on(threads, images * output_rows(),
                           [&](int, std::int64_t begin, std::int64_t end) {
                             for (std::int64_t r = begin; r < end; ++r) {
                               make_row(from, r, to + r * output_row_bytes());
                             }
                           });
  }

 private:
  // Row `row` of the output, all images' rows counted.
  void make_row(const std::byte* from, std::int64_t row, std::byte* to) const {
    const std::int64_t image = row / output_rows();
    const std::int64_t y = row % output_rows() - top;
    if (y < 0 || y >= rows) return fill(to, output_row_bytes());
    fill(to, left_bytes);
    std::memcpy(to + left_bytes, from + (image * rows + y) * row_bytes,
                static_cast<std::size_t>(row_bytes));
    fill(to + left_bytes + row_bytes, right_bytes);
  }

  void fill(std::byte* to, std::int64_t count) const {
    if (is_wide) {
      for (std::int64_t i = 0; i < count; ++i) to[i] = zero_point[static_cast<std::size_t>(i % 2)];
    } else {
      std::memset(to, std::to_integer<int>(zero_point[0]), static_cast<std::size_t>(count));
    }
  }
};

}  // namespace sluice::exact::fast
