// SPDX-License-Identifier: Apache-2.0
// What a sparse convolution gains by the zeros of its input. Its channels are dealt out to the
// streams so that each has about as many zeros.
#pragma once

#include "sluice/hw/layers/layer.hpp"

namespace sluice::hw {

// Windows a cycle of the slowest stream.
[[nodiscard]] double windows_per_cycle(const Layer& layer, const Convolution& of);
// Words a cycle into the sums of the stream that skips least; 1 where none are skipped.
[[nodiscard]] double nonzero_words_per_cycle(const Layer& layer, const Convolution& of);
// Cycles for a feature map.
[[nodiscard]] double sparse_latency_cycles(const Layer& layer, const Convolution& of, Rules rules);
// The share of words that are not zero. fpgaConvNet's takes the mean of the statistics for it.
[[nodiscard]] double sparse_share(const Convolution& of, Rules rules);

}  // namespace sluice::hw
