// SPDX-License-Identifier: Apache-2.0
// What fpgaConvNet's parser makes of an operator.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "sluice/hw/build/built.hpp"
#include "sluice/hw/build/steps.hpp"
#include "sluice/hw/build/widths.hpp"

namespace sluice::hw {

// A step as its parser sees it, tensors by their names.
struct NamedStep {
  Step step;
  std::string op;  // ONNX's name, after its parser's rewriting
  std::string name;
  std::vector<std::string> inputs, outputs;

  // Whether it becomes no layer in the end.
  [[nodiscard]] bool is_passed() const { return op == "Flatten" || op == "Pad" || op == "Softmax"; }
};

// The operator that its parser rewrites a step to: Gemm for products, GlobalMaxPool for a pooling
// of the whole map, Flatten for a Reshape that flattens.
[[nodiscard]] std::string fpgaconvnet_op(const ir::Graph& network, const Step& step);

// The layer, with one stream; Passing for what is passed. The map is that of the first input, as
// the tensor's shape says; constants of Resize, slopes and limits are not looked at.
[[nodiscard]] std::variant<Layer, Refused> fpgaconvnet_layer(const ir::Graph& network,
                                                             const NamedStep& step,
                                                             const BuildOptions& options);

// Several ports share a memory's words.
void share_memory(std::vector<Port>& ports);

}  // namespace sluice::hw
