// SPDX-License-Identifier: Apache-2.0
// Network: a graph of the IR whose weights LibTorch trains.
#pragma once

#include <cstdint>
#include <string>
#include <torch/types.h>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/ir/graph.hpp"

namespace sluice::train {

// What a parameter is, for recipes that treat them differently.
enum class Role : std::uint8_t {
  Weight,         // what inputs are multiplied with
  Bias,           // what is added behind
  Normalization,  // scale and shift of a normalization
  Quantizer,      // step, clip or offset of a quantizer
};

struct Parameter {
  std::string name;  // of the constant in the graph
  Role role = Role::Weight;
  at::Tensor tensor;  // a leaf that needs a gradient
};

// What training moves without gradients: the running statistics of normalizations.
struct Buffer {
  std::string name;
  at::Tensor tensor;
};

class Network {
 public:
  // The graph must have its types; one float32 input. Constants named in `frozen` are not trained.
  // Unsupported for a quantized network, and, with its place, for a node that cannot be trained
  // through; InvalidArgument for a frozen name that no constant has.
  static Result<Network> create(ir::Graph graph, const std::vector<std::string>& frozen = {},
                                at::Device device = at::kCPU);

  // The first output of images [n, …] of any n: where that is a Softmax, what goes into it, for
  // losses are of scores. Errors name the node.
  [[nodiscard]] Result<at::Tensor> scores(const at::Tensor& images, bool is_training) const;

  [[nodiscard]] const std::vector<Parameter>& parameters() const { return parameters_; }
  [[nodiscard]] const std::vector<Buffer>& buffers() const { return buffers_; }
  // The graph with the values that parameters and buffers have now.
  [[nodiscard]] ir::Graph graph() const;

 private:
  explicit Network(ir::Graph graph) : graph_(std::move(graph)) {}
  Status list_constants(const std::vector<std::string>& frozen, at::Device device);

  ir::Graph graph_;
  ir::ValueId scores_ = ir::kNoValue;
  std::vector<at::Tensor> constants_;  // by value; undefined where it is none
  std::vector<std::size_t> last_use_;  // by value: the node after which it is given up
  std::vector<Parameter> parameters_;
  std::vector<ir::ValueId> parameter_values_;
  std::vector<Buffer> buffers_;
  std::vector<ir::ValueId> buffer_values_;
};

}  // namespace sluice::train
