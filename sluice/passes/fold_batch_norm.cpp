// SPDX-License-Identifier: Apache-2.0
#include "sluice/passes/fold_batch_norm.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "sluice/passes/rewrite.hpp"

namespace sluice::passes {
namespace {

// y = gain·x + offset per channel: what the normalisation is once its parameters are known.
struct Affine {
  std::vector<double> gain, offset;
};

bool is_float_vector(const Tensor* tensor) {
  return tensor != nullptr && tensor->dtype() == DType::Float32 && tensor->rank() == 1;
}

std::optional<Affine> affine_of(const ir::Graph& graph, const ir::Node& node) {
  const auto* norm = std::get_if<ir::BatchNormalization>(&node.op);
  const bool one_output =
      std::ranges::count_if(node.outputs, [](ir::ValueId id) { return id != ir::kNoValue; }) == 1;
  if (norm == nullptr || norm->training_mode || !one_output) return std::nullopt;
  std::vector<std::span<const float>> parameters;
  for (std::size_t i = 1; i <= 4; ++i) {
    const Tensor* parameter = constant_of(graph, input_of(node, i));
    if (!is_float_vector(parameter) || parameter->num_elements() == 0) return std::nullopt;
    parameters.push_back(parameter->data<float>());
  }
  Affine affine;
  for (std::size_t c = 0; c < parameters[0].size(); ++c) {
    const double gain = parameters[0][c] / std::sqrt(double{parameters[3][c]} + norm->epsilon);
    if (!std::isfinite(gain)) return std::nullopt;
    affine.gain.push_back(gain);
    affine.offset.push_back(parameters[1][c] - parameters[2][c] * gain);
  }
  return affine;
}

// Multiplies the weights of run r, of `run` elements each, by gain[channel_of(r)]: a division an
// element would take longer than all else.
template <class ChannelOf>
Tensor scaled(const Tensor& weights, const Affine& affine, std::size_t run, ChannelOf channel_of) {
  Tensor result = weights;
  const auto data = result.mutable_data<float>();
  for (std::size_t r = 0; (r + 1) * run <= data.size(); ++r) {
    const double gain = affine.gain[channel_of(r)];
    for (float& weight : data.subspan(r * run, run)) weight = static_cast<float>(weight * gain);
  }
  return result;
}

// bias·factor·gain + offset, of shape [channels]. `bias` may be null, or hold one element for all.
Tensor shifted(const Tensor* bias, double factor, const Affine& affine) {
  std::vector<float> result;
  for (std::size_t c = 0; c < affine.gain.size(); ++c) {
    double b = 0;
    if (bias != nullptr) b = factor * bias->data<float>()[bias->num_elements() == 1 ? 0 : c];
    result.push_back(static_cast<float>(b * affine.gain[c] + affine.offset[c]));
  }
  return Tensor::from<float>({static_cast<std::int64_t>(result.size())}, result);
}

// The linear operator's new weights and bias, or nothing if it cannot take the normalisation.
struct Folded {
  Tensor weights, bias;
};

struct AffineFolder {
  const ir::Graph& graph;
  const ir::Node& node;
  const Affine& affine;

  const Tensor* float_constant(std::size_t i) const {
    const Tensor* tensor = constant_of(graph, input_of(node, i));
    const bool usable = tensor != nullptr && tensor->dtype() == DType::Float32;
    return usable && tensor->num_elements() > 0 ? tensor : nullptr;
  }
  std::size_t channels() const { return affine.gain.size(); }

  template <class Op>
  std::optional<Folded> operator()(const Op& /*op*/) const {
    return std::nullopt;
  }

  std::optional<Folded> operator()(const ir::Conv& /*op*/) const {
    const Tensor* w = float_constant(1);
    const Tensor* b = float_constant(2);
    if (w == nullptr || (b == nullptr && input_of(node, 2) != ir::kNoValue)) return std::nullopt;
    const std::size_t per_channel = w->data<float>().size() / channels();
    return Folded{scaled(*w, affine, per_channel, [](std::size_t r) { return r; }),
                  shifted(b, 1, affine)};
  }

  std::optional<Folded> operator()(const ir::ConvTranspose& op) const {
    const Tensor* w = float_constant(1);
    const Tensor* b = float_constant(2);
    if (w == nullptr || (b == nullptr && input_of(node, 2) != ir::kNoValue)) return std::nullopt;
    // w is [C, M/group, kernel…]; the rows of group g make channels g·M/group … of the output.
    const auto group = static_cast<std::size_t>(op.group);
    const auto rows = static_cast<std::size_t>(w->shape()[0]);
    const auto per_group = static_cast<std::size_t>(w->shape()[1]);
    const std::size_t kernel = w->data<float>().size() / rows / per_group;
    return Folded{scaled(*w, affine, kernel,
                         [&](std::size_t r) {
                           return r / per_group / (rows / group) * per_group + r % per_group;
                         }),
                  shifted(b, 1, affine)};
  }

  std::optional<Folded> operator()(const ir::Gemm& op) const {
    const Tensor* w = float_constant(1);
    const Tensor* c = float_constant(2);
    if (w == nullptr || (c == nullptr && input_of(node, 2) != ir::kNoValue)) return std::nullopt;
    if (c != nullptr && c->num_elements() != 1) {
      // The same for all rows: its last dimension is the channels', all others are 1.
      const auto size = static_cast<std::size_t>(c->num_elements());
      if (size != channels() || c->shape().back() != c->num_elements()) return std::nullopt;
    }
    const auto columns = static_cast<std::size_t>(w->shape()[1]);
    return Folded{scaled(*w, affine, op.trans_b ? columns : 1,
                         [&](std::size_t r) { return op.trans_b ? r : r % columns; }),
                  shifted(c, double{op.beta}, affine)};
  }
};

// Puts the folded weights into the linear node.
void apply(ir::Graph& graph, ir::Node& linear, Folded folded) {
  const std::string name = linear.name;
  const ir::ValueId weights =
      graph.add_constant(name + ".folded_weight", std::move(folded.weights));
  const ir::ValueId bias = graph.add_constant(name + ".folded_bias", std::move(folded.bias));
  linear.inputs.resize(3, ir::kNoValue);
  linear.inputs[1] = weights;
  linear.inputs[2] = bias;
  if (auto* gemm = std::get_if<ir::Gemm>(&linear.op)) gemm->beta = 1;
}

// The normalisation becomes part of `linear`; false if it cannot.
bool try_fold(ir::Graph& graph, const ir::Node& norm, ir::Node& linear) {
  const auto affine = affine_of(graph, norm);
  if (!affine) return false;
  const Shape& shape = graph.type(norm.inputs[0]).shape;
  if (shape.size() < 2 || shape[1] != static_cast<std::int64_t>(affine->gain.size())) return false;
  auto folded = std::visit(AffineFolder{graph, linear, *affine}, linear.op);
  if (!folded) return false;
  apply(graph, linear, std::move(*folded));
  return true;
}

}  // namespace

Status fold_batch_norm(ir::Graph& graph) {
  const std::vector<ir::NodeId> producer = ir::producers(graph);
  std::vector<std::size_t> uses;
  for (const auto& readers : ir::consumers(graph)) uses.push_back(readers.size());
  for (const ir::ValueId id : graph.outputs) ++uses[static_cast<std::size_t>(id)];
  Renaming renaming(graph);
  for (const ir::Node& node : graph.nodes) {
    if (!ir::is<ir::BatchNormalization>(node.op)) continue;
    const auto x = static_cast<std::size_t>(renaming.resolve(node.inputs[0]));
    if (producer[x] == ir::kNoNode || uses[x] != 1) continue;
    if (!try_fold(graph, node, graph[producer[x]])) continue;
    const ir::ValueId y = node.outputs[0];
    renaming.replace(y, ir::ValueId{static_cast<std::int32_t>(x)});  // x has no fixed name
    uses[x] = uses[static_cast<std::size_t>(y)];
  }
  renaming.apply();
  ir::remove_unused(graph);
  return ir::verify(graph);
}

}  // namespace sluice::passes
