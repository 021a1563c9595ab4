// SPDX-License-Identifier: Apache-2.0
// How layers with windows fill.
#pragma once

#include "sluice/hw/layers/layer.hpp"

namespace sluice::hw::kinds {

// What happens at each window: `channels` words of a stream complete it, one after another, and
// the work on it takes `busy_cycles` or more, `tail_cycles` of these after the last of the words.
// It gives `filters` words, one a clock, with the end of the work.
struct WindowWork {
  std::int64_t channels = 1;
  double busy_cycles = 1;
  double tail_cycles = 1;
  double filters = 1;
};

// For windows on a map of an input stream, whose words have zeros around and, where `spread` is
// more than 1, between.
[[nodiscard]] Fill window_fill(const FeatureMap& map, const Extent& kernel, const Extent& step,
                               const Padding& padding, const Extent& spread,
                               const WindowWork& work);

// For windows whose words go as they come, one for one: no channel waits for the others.
[[nodiscard]] Fill passing_window_fill(const FeatureMap& map, const Extent& kernel,
                                       const Extent& step, const Padding& padding,
                                       std::int64_t channels);

}  // namespace sluice::hw::kinds
