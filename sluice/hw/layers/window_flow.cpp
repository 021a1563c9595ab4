// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/layers/window_flow.hpp"

#include <algorithm>
#include <optional>

#include "sluice/hw/layers/stages.hpp"

namespace sluice::hw {
namespace {

// Where along rows, cols or depth a window's words are.
struct Axis {
  std::int64_t size, kernel, step, dilation, before;

  // The row (column, …) of the map under row k of a window; none in padding.
  [[nodiscard]] std::optional<std::int64_t> under(std::int64_t window, std::int64_t k) const {
    const std::int64_t place = window * step - before + k * dilation;
    if (place < 0 || place >= size) return std::nullopt;
    return place;
  }
  // The last row of a window with one of the map.
  [[nodiscard]] std::optional<std::int64_t> last_under(std::int64_t window) const {
    for (std::int64_t k = kernel; k-- > 0;) {
      if (under(window, k)) return k;
    }
    return std::nullopt;
  }
  // Rows that are given up when the windows from this one on are done.
  [[nodiscard]] std::int64_t base(std::int64_t window) const {
    return std::clamp<std::int64_t>(window * step - before, 0, size);
  }
};

// A column that a reader goes through for all channels in turn: windows of one column of the map.
class Beats {
 public:
  Beats(const Flow& in, std::int64_t channels, double beat_cycles, double begin = 0)
      : in_(in), channels_(channels), beat_cycles_(beat_cycles), end_(begin) {}

  // Work begins on the next pixel.
  void begin() {
    before_ = end_;
    needs_.clear();
  }
  // The work on a channel ends no sooner than so long after the pixel's word of it, and `stages`.
  void needs(std::size_t pixel, std::int64_t stages, double cycles) {
    const double first = in_.pixels[pixel].first + real(stages) + cycles;
    needs_.push_back({first, in_.gap_cycles(pixel)});
  }
  // No sooner than the cycle is all work on the pixel done.
  void finish(double cycle = 0) { end_ = std::max(end_by_words(channels_), cycle); }
  // The end of the work on the first channels, and on all.
  [[nodiscard]] double end_of(std::int64_t channels) const {
    return channels == channels_ ? end_ : end_by_words(channels);
  }
  [[nodiscard]] double end() const { return end_; }

 private:
  struct Need {
    double first, gap;
  };
  const Flow& in_;
  std::int64_t channels_;
  double beat_cycles_;
  [[nodiscard]] double end_by_words(std::int64_t channels) const {
    double end = before_ + real(channels) * beat_cycles_;
    for (const auto& [first, gap] : needs_) {
      end = std::max(
          {end, first + real(channels - 1) * beat_cycles_, first + real(channels - 1) * gap});
    }
    return end;
  }

  double end_, before_ = 0;
  std::vector<Need> needs_;
};

class WindowWalk {
 public:
  WindowWalk(const WindowTask& task, const WindowWork& work, const Flow& in)
      : task_(task),
        form_(window_form(task)),
        work_(work),
        in_(in),
        rows_{task.in.rows, task.kernel.rows, task.step.rows, task.dilation.rows, task.padding.top},
        cols_{task.in.cols, task.kernel.cols, task.step.cols, task.dilation.cols,
              task.padding.left},
        depth_{task.in.depth, task.kernel.depth, task.step.depth, task.dilation.depth,
               task.padding.front} {
    out_.words = in.words;
    out_.pixels.reserve(static_cast<std::size_t>(task.out.positions()));
  }

  Flow run() {
    if (form_.reader == WindowReader::None) {
      pass();
    } else if (form_.reader == WindowReader::Sweep && is_flat()) {
      for (std::int64_t row = 0; row < task_.out.rows; ++row) sweep(row);
    } else {
      for (std::int64_t row = 0; row < task_.out.rows; ++row) walk(row);
    }
    return std::move(out_);
  }

 private:
  // There are no modules for windows that are not of rows and columns of words side by side.
  [[nodiscard]] bool is_flat() const { return is_plane(task_); }
  [[nodiscard]] std::size_t pixel(std::int64_t row, std::int64_t col, std::int64_t depth) const {
    return static_cast<std::size_t>((row * task_.in.cols + col) * task_.in.depth + depth);
  }

  void leave() {
    out_.pixels.push_back({work_beats_.end_of(work_.first_beats), work_beats_.end()});
  }

  // Words that come are worked on as they are.
  void pass() {
    for (std::size_t p = 0; p < in_.pixels.size(); ++p) {
      work_beats_.begin();
      work_beats_.needs(p, 0, work_.beat_cycles);
      work_beats_.finish();
      leave();
    }
  }

  // Part by part. What a window needs beyond the one before are its last columns, and at the
  // beginning of a row the rows that have not been needed yet.
  void walk(std::int64_t row) {
    for (std::int64_t col = 0; col < task_.out.cols; ++col) {
      for (std::int64_t depth = 0; depth < task_.out.depth; ++depth) {
        work_beats_.begin();
        if (row == 0) work_beats_.needs(0, stages::kWindowTaps, part_cycles());
        need_columns(row, col, depth);
        const bool ends_row = col + 1 == task_.out.cols && depth + 1 == task_.out.depth;
        work_beats_.finish(ends_row ? released(row) + part_cycles() : 0);
        leave();
      }
    }
  }

  void need_columns(std::int64_t row, std::int64_t col, std::int64_t depth) {
    const auto last_row = rows_.last_under(row);
    const auto last_depth = depth_.last_under(depth);
    if (!last_row || !last_depth) return;
    const std::int64_t at_depth = *depth_.under(depth, *last_depth);
    bool is_first = col == 0;
    for (std::int64_t k = 0; k < task_.kernel.cols; ++k) {
      const auto at_col = cols_.under(col, k);
      if (!at_col) continue;
      for (std::int64_t r = is_first ? 0 : *last_row; r <= *last_row; ++r) {
        const auto at_row = rows_.under(row, r);
        if (at_row) {
          work_beats_.needs(pixel(*at_row, *at_col, at_depth), stages::kWindowTaps,
                            cycles_from(r, k));
        }
      }
      is_first = false;
    }
  }

  // From the part with a word of a window to the end of the work on the window.
  [[nodiscard]] double cycles_from(std::int64_t row, std::int64_t col) const {
    if (!is_flat()) return work_.beat_cycles;
    const std::int64_t parts_col = task_.kernel.rows / std::min(form_.words, task_.kernel.rows);
    const std::int64_t part = col * parts_col + (parts_col > 1 ? row : 0);
    return real(reads() - part) * part_cycles();
  }
  [[nodiscard]] std::int64_t reads() const {
    return is_flat() ? task_.kernel.size() / form_.words : 1;
  }
  [[nodiscard]] double part_cycles() const { return work_.beat_cycles / real(reads()); }

  // When the last word of the rows that a row of windows gives up is there.
  [[nodiscard]] double released(std::int64_t row) const {
    const bool is_last = row + 1 == task_.out.rows;
    const std::int64_t next = is_last ? task_.in.rows : rows_.base(row + 1);
    if (next == rows_.base(row)) return 0;
    return in_.pixels[pixel(next - 1, task_.in.cols - 1, task_.in.depth - 1)].last +
           real(stages::kWindowTaps);
  }

  // Columns of the map go by; those that end a window wait in the queue for the work.
  void sweep(std::int64_t row) {
    const std::int64_t sweep = sweep_cols(task_);
    const auto last_row = rows_.last_under(row);
    const std::int64_t begins = task_.reach_cols() - 1 - task_.padding.left;
    for (std::int64_t col = 0; col < sweep; ++col) {
      columns_.begin();
      if (row == 0) columns_.needs(0, stages::kWindowTaps, 1);
      if (last_row && col < task_.in.cols) {
        columns_.needs(pixel(*rows_.under(row, *last_row), col, 0), stages::kWindowTaps, 1);
      }
      columns_.finish(col + 1 == sweep ? released(row) + 1 : 0);
      if (col >= begins && (col - begins) % task_.step.cols == 0) work_on_windows();
    }
  }

  // On those of a column of the map, which comes out of the rows in the cycle before its end.
  void work_on_windows() {
    const std::int64_t behind =
        stages::kWindowSlide - stages::kWindowTaps + stages::queue(form_.queue_depth) - 1;
    swept_.pixels[0] = {columns_.end_of(1), columns_.end()};
    swept_beats_.begin();
    swept_beats_.needs(0, behind, work_.beat_cycles);
    swept_beats_.finish();
    out_.pixels.push_back({swept_beats_.end_of(work_.first_beats), swept_beats_.end()});
  }

  const WindowTask& task_;
  WindowForm form_;
  const WindowWork& work_;
  const Flow& in_;
  Axis rows_, cols_, depth_;
  Flow out_;
  // Parts of padding alone are there before words come, but for some cycles after a reset.
  Beats work_beats_{in_, in_.words, work_.beat_cycles,
                    form_.reader == WindowReader::None ? 0 : real(stages::kWindowBegin)};
  // Of a sweep: its columns of all channels, a cycle each, then the windows that they end.
  Beats columns_{in_, in_.words, 1};
  Flow swept_{in_.words, std::vector<PixelTimes>(1)};
  Beats swept_beats_{swept_, in_.words, work_.beat_cycles};
};

}  // namespace

Flow window_flow(const WindowTask& task, const WindowWork& work, const Flow& in) {
  return WindowWalk(task, work, in).run();
}

}  // namespace sluice::hw
