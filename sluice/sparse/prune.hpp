// SPDX-License-Identifier: Apache-2.0
// Pruning: weights of little magnitude become zero. Biases never do.
//
// All ways work on the layers that find_weight_layers lists, each weight tensor once however many
// nodes share it; the network must have its types. Zeros that are there already stay and count. An
// error leaves the network as it was: InvalidArgument for a value outside its bounds, a name that
// no layer has or that is of a layer left alone, two names of one tensor with different values, and
// quantized networks.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/ir/graph.hpp"
#include "sluice/sparse/per_layer.hpp"
#include "sluice/sparse/weight_layers.hpp"

namespace sluice::sparse {

struct PrunedLayer {
  std::string name;                      // of the first node that multiplies with the weights
  std::vector<std::string> shared_with;  // the other nodes
  std::string op;
  std::int64_t weights = 0;
  std::int64_t zeros_before = 0;
  std::int64_t zeros_after = 0;
  friend bool operator==(const PrunedLayer&, const PrunedLayer&) = default;
};

struct PruneReport {
  std::vector<PrunedLayer> layers;  // in graph order
  std::vector<LeftAlone> left_alone;

  [[nodiscard]] std::int64_t weights() const;
  [[nodiscard]] std::int64_t zeros_before() const;
  [[nodiscard]] std::int64_t zeros_after() const;
};

// w = 0 where |w| < threshold, compared in float32. Thresholds are finite and 0 or more.
[[nodiscard]] Result<PruneReport> prune_below(ir::Graph& graph, const PerLayer<float>& thresholds);

// Of whose weights a sparsity is a part.
enum class SparsityScope : unsigned char {
  Network,    // all layers together that have no value of their own: one threshold for them
  EachLayer,  // every layer by itself
};

// The smallest magnitudes become zero until round(sparsity·weights) weights are; among equal
// magnitudes those that come first, in graph order and row-major, stay. Sparsities lie in [0, 1].
[[nodiscard]] Result<PruneReport> prune_to_sparsity(ir::Graph& graph,
                                                    const PerLayer<double>& sparsities,
                                                    SparsityScope scope = SparsityScope::Network);

// N:M: what stays of each `of` consecutive weights. 0 < keep ≤ of.
struct Pattern {
  std::int64_t keep = 1;
  std::int64_t of = 1;
  friend bool operator==(const Pattern&, const Pattern&) = default;
};
// "2:4"; InvalidArgument for anything else.
[[nodiscard]] Result<Pattern> parse_pattern(std::string_view text);
[[nodiscard]] std::string to_string(const Pattern& pattern);

// What becomes of layers whose inputs the pattern does not divide.
enum class Unfit : unsigned char {
  Refuse,  // InvalidArgument, naming the layer
  Skip,    // left alone
};

// Of each `of` weights side by side along the input channels of a group, for each output channel
// and kernel position, the `keep` largest magnitudes stay; among equal ones the earlier.
[[nodiscard]] Result<PruneReport> prune_to_pattern(ir::Graph& graph,
                                                   const PerLayer<Pattern>& patterns,
                                                   Unfit unfit = Unfit::Refuse);

}  // namespace sluice::sparse
