// SPDX-License-Identifier: Apache-2.0
// How the codes of a layer become those of its tensors, as far as their scales tell.
#pragma once

#include <span>

#include "sluice/hw/layers/layer.hpp"
#include "sluice/ir/graph.hpp"

namespace sluice::hw {

// Sets Port::rescale of the layer that is made of a node, `inputs` and `outputs` being the tensors
// of its ports. On a line wherever a multiplier is needed: which codes are on none only the fit
// knows (sluice/rtl/scalings.hpp).
void set_rescales(const ir::Graph& network, const ir::Node& node,
                  std::span<const ir::ValueId> inputs, std::span<const ir::ValueId> outputs,
                  Layer& layer);

}  // namespace sluice::hw
