// SPDX-License-Identifier: Apache-2.0
// Steps: a network's nodes in order, those that are one operator of the hardware taken together,
// those that compute constants left out.
#pragma once

#include <string_view>
#include <vector>

#include "sluice/hw/modules/module.hpp"
#include "sluice/ir/graph.hpp"

namespace sluice::hw {

enum class Form : unsigned char {
  One,         // a node
  Silu,        // x·Sigmoid(x)
  HardSwish,   // x·HardSigmoid(x), in whatever pieces
  Product,     // MatMul and the constant that is added: inputs a, b, c
  Normalized,  // Conv and the BatchNormalization of its words, by fpgaConvNet's rules
  Chop,        // Slices of a tensor that are its parts: inputs x; outputs in the order of the parts
};

struct Step {
  Form form = Form::One;
  // Whose name it has: the last, of a Chop the first, of what is normalized the Conv.
  ir::NodeId node = ir::kNoNode;
  ir::NodeId normalization = ir::kNoNode;
  std::vector<ir::ValueId> inputs, outputs;
};

// Whether each value is a constant, or computed from constants.
[[nodiscard]] std::vector<bool> known_values(const ir::Graph& network);

// Rules::FpgaConvNet: what its parser takes together, and without the nodes that it bypasses:
// Identity, Dropout, pads by nothing, poolings of one word, and changes of the number format.
[[nodiscard]] std::vector<Step> steps_of(const ir::Graph& network, Rules rules);

// Input i, or kNoValue where it is absent.
[[nodiscard]] ir::ValueId input_of(const Step& step, std::size_t i);

}  // namespace sluice::hw
