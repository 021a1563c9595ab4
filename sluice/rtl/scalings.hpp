// SPDX-License-Identifier: Apache-2.0
// By what the codes of each layer are made: what only the fit of its scales tells.
#pragma once

#include "sluice/hw/graph.hpp"
#include "sluice/ir/graph.hpp"

namespace sluice::rtl {

// Of layers whose codes the hardware model takes to be on a line (hw/build/rescales.hpp), sets
// Port::rescale to what they are emitted with: a clip, a table, thresholds, or the line. Those that
// the library has no module for keep theirs: emitting them says so.
void set_scalings(const ir::Graph& network, hw::Graph& hardware);

}  // namespace sluice::rtl
