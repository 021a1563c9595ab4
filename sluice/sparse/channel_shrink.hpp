// SPDX-License-Identifier: Apache-2.0
// Taking channels out of a network: its constants are cut, its shapes get smaller.
#pragma once

#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/ir/graph.hpp"
#include "sluice/sparse/channel_map.hpp"

namespace sluice::sparse {

// The network without the units that are `removed` (one entry each; none of them must be kept, and
// every value must keep a position), with new types. Constants that others read too are copied.
[[nodiscard]] Status shrink(ir::Graph& graph, const ChannelMap& map,
                            const std::vector<bool>& removed);

}  // namespace sluice::sparse
