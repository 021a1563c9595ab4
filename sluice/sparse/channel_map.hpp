// SPDX-License-Identifier: Apache-2.0
// ChannelMap: which channels of which layers can only be removed together, and what has to be cut
// when they are.
//
// A channel that a layer makes is a unit. Units are followed along axis 1 of all values, where a
// position stands for a unit: through element-wise operators, normalisations, poolings, depthwise
// convolutions, Concat, Split and Slice, and into the features that Flatten makes of them. Values
// that meet in a sum make their units one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sluice/ir/graph.hpp"

namespace sluice::sparse {

// A channel of a layer that makes channels: Conv, ConvTranspose, Gemm or MatMul.
struct MadeChannel {
  ir::NodeId node = ir::kNoNode;
  std::int64_t channel = 0;
};

// What is known of a unit.
struct Unit {
  std::vector<MadeChannel> made;  // by whom, in graph order; none: an input of the network
  std::string kept_because;       // empty: it can be removed
};

// Constant input `input` of `node` loses along `axis` what `by` loses of its positions.
struct Cut {
  ir::NodeId node = ir::kNoNode;
  std::size_t input = 0;
  std::size_t axis = 0;
  ir::ValueId by = ir::kNoValue;
};

// What else changes in a node.
enum class EditKind : unsigned char {
  Group,        // group becomes the number of input channels
  SplitSizes,   // the sizes become those of the outputs
  SliceBounds,  // entry `entry` of starts and ends, positions `begin` and `end` of the input
  PadSizes,  // entries 1 and `entry` of the pads, `begin` and `end` channels, become what is left
  ReshapeSize,  // entry 1 of the shape becomes the size of the output
};
struct Edit {
  ir::NodeId node = ir::kNoNode;
  EditKind kind = EditKind::Group;
  std::size_t entry = 0;
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

struct ChannelMap {
  std::vector<Unit> units;
  // By value: the unit of each position along axis 1; empty for values without channels.
  std::vector<std::vector<std::size_t>> positions;
  std::vector<Cut> cuts;
  std::vector<Edit> edits;
};

// The graph must have its types.
[[nodiscard]] ChannelMap map_channels(const ir::Graph& graph);

}  // namespace sluice::sparse
