// SPDX-License-Identifier: Apache-2.0
#include "sluice/passes/fold_gain.hpp"

#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "sluice/passes/rewrite.hpp"

namespace sluice::passes {
namespace {

bool is_float_constant(const Tensor* tensor) {
  return tensor != nullptr && tensor->dtype() == DType::Float32;
}

// Input i is absent, or a constant of float32.
bool can_scale(const ir::Graph& graph, const ir::Node& node, std::size_t i) {
  const ir::ValueId id = input_of(node, i);
  return id == ir::kNoValue || is_float_constant(constant_of(graph, id));
}

class GainFolder {
 public:
  explicit GainFolder(ir::Graph& graph)
      : graph_(graph), producer_(ir::producers(graph)), renaming_(graph) {
    for (const auto& readers : ir::consumers(graph)) uses_.push_back(readers.size());
    for (const ir::ValueId id : graph.outputs) ++uses_[index(id)];
  }

  void run() {
    for (const ir::Node& node : graph_.nodes) {
      if (ir::is<ir::Mul>(node.op)) fold(node);
    }
    renaming_.apply();
  }

 private:
  struct Gain {
    ir::ValueId x;
    double factor = 1;
  };

  std::optional<Gain> gain_of(const ir::Node& mul) const {
    for (const std::size_t i : {std::size_t{0}, std::size_t{1}}) {
      const Tensor* number = constant_of(graph_, mul.inputs[i]);
      const ir::ValueId x = mul.inputs[1 - i];
      const bool is_number = is_float_constant(number) && number->num_elements() == 1 &&
                             number->rank() <= graph_.type(x).shape.size();
      if (!is_number || constant_of(graph_, x) != nullptr) continue;
      const double factor = number->data<float>()[0];
      if (factor > 0 && std::isfinite(factor)) return Gain{x, factor};
    }
    return std::nullopt;
  }

  // What makes a value that one node alone reads.
  ir::Node* only_maker(ir::ValueId id) {
    const ir::NodeId maker = producer_[index(id)];
    return maker == ir::kNoNode || uses_[index(id)] != 1 ? nullptr : &graph_[maker];
  }

  void fold(const ir::Node& mul) {
    const auto gain = gain_of(mul);
    if (!gain) return;
    ir::Node* const before = only_maker(gain->x);
    if (before == nullptr) return;
    const bool is_bounded = ir::is_rectifier(before->op);
    if (is_bounded && !(can_scale(graph_, *before, 1) && can_scale(graph_, *before, 2))) return;
    ir::Node* const layer = is_bounded ? only_maker(before->inputs[0]) : before;
    if (layer == nullptr || !is_layer(*layer)) return;
    if (!renaming_.replace(mul.outputs[0], gain->x)) return;
    for (const std::size_t i : {std::size_t{1}, std::size_t{2}}) {
      scale(*layer, i, gain->factor);
      if (is_bounded) scale(*before, i, gain->factor);
    }
    // Another factor behind this one finds the activation's value.
    uses_[index(gain->x)] = uses_[index(mul.outputs[0])];
    producer_[index(mul.outputs[0])] = producer_[index(gain->x)];
  }

  bool is_layer(const ir::Node& node) const {
    const bool has_weights = ir::is<ir::Conv>(node.op) || ir::is<ir::ConvTranspose>(node.op) ||
                             ir::is<ir::Gemm>(node.op);
    return has_weights && is_float_constant(constant_of(graph_, input_of(node, 1))) &&
           can_scale(graph_, node, 2);
  }

  // Constants may have other readers: the node gets its own.
  void scale(ir::Node& node, std::size_t i, double factor) {
    const ir::ValueId id = input_of(node, i);
    if (id == ir::kNoValue) return;
    Tensor scaled = *constant_of(graph_, id);
    for (float& x : scaled.mutable_data<float>()) x = static_cast<float>(x * factor);
    const std::string name = graph_[id].name;
    node.inputs[i] = graph_.add_constant(name, std::move(scaled));
  }

  ir::Graph& graph_;
  std::vector<ir::NodeId> producer_;  // by value
  std::vector<std::size_t> uses_;     // by value
  Renaming renaming_;
};

}  // namespace

Status fold_gain(ir::Graph& graph) {
  GainFolder(graph).run();
  ir::remove_unused(graph);
  return ir::verify(graph);
}

}  // namespace sluice::passes
