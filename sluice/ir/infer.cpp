// SPDX-License-Identifier: Apache-2.0
#include "sluice/ir/infer.hpp"

#include <algorithm>
#include <deque>
#include <fmt/format.h>

#include "sluice/base/text.hpp"
#include "sluice/ir/names.hpp"

namespace sluice::ir {
namespace {

// Contents of larger tensors are not followed during inference: shapes are small.
constexpr std::int64_t kMaxFollowedElements = 1 << 12;

// Layers: no shape is computed with them, and what they cost is not bounded by the sizes of what
// they read and make, so a hostile file must not have them run while it is loaded.
bool is_layer(const Op& op) {
  return is<Conv>(op) || is<ConvTranspose>(op) || is<Gemm>(op) || is<MatMul>(op) ||
         is<AveragePool>(op) || is<LpPool>(op) || is<MaxPool>(op);
}

Result<ValueTypes> infer_op(const Op& op, const InferContext& context) {
  return std::visit(
      [&](const auto& alternative) -> Result<ValueTypes> {
        if constexpr (std::is_same_v<std::decay_t<decltype(alternative)>, std::monostate>) {
          return Error{ErrorCode::Internal, "node without an operator"};
        } else {
          return infer(alternative, context);
        }
      },
      op);
}

// Walks the nodes once, with the type and, where known, the content of every value.
class Inference {
 public:
  Inference(Graph& graph, const Evaluator& evaluate)
      : graph_(graph), evaluate_(evaluate), content_(graph.values.size(), nullptr) {
    for (std::size_t v = 0; v < graph.values.size(); ++v) {
      if (graph.values[v].constant) content_[v] = &*graph.values[v].constant;
    }
  }

  Status infer_node(const Node& node) {
    if (node.outputs.empty()) return Error{ErrorCode::InvalidArgument, "has no outputs"};
    std::vector<InferContext::Input> inputs;
    std::deque<ValueType> real_types;
    bool all_known = true;
    for (const ValueId id : node.inputs) {
      if (id == kNoValue) {
        inputs.push_back({});
        continue;
      }
      const auto& type = graph_[id].type;
      if (!type) return Error{ErrorCode::Verify, "reads a value before it is made"};
      if (graph_[id].quantization) {
        // To a rule it is the real numbers it stands for, and codes are no content.
        inputs.push_back({&real_types.emplace_back(ValueType{DType::Float32, type->shape})});
        all_known = false;
        continue;
      }
      const Tensor* content = content_[static_cast<std::size_t>(id)];
      inputs.push_back({&*type, content});
      all_known = all_known && content != nullptr;
    }
    SL_TRY(ValueTypes types, infer_op(node.op, InferContext(inputs, node.outputs.size())));
    if (types.size() < node.outputs.size()) {
      return Error{ErrorCode::InvalidArgument, fmt::format("has {} outputs, the operator makes {}",
                                                           node.outputs.size(), types.size())};
    }
    types.resize(node.outputs.size());
    for (std::size_t i = 0; i < types.size(); ++i) {
      SL_TRY_STATUS(check_shape(types[i].shape));
      Value& value = graph_[node.outputs[i]];
      value.type = types[i];
      if (value.quantization) value.type->dtype = value.quantization->dtype;
    }
    return follow(node, inputs, types, all_known);
  }

 private:
  // Evaluates nodes that shapes are computed with: all inputs known, or Shape, results small.
  Status follow(const Node& node, std::span<const InferContext::Input> inputs,
                const ValueTypes& types, bool all_known) {
    const bool small = std::ranges::all_of(types, [](const ValueType& type) {
      return num_elements(type.shape) <= kMaxFollowedElements;
    });
    if (const auto* shape = std::get_if<Shape>(&node.op)) {
      remember(node.outputs[0], shape_content(*shape, inputs[0].type->shape));
      return {};
    }
    const bool small_inputs = std::ranges::all_of(inputs, [](const InferContext::Input& input) {
      return input.type == nullptr || num_elements(input.type->shape) <= kMaxFollowedElements;
    });
    if (!all_known || !small || !small_inputs || is_layer(node.op)) return {};
    std::vector<const Tensor*> contents;
    for (const auto& input : inputs) contents.push_back(input.content);
    auto results = evaluate_(node.op, contents, types);
    if (!results) {
      // A type no kernel does is only an error if its content is needed; the rule that needs it
      // says so.
      if (results.error().code == ErrorCode::Unsupported) return {};
      return std::move(results).error();
    }
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      remember(node.outputs[i], std::move((*results)[i]));
    }
    return {};
  }

  void remember(ValueId id, Tensor content) {
    followed_.push_back(std::move(content));
    content_[static_cast<std::size_t>(id)] = &followed_.back();
  }

  Graph& graph_;
  const Evaluator& evaluate_;
  std::deque<Tensor> followed_;  // content_ points into it
  std::vector<const Tensor*> content_;
};

// Makes every output of every node a value, so that executors and kernels know of no absent ones.
void add_absent_outputs(Graph& graph) {
  Names names = Names::of(graph.values);
  for (Node& node : graph.nodes) {
    for (ValueId& output : node.outputs) {
      if (output != kNoValue) continue;
      output = ValueId{static_cast<std::int32_t>(graph.values.size())};
      graph.values.push_back({.name = names.take(node.name)});
    }
  }
}

}  // namespace

Status infer_types(Graph& graph, std::span<const sluice::Shape> input_shapes,
                   const Evaluator& evaluate) {
  SL_ASSERT(input_shapes.size() == graph.inputs.size(), "one shape a graph input");
  add_absent_outputs(graph);
  for (Value& value : graph.values) {
    value.type.reset();
    if (value.constant) value.type = ValueType{value.constant->dtype(), value.constant->shape()};
  }
  for (std::size_t i = 0; i < input_shapes.size(); ++i) {
    Value& value = graph[graph.inputs[i].value];
    if (auto status = check_shape(input_shapes[i]); !status) {
      return std::move(status).error().at(fmt::format("input {}", sluice::quoted(value.name)));
    }
    value.type = ValueType{graph.inputs[i].dtype, input_shapes[i]};
  }
  Inference inference(graph, evaluate);
  for (const Node& node : graph.nodes) {
    if (auto status = inference.infer_node(node); !status) {
      return std::move(status).error().at(place_of(node));
    }
  }
  return {};
}

Result<std::vector<sluice::Shape>> input_shapes(const Graph& graph, std::int64_t batch,
                                                std::span<const ShapeOverride> overrides) {
  std::vector<sluice::Shape> result;
  for (const GraphInput& input : graph.inputs) {
    const std::string& name = graph[input.value].name;
    const auto match = std::ranges::find(overrides, name, &ShapeOverride::input);
    if (match != overrides.end()) {
      result.push_back(match->shape);
      continue;
    }
    sluice::Shape shape = input.declared_shape;
    if (!shape.empty()) {
      if (batch > 0) shape[0] = batch;
      if (shape[0] == kOpenDim) shape[0] = 1;
    }
    if (std::ranges::find(shape, kOpenDim) != shape.end()) {
      return Error{ErrorCode::InvalidArgument,
                   "leaves a dimension other than the first open; give its shape with "
                   "--input-shape NAME=1x3x224x224",
                   fmt::format("input {}", sluice::quoted(name))};
    }
    result.push_back(std::move(shape));
  }
  return result;
}

}  // namespace sluice::ir
