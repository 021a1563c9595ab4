// SPDX-License-Identifier: Apache-2.0
// Progress: one line on a terminal with a bar, the rate and the time that remains.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

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

// Draws on stderr if that is a terminal and `quiet` is false; otherwise says nothing. Not thread
// safe: one thread reports.
class Progress {
 public:
  explicit Progress(ProgressState state, bool quiet = false);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  // Clears the line.
  ~Progress();

  // `done` counts from 0 to total, already_done included. Redraws at most ten times a second.
  void update(std::int64_t done);

 private:
  using Clock = std::chrono::steady_clock;
  ProgressState state_;
  bool visible_;
  Clock::time_point start_;
  Clock::time_point last_drawn_;
};

}  // namespace sluice
