// SPDX-License-Identifier: Apache-2.0
// Progress: one line on a terminal, with a bar, the rate and the time that remains where the end is
// known.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

namespace sluice {

struct ProgressState {
  std::string what;             // "float32"
  std::string unit = "images";  // what is counted
  std::int64_t total = 0;
  std::int64_t already_done = 0;  // of total, before this run (--resume): not part of the rate
};

// The line's text for `done` of the total after `seconds`, at most `width` columns:
// `float32 [=====>    ]  512/1000 images  41.3/s  0:12 left`.
[[nodiscard]] std::string progress_line(const ProgressState& state, std::int64_t done,
                                        double seconds, int width);

// A line that says where work stands. Drawn on stderr if that is a terminal and `quiet` is false;
// otherwise nothing is. Not thread safe: one thread reports.
class StatusLine {
 public:
  explicit StatusLine(bool quiet = false);
  StatusLine(const StatusLine&) = delete;
  StatusLine& operator=(const StatusLine&) = delete;
  // Clears the line.
  ~StatusLine();

  // Calls `text(width)` for what to draw, at most ten times a second unless `at_once`.
  void update(const std::function<std::string(int width)>& text, bool at_once = false);
  [[nodiscard]] double seconds() const;  // since it was made

 private:
  using Clock = std::chrono::steady_clock;
  bool visible_;
  Clock::time_point start_;
  Clock::time_point last_drawn_;
};

// The same of work whose end is known.
class Progress {
 public:
  explicit Progress(ProgressState state, bool quiet = false)
      : state_(std::move(state)), line_(quiet) {}

  // `done` counts from 0 to total, already_done included.
  void update(std::int64_t done);

 private:
  ProgressState state_;
  StatusLine line_;
};

}  // namespace sluice
