// SPDX-License-Identifier: Apache-2.0
// When windows are worked on, for when the words of their map come.
#pragma once

#include "sluice/hw/layers/flow.hpp"
#include "sluice/hw/layers/windows.hpp"

namespace sluice::hw {

// The work on a window of one channel takes `beat_cycles`, an equal part of them for each part of
// it that is read at once. A channel's windows are done one after another.
struct WindowWork {
  double beat_cycles = 1;
  std::int64_t first_beats = 1;  // channels whose windows are done before the first word goes
};

// The cycles in which the work ends for the first word of each pixel, and for its last, one more
// than the last that it takes.
[[nodiscard]] Flow window_flow(const WindowTask& task, const WindowWork& work, const Flow& in);

}  // namespace sluice::hw
