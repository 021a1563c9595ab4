// SPDX-License-Identifier: Apache-2.0
// Network: a graph of the IR whose weights LibTorch trains.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <torch/types.h>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/ir/graph.hpp"
#include "sluice/train/network_quantizers.hpp"
#include "sluice/train/parameter.hpp"

namespace sluice::train {

class Network {
 public:
  // The graph must have its types; one float32 input. Constants named in `frozen` are not trained.
  // Unsupported for a quantized network, and, with its place, for a node that cannot be trained
  // through; InvalidArgument for a frozen name that no constant has.
  static Result<Network> create(ir::Graph graph, const std::vector<std::string>& frozen = {},
                                at::Device device = at::kCPU);

  // From now on scaled clips, range·clip(x, 0, s)/s as a Clip and a Mul, learn s by its magnitude,
  // as parameters named as the Clip's bound. InvalidArgument where there are none.
  [[nodiscard]] Status learn_clips();

  // The first output of images [n, …] of any n: where that is a Softmax, what goes into it, for
  // losses are of scores. Errors name the node.
  [[nodiscard]] Result<at::Tensor> scores(const at::Tensor& images, bool is_training) const;

  // From now on layers multiply in bfloat16 where the network learns.
  void multiply_in_bfloat16() { layer_type_ = at::kBFloat16; }

  // From now on weights, biases and values are those that integers stand for, with steps that are
  // learnt beside the weights and begin at what suits these images. The graph must have no batch
  // normalizations left, and have been through quant::prepare_for_integers. Unsupported, with the
  // place, for nodes whose integers would not be what training sees.
  [[nodiscard]] Status quantize(const QuantizationRecipe& recipe, const at::Tensor& images);
  // The network on codes, whose outputs are scores() to the last bit. It must have been quantized.
  [[nodiscard]] Result<ir::Graph> integer_graph() const;

  // Those of the quantizers come last.
  [[nodiscard]] const std::vector<Parameter>& parameters() const { return parameters_; }
  [[nodiscard]] const std::vector<Buffer>& buffers() const { return buffers_; }
  // The graph with the values that parameters and buffers have now.
  [[nodiscard]] ir::Graph graph() const;

 private:
  explicit Network(ir::Graph graph) : graph_(std::move(graph)) {}
  // Of constants that are not used otherwise.
  struct ScaledClip {
    ir::ValueId scale = ir::kNoValue, gain = ir::kNoValue;
    float range = 1;
  };
  [[nodiscard]] std::vector<ScaledClip> scaled_clips() const;
  [[nodiscard]] at::Tensor used_scale(const ScaledClip& clip) const;
  Status list_constants(const std::vector<std::string>& frozen, at::Device device);

  using Watch = std::function<void(ir::ValueId value, const at::Tensor& content)>;
  [[nodiscard]] Result<at::Tensor> run(const at::Tensor& images, bool is_training,
                                       const Watch& watch) const;
  [[nodiscard]] Result<std::vector<at::Tensor>> run_node(std::size_t n,
                                                         const std::vector<at::Tensor>& values,
                                                         bool is_training) const;

  ir::Graph graph_;
  std::optional<NetworkQuantizers> quantizers_;
  at::Device device_ = at::kCPU;
  at::ScalarType layer_type_ = at::kFloat;  // of products, where it learns
  ir::ValueId scores_ = ir::kNoValue;
  std::vector<at::Tensor> constants_;  // by value; undefined where it is none
  std::vector<std::size_t> last_use_;  // by value: the node after which it is given up
  std::vector<Parameter> parameters_;
  std::vector<ir::ValueId> parameter_values_;
  std::vector<Buffer> buffers_;
  std::vector<ir::ValueId> buffer_values_;
  std::vector<ScaledClip> clips_;  // that learn
};

}  // namespace sluice::train
