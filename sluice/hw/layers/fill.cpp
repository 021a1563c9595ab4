// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/layers/fill.hpp"

#include <algorithm>

namespace sluice::hw::kinds {
namespace {

// Windows along one of rows, cols and depth, in words with zeros around and between.
struct Axis {
  std::int64_t before, size, after;  // zeros, words with zeros between, zeros
  std::int64_t kernel, step, spread;

  [[nodiscard]] std::int64_t around() const { return before + size + after; }
  [[nodiscard]] std::int64_t windows() const { return (around() - kernel + step) / step; }
  // The place of the word that completes a window.
  [[nodiscard]] std::int64_t end_of(std::int64_t window) const {
    return window * step + kernel - 1;
  }
  [[nodiscard]] std::int64_t last_end() const { return end_of(windows() - 1); }
  [[nodiscard]] std::int64_t last_word() const { return before + size - 1; }
  // Windows that are complete no earlier than at `place`.
  [[nodiscard]] std::int64_t windows_from(std::int64_t place) const {
    const std::int64_t earlier = std::max<std::int64_t>(place - kernel + step, 0) / step;
    return std::max<std::int64_t>(windows() - earlier, 0);
  }
  // True words before a place.
  [[nodiscard]] std::int64_t words_before(std::int64_t place) const {
    return (std::clamp<std::int64_t>(place - before, 0, size - 1) + spread - 1) / spread;
  }
};

struct Axes {
  Axis rows, cols, depth;

  [[nodiscard]] std::int64_t place(std::int64_t r, std::int64_t c, std::int64_t d) const {
    return (r * cols.around() + c) * depth.around() + d;
  }
  [[nodiscard]] std::int64_t first() const {
    return place(rows.end_of(0), cols.end_of(0), depth.end_of(0));
  }
  [[nodiscard]] std::int64_t last() const {
    return place(rows.last_end(), cols.last_end(), depth.last_end());
  }
  [[nodiscard]] std::int64_t last_row() const {
    return place(rows.last_end(), cols.end_of(0), depth.end_of(0));
  }
  // The words that have come at a place, counting its own, at least one.
  [[nodiscard]] std::int64_t words_at(std::int64_t r, std::int64_t c, std::int64_t d,
                                      const FeatureMap& map) const {
    if (r > rows.last_word()) return map.positions();
    const std::int64_t row = rows.words_before(r);
    if (c > cols.last_word()) return (row + 1) * map.cols * map.depth;
    const std::int64_t col = row * map.cols + cols.words_before(c);
    if (d > depth.last_word()) return (col + 1) * map.depth;
    return col * map.depth + depth.words_before(d) + 1;
  }
  [[nodiscard]] std::int64_t first_word() const {
    return place(rows.before, cols.before, depth.before);
  }
  [[nodiscard]] std::int64_t last_word() const {
    return place(rows.last_word(), cols.last_word(), depth.last_word());
  }
  [[nodiscard]] std::int64_t row_windows() const { return cols.windows() * depth.windows(); }
  // Windows that the last word, or zeros after it, complete.
  [[nodiscard]] std::int64_t windows_after() const {
    const std::int64_t row = rows.last_word();
    const std::int64_t beside = rows.windows_from(row) - rows.windows_from(row + 1);
    return rows.windows_from(row + 1) * row_windows() +
           beside * cols.windows_from(cols.last_word()) * depth.windows();
  }
};

Axes axes_of(const FeatureMap& map, const Extent& kernel, const Extent& step,
             const Padding& padding, const Extent& spread) {
  const auto size = [](std::int64_t words, std::int64_t by) { return (words - 1) * by + 1; };
  return {{padding.top, size(map.rows, spread.rows), padding.bottom, kernel.rows, step.rows,
           spread.rows},
          {padding.left, size(map.cols, spread.cols), padding.right, kernel.cols, step.cols,
           spread.cols},
          {padding.front, size(map.depth, spread.depth), padding.back, kernel.depth, step.depth,
           spread.depth}};
}

}  // namespace

Fill window_fill(const FeatureMap& map, const Extent& kernel, const Extent& step,
                 const Padding& padding, const Extent& spread, const WindowWork& work) {
  const Axes axes = axes_of(map, kernel, step, padding, spread);
  const auto cycles = [&](std::int64_t places) {
    return real(std::max<std::int64_t>(places, 0) * work.channels);
  };
  // From a place until the work on the last `windows` windows is done: they come no faster than the
  // work goes, nor a row of them before its first word, nor the last of the first row, or of all,
  // before its last word.
  const auto until_end = [&](std::int64_t from, std::int64_t windows) {
    const std::int64_t in_row = std::min(windows, axes.row_windows());
    // Of a map smaller than a window there are none.
    const std::int64_t later_rows =
        windows > 0 ? (windows - 1) / std::max<std::int64_t>(axes.row_windows(), 1) : 0;
    const std::int64_t first_row_end =
        axes.place(axes.rows.last_end() - later_rows * axes.rows.step, axes.cols.last_end(),
                   axes.depth.last_end());
    return std::max({real(windows) * work.busy_cycles,
                     cycles(axes.last_row() - from) + real(in_row) * work.busy_cycles,
                     cycles(first_row_end - from) +
                         real(later_rows * axes.row_windows() + 1) * work.busy_cycles,
                     cycles(axes.last() - from) + work.busy_cycles});
  };
  const auto words = [&](std::int64_t row_end, std::int64_t col_end, std::int64_t depth_end) {
    return axes.words_at(row_end, col_end, depth_end, map);
  };
  const auto& [rows, cols, depth] = axes;
  const std::int64_t begin = words(rows.end_of(0), cols.end_of(0), depth.end_of(0)) - 1;
  const std::int64_t end = words(rows.last_end(), cols.last_end(), depth.last_end());
  // Of the rows of windows that begin with true words, the last.
  const std::int64_t row = std::clamp<std::int64_t>(
      (rows.last_word() - rows.kernel + 1) / rows.step, 0, rows.windows() - 1);
  const std::int64_t last_row = words(rows.end_of(row), cols.end_of(0), depth.end_of(0));
  const bool ends_earlier = axes.last() < axes.last_word();
  const std::int64_t windows_after =
      ends_earlier ? 1 : std::max<std::int64_t>(axes.windows_after(), 1);
  const double end_cycles =
      ends_earlier ? work.busy_cycles : until_end(axes.last_word(), windows_after);
  // Zeros take a clock as words do.
  const double zeros = cycles(axes.first() - std::min(axes.first_word(), axes.first()) - begin);
  const std::int64_t windows = axes.rows.windows() * axes.row_windows();
  const std::int64_t rows_apart = axes.place(step.rows, 0, 0);
  const std::int64_t within_row = axes.cols.windows() * step.cols * axes.depth.around();
  return {.begin_words = cycles(begin) + 1,
          .start_words = cycles(begin) + real(work.channels),
          .busy_cycles = zeros + work.busy_cycles - work.filters + 1,
          .tail_cycles = zeros + work.tail_cycles - work.filters + 1,
          .rest_cycles = zeros + until_end(axes.first(), windows),
          .end_words = cycles(end),
          .end_cycles = end_cycles,
          .row_words = axes.rows.windows() > 1 ? cycles(rows_apart) : 0,
          .row_gap_words = axes.rows.windows() > 1 ? cycles(rows_apart - within_row) : 0,
          .row_cycles = real(axes.row_windows()) * work.busy_cycles,
          .last_row_words = cycles(last_row),
          .last_row_cycles = real((rows.windows() - row) * axes.row_windows()) * work.busy_cycles,
          .burst_cycles = std::max(work.busy_cycles - work.filters, 0.0),
          .end_words_out = real(windows_after) * work.filters};
}

Fill passing_window_fill(const FeatureMap& map, const Extent& kernel, const Extent& step,
                         const Padding& padding, std::int64_t channels) {
  const WindowWork work{
      .channels = channels, .busy_cycles = real(channels), .filters = real(channels)};
  Fill result = window_fill(map, kernel, step, padding, {}, work);
  result.start_words = result.begin_words;
  result.tail_cycles = result.busy_cycles;
  result.end_cycles = std::max(result.end_cycles - work.busy_cycles, 0.0) + 1;
  return result;
}

}  // namespace sluice::hw::kinds
