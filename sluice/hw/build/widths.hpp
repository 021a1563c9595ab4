// SPDX-License-Identifier: Apache-2.0
// How wide the words of a layer are, and where their binary points.
#pragma once

#include "sluice/hw/build/build.hpp"
#include "sluice/hw/layers/layer.hpp"

namespace sluice::hw {

// What the file says of the node; null: nothing.
[[nodiscard]] const NodeHints* hints_of(const BuildOptions& options, const ir::Node& node);

// Of a stream: a quantized value's codes, else as the options and the node's hints say.
[[nodiscard]] FixedPoint word_type(const ir::Graph& network, ir::ValueId value,
                                   const ir::Node& node, const BuildOptions& options);
// Of the sums of such words.
[[nodiscard]] FixedPoint sum_type(const ir::Graph& network, const FixedPoint& words,
                                  const ir::Node& node, const BuildOptions& options);

struct ProductTypes {
  FixedPoint data, output, weight, acc;
};
// Of a layer of products of `data` and `weights`, whose largest magnitude is given where it is not
// theirs alone. Weights have the digits before the binary point that the largest needs:
// ⌈log2 max|w|⌉ + 1, fewer than none for small ones.
[[nodiscard]] ProductTypes product_types(const ir::Graph& network, const ir::Node& node,
                                         ir::ValueId data, ir::ValueId weights,
                                         const BuildOptions& options,
                                         std::optional<double> largest = std::nullopt);

}  // namespace sluice::hw
