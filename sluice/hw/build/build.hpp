// SPDX-License-Identifier: Apache-2.0
// From a network to the layers of its hardware.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/hw/build/hints.hpp"
#include "sluice/hw/graph.hpp"
#include "sluice/ir/graph.hpp"

namespace sluice::hw {

// Bits of the words of a network in real numbers. Half of those of data and sums are behind the
// binary point, of those of weights as many as the largest leaves.
struct WordBits {
  std::int64_t data = 16, weights = 16, acc = 30;
};

// fpgaConvNet's way to place binary points that is not "auto": tensors whose range is known have 8
// bits before it, others none.
struct Calibrated {
  std::set<std::string> tensors;
};

struct BuildOptions {
  Rules rules = Rules::Sluice;
  WordBits bits;
  std::optional<Calibrated> calibrated;
  // Inner products become convolutions of one pixel.
  bool convert_gemm_to_conv = false;
  // What the model's file says of single nodes, by their names.
  std::map<std::string, NodeHints> hints = {};
};

// A node that no hardware can be made of.
struct Unmappable {
  std::string node;    // its name
  std::string op;      // its operator; "input" for an input of the network
  std::string why;     // one sentence, lower case, no full stop
  std::string remedy;  // the same: what the user can do about it
};

// A node that the host computes, before the hardware or after it.
struct OnHost {
  std::string node, op, why;
};

// The layers of a network whose values have types, of batch 1, after passes::inference_passes:
// each with the least parallelism, without regrouping. Words of quantized values have their codes'
// bits. Fails with the first of unmappable(), the node as the place.
//
// Rules::FpgaConvNet: nodes, their order, names and parameters are those of fpgaConvNet's parser;
// names of tensors too if fold_batch_norm is not among the passes.
// Rules::Sluice: nodes have the network's names. What only changes how a tensor is seen (Reshape,
// Flatten, most Transposes) is dropped, as are changes of the number format; a value with several
// readers gets a Split, `<node>_split`.
[[nodiscard]] Result<Graph> build_graph(const ir::Graph& network, const BuildOptions& options);

// All nodes that keep build_graph from it, in order.
[[nodiscard]] std::vector<Unmappable> unmappable(const ir::Graph& network,
                                                 const BuildOptions& options);

// All nodes that are left to the host, in order: Softmax and ArgMax at the end, what moves words
// about at the beginning or at the end.
[[nodiscard]] std::vector<OnHost> left_to_host(const ir::Graph& network,
                                               const BuildOptions& options);

}  // namespace sluice::hw
