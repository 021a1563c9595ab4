// SPDX-License-Identifier: Apache-2.0
// How the windows of a map are read from its last rows, which are kept: the hardware is built so
// (rtl/sl_window_taps.sv, rtl/sl_window_slide.sv), and takes so many cycles.
#pragma once

#include "sluice/hw/layers/layer.hpp"

namespace sluice::hw {

// What a layer wants of its input's windows.
struct WindowTask {
  FeatureMap in = {}, out = {};  // of one stream
  Extent kernel = {}, step = {}, dilation = {};
  Padding padding = {};
  // Words of a window at a time.
  std::int64_t words = 1;
  // That the reader takes for a window of one channel.
  std::int64_t busy_cycles = 1;

  [[nodiscard]] std::int64_t parts() const { return kernel.size() / words; }
  [[nodiscard]] bool is_padded() const;
  // Rows and columns from a window's first to its last.
  [[nodiscard]] std::int64_t reach_rows() const { return (kernel.rows - 1) * dilation.rows + 1; }
  [[nodiscard]] std::int64_t reach_cols() const { return (kernel.cols - 1) * dilation.cols + 1; }
};
// The map that a transposed convolution's windows are of: zeros between the words of another one.
[[nodiscard]] FeatureMap spread_map(const FeatureMap& map, const Extent& by);
// Words of a stream that may wait before the zeros, of which `map` is a stream's part: a row, or a
// pixel where no rows come between; what makes them goes on while zeros are made. 0: none.
[[nodiscard]] std::int64_t spread_depth(const FeatureMap& map, const Extent& by);

// Whether the windows are of rows and columns of words side by side: there are no modules for
// others.
[[nodiscard]] bool is_plane(const WindowTask& task);
// Of a convolution, a pooling, or padding on its own.
[[nodiscard]] WindowTask window_task(const Layer& layer);

// Not at all, where a window is a word that comes; word by word; by columns of the kernel; whole,
// by columns of the map that are shifted along.
enum class WindowReader : unsigned char { None, Words, Columns, Sweep };

struct WindowForm {
  WindowReader reader = WindowReader::None;
  std::int64_t words = 1;  // that are read at once: those wanted, or more
  // Rows kept besides those of a window and a step, so that the last windows of a map and the first
  // of the next one are there at once.
  std::int64_t spare_rows = 0;
  // Windows that wait behind a sweep, some of whose columns end none: the reader works on them
  // meanwhile. One more is in the register of the sweep.
  std::int64_t queue_depth = 0;
};
[[nodiscard]] WindowForm window_form(const WindowTask& task);

// Columns of the map that a sweep goes through for a row of windows.
[[nodiscard]] std::int64_t sweep_cols(const WindowTask& task);

// The most of them, one after another, that end no window.
[[nodiscard]] std::int64_t idle_cols(const WindowTask& task);

// The cycles that reading the windows of a map takes, and writing its words.
[[nodiscard]] double window_cycles(const WindowTask& task);

}  // namespace sluice::hw
