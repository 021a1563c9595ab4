// SPDX-License-Identifier: Apache-2.0
// Foldings at random, of those that every layer has and the modules of rtl/ can.
#pragma once

#include "sluice/base/rng.hpp"
#include "sluice/hw/graph.hpp"

namespace sluice::test {

inline void fold_at_random(hw::Graph& graph, Rng& rng) {
  const auto one_of = [&](const std::vector<std::int64_t>& values) {
    return values[rng.below(values.size())];
  };
  for (hw::NodeId id = 0; id < graph.size(); ++id) {
    hw::Layer& layer = graph[id].layer;
    if (layer.as<hw::Shuffle>() != nullptr) continue;  // of one stream
    const hw::FoldingValues values = hw::folding_values(layer);
    hw::Folding& by = layer.folding;
    by.coarse_in = one_of(values.coarse_in);
    by.coarse_out = values.is_coupled ? by.coarse_in : one_of(values.coarse_out);
    by.fine = one_of(values.fine);
    const auto* conv = layer.as<hw::Convolution>();
    if (conv == nullptr || conv->groups == 1 || rng.below(2) == 0) continue;
    // Groups side by side are whole.
    by.coarse_group = one_of(values.coarse_group);
    by.coarse_in = layer.map.channels / conv->groups;
    by.coarse_out = conv->filters / conv->groups;
  }
}

}  // namespace sluice::test
