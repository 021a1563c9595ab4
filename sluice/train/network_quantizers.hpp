// SPDX-License-Identifier: Apache-2.0
// NetworkQuantizers: which quantizer stands where in a network, and the integers they lead to.
//
// Values share a quantizer as quant::ValueGroups has it: what is moved, compared or rectified. A
// layer's bias is rounded to the unit of its sums, step of the input times step of the weights. The
// last layer's sums, the scores, have 16 bits and a step that no weights of it can overflow.
//
// Where all steps are powers of two, float32 and float64 compute what integers do. Where they are
// any numbers, a network that does not learn computes on codes (integer_operators.hpp), and one
// that does on their multiples in float32: there a value next to a tie may fall to its other side.
#pragma once

#include <map>
#include <optional>
#include <torch/types.h>
#include <utility>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/ir/graph.hpp"
#include "sluice/numeric/quantization.hpp"
#include "sluice/train/quantization_recipe.hpp"
#include "sluice/train/quantizer.hpp"

namespace sluice::train {

class NetworkQuantizers {
 public:
  // Of a graph with its types, whose one output is the scores. Quantizers have no steps yet: first
  // observe() what each value is without them, then start().
  static Result<NetworkQuantizers> plan(const ir::Graph& graph, const QuantizationRecipe& recipe,
                                        at::Device device);
  void observe(ir::ValueId value, const at::Tensor& content);
  // `constants`: by value.
  [[nodiscard]] Status start(const std::vector<at::Tensor>& constants);

  // What a value becomes; itself where it has no quantizer.
  [[nodiscard]] at::Tensor value(ir::ValueId id, const at::Tensor& content, bool is_training) const;
  // What a node makes of its inputs where it does not learn, if that is not what apply_operator()
  // makes of operands as set_operands() sets them.
  [[nodiscard]] bool computes_codes(bool is_training) const {
    return !has_powers_of_two_ && !is_training;
  }
  [[nodiscard]] Result<std::vector<at::Tensor>> run_on_codes(
      ir::NodeId node, const std::vector<at::Tensor>& inputs,
      const std::vector<at::Tensor>& constants) const;
  // The operands of a node: weights and bias become those of integers. Where it does not learn,
  // sums that float32 cannot hold exactly are made in float64.
  void set_operands(ir::NodeId node, std::vector<at::Tensor>& inputs, bool is_training) const;

  [[nodiscard]] std::vector<Parameter> parameters() const;
  // The last layer's sums as the integers have them, where it does not learn.
  [[nodiscard]] at::Tensor scores(const at::Tensor& sums,
                                  const std::vector<at::Tensor>& constants) const;
  // The network that has these weights, on codes.
  [[nodiscard]] Result<ir::Graph> integer_graph(ir::Graph graph,
                                                const std::vector<at::Tensor>& constants) const;

 private:
  // Values that share a quantizer.
  struct Group {
    std::vector<ir::ValueId> values;
    int bits = 8;
    double least = 0;                    // that was observed
    std::optional<Quantizer> quantizer;  // none: the scores
    // Of normalized-pact, which has one step however it clips: of what layers make.
    std::map<ir::ValueId, Quantizer> clips = {};
    bool is_fixed = false;  // the group's own quantizer does not learn
  };
  struct Layer {
    std::size_t weight_input = 1;
    std::int64_t channel_axis = 0;
    int bits = 8;
    bool has_one_step = false;  // for all channels
    bool is_frozen = false;     // its weights do not learn, so neither does their step
    std::optional<Quantizer> quantizer;
  };

  NetworkQuantizers(const ir::Graph& graph, const QuantizationRecipe& recipe, at::Device device)
      : graph_(graph),
        recipe_(recipe),
        has_powers_of_two_(has_powers_of_two(recipe)),
        device_(device),
        producers_(ir::producers(graph)),
        consumers_(ir::consumers(graph)) {}
  [[nodiscard]] Status check_nodes() const;
  void group_values();
  [[nodiscard]] bool is_quantized_where_made(ir::ValueId id) const;
  [[nodiscard]] Status find_layers();
  [[nodiscard]] QuantizerOptions options_of(const Group& group) const;
  [[nodiscard]] Status start(Group& group);
  [[nodiscard]] Status start_clips(Group& group, const QuantizerOptions& options);
  [[nodiscard]] at::Tensor samples_of(const Group& group) const;
  // The nodes that a value comes from, a layer and rectifiers behind it, the layer last; empty
  // where it comes from something else.
  [[nodiscard]] std::vector<ir::NodeId> layer_behind(ir::ValueId id) const;
  // What normalized-pact multiplies the node's values with, [1]; undefined: nothing.
  [[nodiscard]] at::Tensor gain_of(ir::NodeId node) const;
  [[nodiscard]] at::Tensor unit_of(ir::NodeId node) const;
  // Steps of a layer's weights with the gain in them: those of its integers.
  [[nodiscard]] at::Tensor weight_steps(ir::NodeId node) const;
  [[nodiscard]] numeric::Quantization quantization_of(
      const Group& group, const std::vector<at::Tensor>& constants) const;
  [[nodiscard]] std::pair<double, double> bounds_of(ir::NodeId node) const;
  [[nodiscard]] Result<at::Tensor> layer_levels(ir::NodeId node,
                                                const std::vector<at::Tensor>& inputs,
                                                const numeric::Quantization& x,
                                                const numeric::Quantization& y) const;
  // Of a node that rounds; undefined: it only moves its values.
  [[nodiscard]] Result<at::Tensor> levels_of(ir::NodeId node, const std::vector<at::Tensor>& inputs,
                                             const std::vector<at::Tensor>& constants) const;
  void scale_weights(ir::Graph& graph, ir::NodeId node) const;
  void scale_bounds(ir::Graph& graph, ir::NodeId node) const;
  // Of each channel of a layer, in its unit, however the codes of its input lie.
  [[nodiscard]] at::Tensor largest_sums(ir::NodeId node, const std::vector<at::Tensor>& inputs,
                                        const at::Tensor& unit) const;
  // 0: the scores are no layer's sums.
  [[nodiscard]] float step_of_scores(const std::vector<at::Tensor>& constants) const;

  ir::Graph graph_;  // without its constants' bytes being copied: tensors share them
  QuantizationRecipe recipe_;
  bool has_powers_of_two_;
  at::Device device_;
  std::vector<ir::NodeId> producers_;               // by value
  std::vector<std::vector<ir::NodeId>> consumers_;  // by value
  std::vector<Group> groups_;
  std::vector<std::optional<std::size_t>> group_of_;  // by value
  std::vector<bool> is_applied_;                      // by value: there
  std::map<ir::NodeId, Layer> layers_;
  std::vector<ir::NodeId> shifts_;                          // layers that only move their values
  std::map<ir::ValueId, std::vector<at::Tensor>> samples_;  // of what was observed, until the start
  std::map<ir::NodeId, ir::ValueId> clipped_by_;  // nodes before a value that has a clip of its own
};

}  // namespace sluice::train
