// SPDX-License-Identifier: Apache-2.0
// Structured pruning: whole channels go, and the network gets smaller.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/ir/graph.hpp"
#include "sluice/sparse/per_layer.hpp"

namespace sluice::sparse {

// Channels that can only be removed together, in all layers that make them: a residual sum's.
struct ChannelGroup {
  std::vector<std::string> layers;  // that make them, in graph order
  std::int64_t channels = 0;
  std::int64_t kept = 0;
  std::string kept_because;  // not empty: none can be removed
  friend bool operator==(const ChannelGroup&, const ChannelGroup&) = default;
};

// A layer that makes channels.
struct ChannelLayer {
  std::string name;
  std::string op;
  std::int64_t channels = 0;
  std::vector<std::int64_t> removed;  // rising
  friend bool operator==(const ChannelLayer&, const ChannelLayer&) = default;
};

struct ChannelReport {
  std::vector<ChannelGroup> groups;  // in graph order of their first layers
  std::vector<ChannelLayer> layers;  // in graph order
  std::int64_t parameters_before = 0;
  std::int64_t parameters_after = 0;
};

struct ChannelOptions {
  // The part of the channels of a group that goes, 0 ≤ part < 1; by the name of any of its layers.
  PerLayer<double> parts;
  // A group keeps a multiple of so many, or all of its channels.
  std::int64_t multiple = 1;
};

// Removes round(part·channels) of each group, the least first, which is by the sum over the group's
// layers of the L1 norm of the channel's filter; among equals the later go. A group keeps one
// channel at least, and so does every value. Groups that reach an output of the network or an
// operator that channels are not followed through stay as they are. A group of one layer that is
// cut into parts by Split or Slice is one group still.
//
// What follows reads the channels that are left as if the others had been zero; what they would
// have added otherwise (a shift of a normalisation) is lost.
//
// The network must have its types, and gets them anew. InvalidArgument for a part or a multiple out
// of bounds, a name that no layer has or that is of a group that must stay, two names of one group
// with different parts, and a quantized network; the network is then as it was.
[[nodiscard]] Result<ChannelReport> prune_channels(ir::Graph& graph, const ChannelOptions& options);

}  // namespace sluice::sparse
