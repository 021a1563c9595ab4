// SPDX-License-Identifier: Apache-2.0
#include "sluice/runtime/onednn/stage.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace sluice::runtime::onednn {
namespace {

using dnnl::algorithm;
using Stages = std::optional<std::vector<Stage>>;

Stages one(algorithm name, float alpha = 0, float beta = 0) {
  return std::vector<Stage>{Activation{name, alpha, beta}};
}

// What a node does to input x; overloads by operator.
struct StagesOf {
  const Planner& planner;
  ir::NodeId id;
  ir::ValueId x;

  ir::ValueId in(std::size_t i) const { return planner.input(id, i); }
  const Tensor* constant(std::size_t i) const {
    const Tensor* tensor = planner.constant(in(i));
    return tensor != nullptr && tensor->dtype() == DType::Float32 ? tensor : nullptr;
  }

  template <class Op>
  Stages operator()(const Op& /*op*/) const {
    return std::nullopt;
  }

  Stages operator()(const ir::Abs& /*op*/) const { return one(algorithm::eltwise_abs); }
  Stages operator()(const ir::Elu& op) const { return one(algorithm::eltwise_elu, op.alpha); }
  Stages operator()(const ir::Exp& /*op*/) const { return one(algorithm::eltwise_exp); }
  Stages operator()(const ir::Gelu& op) const {
    return one(op.tanh_approximation ? algorithm::eltwise_gelu_tanh : algorithm::eltwise_gelu_erf);
  }
  Stages operator()(const ir::HardSigmoid& op) const {
    return std::vector<Stage>{Activation{algorithm::eltwise_linear, op.alpha, op.beta},
                              Activation{algorithm::eltwise_clip, 0, 1}};
  }
  Stages operator()(const ir::HardSwish& /*op*/) const { return one(algorithm::eltwise_hardswish); }
  Stages operator()(const ir::LeakyRelu& op) const {
    return one(algorithm::eltwise_relu, op.alpha);
  }
  Stages operator()(const ir::Log& /*op*/) const { return one(algorithm::eltwise_log); }
  Stages operator()(const ir::Mish& /*op*/) const { return one(algorithm::eltwise_mish); }
  Stages operator()(const ir::Neg& /*op*/) const { return one(algorithm::eltwise_linear, -1); }
  Stages operator()(const ir::Relu& /*op*/) const { return one(algorithm::eltwise_relu); }
  Stages operator()(const ir::Sigmoid& /*op*/) const { return one(algorithm::eltwise_logistic); }
  Stages operator()(const ir::Softplus& /*op*/) const { return one(algorithm::eltwise_soft_relu); }
  Stages operator()(const ir::Sqrt& /*op*/) const { return one(algorithm::eltwise_sqrt); }
  Stages operator()(const ir::Tanh& /*op*/) const { return one(algorithm::eltwise_tanh); }

  // oneDNN has no such function: it is one of ours, in the pass over the result.
  Stages operator()(const ir::ThresholdedRelu& op) const {
    return std::vector<Stage>{Binary{BinaryFunction::Threshold, Operand{.constants = {op.alpha}}}};
  }

  Stages operator()(const ir::Selu& op) const {
    return std::vector<Stage>{Activation{algorithm::eltwise_elu, op.alpha},
                              Activation{algorithm::eltwise_linear, op.gamma}};
  }

  Stages operator()(const ir::Clip& /*op*/) const {
    float low = -std::numeric_limits<float>::infinity();
    float high = std::numeric_limits<float>::infinity();
    for (const auto& [i, limit] : {std::pair{std::size_t{1}, &low}, {std::size_t{2}, &high}}) {
      if (in(i) == ir::kNoValue) continue;
      const Tensor* bound = constant(i);
      if (bound == nullptr || std::isnan(bound->data<float>()[0])) return std::nullopt;
      *limit = bound->data<float>()[0];
    }
    if (low > high) return std::nullopt;
    return one(algorithm::eltwise_clip, low, high);
  }

  Stages operator()(const ir::BatchNormalization& op) const {
    if (op.training_mode || planner.node(id).outputs.size() > 1) return std::nullopt;
    for (std::size_t i = 1; i <= 4; ++i) {
      if (constant(i) == nullptr) return std::nullopt;
    }
    // gain·x + offset, in double, rounded once each.
    Operand gain;
    Operand offset;
    for (std::size_t c = 0; c < constant(1)->data<float>().size(); ++c) {
      const double g = constant(1)->data<float>()[c] /
                       std::sqrt(double{constant(4)->data<float>()[c]} + op.epsilon);
      gain.constants.push_back(static_cast<float>(g));
      offset.constants.push_back(
          static_cast<float>(constant(2)->data<float>()[c] - constant(3)->data<float>()[c] * g));
    }
    return std::vector<Stage>{Binary{BinaryFunction::Multiply, std::move(gain)},
                              Binary{BinaryFunction::Add, std::move(offset)}};
  }

  Stages operator()(const ir::Snap& op) const {
    if (std::holds_alternative<numeric::BlockGrid>(op.grid)) return std::nullopt;
    const auto* affine = std::get_if<numeric::AffineGrid>(&op.grid);
    const bool per_channel = affine != nullptr && affine->scale.size() > 1;
    if (per_channel && (affine->axis != 1 || planner.shape(x).size() < 2)) return std::nullopt;
    return std::vector<Stage>{Snapping{op.grid}};
  }

  Stages operator()(const ir::Add& /*op*/) const {
    return binary(BinaryFunction::Add, BinaryFunction::Add);
  }
  Stages operator()(const ir::Sub& /*op*/) const {
    return binary(BinaryFunction::Subtract, BinaryFunction::SubtractFrom);
  }
  Stages operator()(const ir::Mul& /*op*/) const {
    return binary(BinaryFunction::Multiply, BinaryFunction::Multiply);
  }
  Stages operator()(const ir::Div& /*op*/) const {
    return binary(BinaryFunction::Divide, BinaryFunction::DivideInto);
  }
  Stages operator()(const ir::Max& /*op*/) const {
    return binary(BinaryFunction::Maximum, BinaryFunction::Maximum);
  }
  Stages operator()(const ir::Min& /*op*/) const {
    return binary(BinaryFunction::Minimum, BinaryFunction::Minimum);
  }
  Stages operator()(const ir::PRelu& /*op*/) const {
    if (in(0) != x) return std::nullopt;
    return binary(BinaryFunction::PRelu, BinaryFunction::PRelu);
  }

  // `first` where x is the first operand, `second` where it is the second.
  Stages binary(BinaryFunction first, BinaryFunction second) const {
    const auto& inputs = planner.node(id).inputs;
    if (inputs.size() != 2 || inputs[0] == inputs[1]) return std::nullopt;
    const bool x_is_first = inputs[0] == x;
    auto other = operand(inputs[x_is_first ? 1 : 0]);
    if (!other) return std::nullopt;
    return std::vector<Stage>{Binary{x_is_first ? first : second, std::move(*other)}};
  }

  std::optional<Operand> operand(ir::ValueId other) const {
    if (!planner.is_float(other)) return std::nullopt;
    const Shape& shape = planner.shape(x);
    const Shape& other_shape = planner.shape(other);
    if (other_shape.size() > shape.size()) return std::nullopt;
    // Dimensions of `other` as they meet those of x.
    Shape aligned(shape.size() - other_shape.size(), 1);
    aligned.insert(aligned.end(), other_shape.begin(), other_shape.end());
    const Tensor* content = planner.constant(other);
    const bool all_one = num_elements(aligned) == 1;
    const bool per_channel = shape.size() >= 2 && aligned[1] == shape[1] &&
                             num_elements(aligned) == aligned[0] * aligned[1];
    if (content != nullptr && (all_one || (per_channel && aligned[0] == 1))) {
      const auto data = content->data<float>();
      return Operand{.constants = {data.begin(), data.end()}};
    }
    if (!planner.is_placed(other) || aligned != other_shape) return std::nullopt;
    if (other_shape == shape) return Operand{.value = other};
    if (per_channel && aligned[0] == shape[0]) {
      return Operand{.value = other, .is_per_channel = true};
    }
    return std::nullopt;
  }
};

// Mul(value, Sigmoid(value)) read as one function: x·σ(x). The two nodes, or nothing.
std::optional<std::pair<ir::NodeId, ir::NodeId>> swish_of(const Planner& planner,
                                                          ir::ValueId value) {
  const auto readers = planner.readers(value);
  if (planner.is_kept(value) || readers.size() != 2) return std::nullopt;
  for (const auto& [sigmoid, product] :
       {std::pair{readers[0], readers[1]}, std::pair{readers[1], readers[0]}}) {
    if (!ir::is<ir::Sigmoid>(planner.node(sigmoid).op)) continue;
    if (!ir::is<ir::Mul>(planner.node(product).op)) continue;
    if (planner.only_reader(planner.node(sigmoid).outputs[0]) != product) continue;
    return std::pair{sigmoid, product};
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::vector<Stage>> stages_of(const Planner& planner, ir::NodeId node,
                                            ir::ValueId x) {
  const ir::ValueId y = planner.node(node).outputs[0];
  const bool fits = planner.is_float(x) && y != ir::kNoValue && planner.is_float(y) &&
                    planner.shape(x) == planner.shape(y);
  if (!fits) return std::nullopt;
  return std::visit(StagesOf{planner, node, x}, planner.node(node).op);
}

bool reads(const Planner& planner, std::span<const Stage> stages, BufferId buffer) {
  return std::ranges::any_of(stages, [&](const Stage& stage) {
    const auto* binary = std::get_if<Binary>(&stage);
    return binary != nullptr && binary->other.value != ir::kNoValue &&
           planner.placed(binary->other.value).buffer == buffer;
  });
}

Tail tail_of(const Planner& planner, ir::ValueId value) {
  Tail tail{.result = value};
  while (planner.may_fuse()) {
    if (const auto swish = swish_of(planner, tail.result)) {
      tail.stages.push_back(Activation{algorithm::eltwise_swish, 1, 0});
      tail.nodes.insert(tail.nodes.end(), {swish->first, swish->second});
      tail.result = planner.node(swish->second).outputs[0];
      continue;
    }
    const ir::NodeId reader = planner.only_reader(tail.result);
    if (reader == ir::kNoNode) break;
    auto stages = stages_of(planner, reader, tail.result);
    if (!stages) break;
    std::ranges::move(*stages, std::back_inserter(tail.stages));
    tail.nodes.push_back(reader);
    tail.result = planner.node(reader).outputs[0];
  }
  return tail;
}

}  // namespace sluice::runtime::onednn
