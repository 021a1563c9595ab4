// SPDX-License-Identifier: Apache-2.0
// The second metrics of fpgaConvNet's model, which it ships and does not use: a node starts when
// the words of its first window have come at the rate of the slowest node before it.
#pragma once

#include <vector>

#include "sluice/hw/partition.hpp"

namespace sluice::hw::compat {

struct MetricsV2 {
  double interval_cycles = 0;
  double pipeline_depth_cycles = 0;  // when the last output node starts
  double cycles = 0;                 // for the batch, all passes, weights loaded in between
  double operations = 0;             // all passes
  Resources resources;
  Traffic traffic;  // of words as they are compressed
  // For each node: words a clock and stream that come to it at first, and the cycle it starts.
  std::vector<double> initial_input_rate, start_cycle;
};
[[nodiscard]] MetricsV2 metrics_v2(const Partition& partition, const Coefficients& by);

}  // namespace sluice::hw::compat
