// SPDX-License-Identifier: Apache-2.0
// What the tests of modules that cut windows out of feature maps share.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <string>
#include <vector>

#include "tests/support/rtl_bench.hpp"

namespace sluice::test {

struct RtlWindow {
  std::int64_t width = 8, lanes = 1;
  std::int64_t rows = 1, cols = 1, beats = 1;
  std::int64_t kernel_rows = 1, kernel_cols = 1;
  std::int64_t stride_rows = 1, stride_cols = 1;
  std::int64_t dilation_rows = 1, dilation_cols = 1;
  std::int64_t pad_top = 0, pad_left = 0;
  std::int64_t out_rows = 1, out_cols = 1;
  std::int64_t spare_rows = 0;
  std::int64_t pad_word = 0;

  [[nodiscard]] std::int64_t reach_rows() const { return (kernel_rows - 1) * dilation_rows + 1; }
  [[nodiscard]] std::int64_t reach_cols() const { return (kernel_cols - 1) * dilation_cols + 1; }
  [[nodiscard]] std::int64_t row_words() const { return cols * beats; }
  [[nodiscard]] std::int64_t frame_words() const { return rows * row_words(); }

  // The spare rows with which frames do not hold each other up.
  [[nodiscard]] std::int64_t needed_spare_rows() const {
    const std::int64_t last_base =
        std::max<std::int64_t>(0, (out_rows - 1) * stride_rows - pad_top);
    const std::int64_t first_rows = std::max<std::int64_t>(0, reach_rows() - pad_top);
    return std::max<std::int64_t>(0, rows - last_base + first_rows - reach_rows() - stride_rows);
  }

  [[nodiscard]] std::string parameters() const {
    return fmt::format(
        ".Width({}), .Lanes({}), .Rows({}), .Cols({}), .Beats({}), .KernelRows({}), "
        ".KernelCols({}), .StrideRows({}), .StrideCols({}), .DilationRows({}), .DilationCols({}), "
        ".PadTop({}), .PadLeft({}), .OutRows({}), .OutCols({}), .SpareRows({}), .PadWord({}'d{})",
        width, lanes, rows, cols, beats, kernel_rows, kernel_cols, stride_rows, stride_cols,
        dilation_rows, dilation_cols, pad_top, pad_left, out_rows, out_cols, spare_rows, width,
        pad_word);
  }

  // Appends the lanes of a place of a frame, in the padding too; maps lie in stream order.
  void append(std::vector<std::int64_t>& to, const std::vector<std::int64_t>& maps,
              std::int64_t frame, std::int64_t row, std::int64_t col, std::int64_t beat) const {
    const bool is_inside = row >= 0 && row < rows && col >= 0 && col < cols;
    const std::int64_t at = (((frame * rows + row) * cols + col) * beats + beat) * lanes;
    for (std::int64_t lane = 0; lane < lanes; ++lane) {
      to.push_back(is_inside ? maps[static_cast<std::size_t>(at + lane)] : pad_word);
    }
  }

  // Calls visit(frame, out_row, out_col) in stream order.
  template <class Visit>
  void for_each_window(std::int64_t frames, Visit visit) const {
    for (std::int64_t frame = 0; frame < frames; ++frame) {
      for (std::int64_t oy = 0; oy < out_rows; ++oy) {
        for (std::int64_t ox = 0; ox < out_cols; ++ox) visit(frame, oy, ox);
      }
    }
  }
};

// Any kernel, stride, dilation and padding on a small map, all windows within map and padding; the
// padding at top and left may be as much as the kernel reaches. Often rows are left over.
inline RtlWindow random_window(Rng& rng) {
  const auto any = [&](std::int64_t low, std::int64_t high) { return rng.integer(low, high); };
  for (;;) {
    RtlWindow window{.width = any(1, 9),
                     .lanes = any(1, 3),
                     .rows = any(1, 11),
                     .cols = any(1, 11),
                     .beats = any(1, 3),
                     .kernel_rows = any(1, 5),
                     .kernel_cols = any(1, 5),
                     .stride_rows = any(1, 3),
                     .stride_cols = any(1, 3),
                     .dilation_rows = any(0, 2) / 2 + 1,
                     .dilation_cols = any(0, 2) / 2 + 1};
    window.pad_word = any(0, (std::int64_t{1} << window.width) - 1);
    window.pad_top = any(0, 1) * any(0, window.reach_rows() - 1);
    window.pad_left = any(0, 1) * any(0, window.reach_cols() - 1);
    const std::int64_t pad_bottom = any(0, 1) * any(0, window.reach_rows() - 1);
    const std::int64_t pad_right = any(0, 1) * any(0, window.reach_cols() - 1);
    const std::int64_t free_rows = window.rows + window.pad_top + pad_bottom - window.reach_rows();
    const std::int64_t free_cols = window.cols + window.pad_left + pad_right - window.reach_cols();
    if (free_rows < 0 || free_cols < 0) continue;
    window.out_rows = free_rows / window.stride_rows + 1;
    window.out_cols = free_cols / window.stride_cols + 1;
    if (any(0, 1) != 0) window.spare_rows = window.needed_spare_rows();
    return window;
  }
}

// Frames follow one another as fast as the slower end goes, by the formula of the modules' heads.
// `parts` are those of a frame that leave one in a cycle; `y` has frames in `run`.
inline void expect_window_rate(const RtlRun& run, const std::string& y, const RtlWindow& window,
                               std::int64_t parts) {
  const std::int64_t least = std::max(window.frame_words(), parts);
  const std::int64_t missing =
      std::max<std::int64_t>(0, window.needed_spare_rows() - window.spare_rows);
  const std::int64_t most = least + missing * window.row_words();
  const auto& frames = run.times.at(y);
  // The first frames fill the rows; one may have begun after the last.
  for (std::size_t i = frames.size() / 2; i + 1 < frames.size(); ++i) {
    const auto interval =
        static_cast<std::int64_t>(frames[i].last_cycle - frames[i - 1].last_cycle);
    EXPECT_GE(interval, least) << y << ": " << window.parameters();
    EXPECT_LE(interval, most) << y << ": " << window.parameters();
  }
}

}  // namespace sluice::test
