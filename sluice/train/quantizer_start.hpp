// SPDX-License-Identifier: Apache-2.0
// What a quantizer's learnt numbers start from, given values it will see.
#pragma once

#include <span>

#include "sluice/train/quantizer_options.hpp"

namespace sluice::train {

struct QuantizerStart {
  double step = 1;
  double offset = 0;  // of lsq+
};

// Of finite values that share one step, as options.start says; of a kind that learns a step. A clip
// starts at the greatest code times the step. Where the values fix none, because all are 0 or on
// the side without codes, the step is 1. Sums are taken in order, in float64: the same values give
// the same start on any number of threads.
[[nodiscard]] QuantizerStart quantizer_start(std::span<const float> values,
                                             const QuantizerOptions& options);

}  // namespace sluice::train
