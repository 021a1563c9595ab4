// SPDX-License-Identifier: Apache-2.0
#include "sluice/import/onnx/model.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <unordered_set>

#include "sluice/base/text.hpp"
#include "sluice/import/onnx.hpp"
#include "sluice/import/onnx/dtype.hpp"
#include "sluice/import/onnx/proto.hpp"
#include "sluice/ir/graph.hpp"

namespace sluice::importer::onnx {
namespace {

bool is_onnx_domain(const std::string& domain) {
  return domain.empty() || domain == "ai.onnx";
}

// The version of ONNX's own operators; other domains may be declared, their nodes are refused.
Result<std::int64_t> opset_of(const ::onnx::ModelProto& message) {
  std::optional<std::int64_t> opset;
  for (const auto& import : message.opset_import()) {
    if (is_onnx_domain(import.domain())) opset = import.version();
  }
  if (!opset && message.opset_import_size() > 0) {
    return Error{
        ErrorCode::Unsupported,
        fmt::format("has only operators of the domain {}; export the model with ONNX's own",
                    sluice::quoted(message.opset_import(0).domain()))};
  }
  if (!opset) {
    return Error{ErrorCode::Parse, "imports no ONNX operator set; save it with a newer exporter"};
  }
  // Before kOldestOpset it depends on the operator; convert_node knows.
  if (*opset < 1 || *opset > kNewestOpset) {
    return Error{ErrorCode::Unsupported,
                 fmt::format("opset {} is not supported, {} to {} are; convert the model with "
                             "onnx.version_converter",
                             *opset, kOldestOpset, kNewestOpset)};
  }
  return *opset;
}

// What kind of attribute it is; files of IR version 1 do not say, there the filled field tells.
::onnx::AttributeProto::AttributeType kind_of(const ::onnx::AttributeProto& message) {
  using Proto = ::onnx::AttributeProto;
  if (message.type() != Proto::UNDEFINED) return message.type();
  if (message.has_f()) return Proto::FLOAT;
  if (message.has_i()) return Proto::INT;
  if (message.has_s()) return Proto::STRING;
  if (message.has_t()) return Proto::TENSOR;
  if (message.floats_size() > 0) return Proto::FLOATS;
  if (message.ints_size() > 0) return Proto::INTS;
  if (message.strings_size() > 0) return Proto::STRINGS;
  return Proto::UNDEFINED;
}

Result<Attribute> take_attribute(::onnx::AttributeProto& message, ExternalFiles& files) {
  using Proto = ::onnx::AttributeProto;
  Attribute attribute{std::move(*message.mutable_name()), ForeignContent{"reference"}};
  if (!message.ref_attr_name().empty()) return attribute;
  switch (kind_of(message)) {
    case Proto::FLOAT:
      attribute.content = message.f();
      break;
    case Proto::INT:
      attribute.content = std::int64_t{message.i()};
      break;
    case Proto::STRING:
      attribute.content = std::move(*message.mutable_s());
      break;
    case Proto::TENSOR: {
      auto tensor = take_tensor(*message.mutable_t(), files);
      if (!tensor) {
        return std::move(tensor).error().at(
            fmt::format("attribute {}", sluice::quoted(attribute.name)));
      }
      attribute.content = *std::move(tensor);
      break;
    }
    case Proto::FLOATS:
      attribute.content = std::vector<float>(message.floats().begin(), message.floats().end());
      break;
    case Proto::INTS:
      attribute.content = std::vector<std::int64_t>(message.ints().begin(), message.ints().end());
      break;
    case Proto::STRINGS:
      attribute.content =
          std::vector<std::string>(message.strings().begin(), message.strings().end());
      break;
    case Proto::GRAPH:
    case Proto::GRAPHS:
      attribute.content = ForeignContent{"graph"};
      break;
    case Proto::SPARSE_TENSOR:
    case Proto::SPARSE_TENSORS:
      attribute.content = ForeignContent{"sparse tensor"};
      break;
    default:
      attribute.content = ForeignContent{"value of unknown type"};
      break;
  }
  return attribute;
}

Result<Node> take_node(::onnx::NodeProto& message, ExternalFiles& files) {
  Node node;
  node.name = std::move(*message.mutable_name());
  node.op_type = std::move(*message.mutable_op_type());
  if (!is_onnx_domain(message.domain())) node.domain = std::move(*message.mutable_domain());
  node.inputs.assign(message.input().begin(), message.input().end());
  node.outputs.assign(message.output().begin(), message.output().end());
  for (auto& attribute : *message.mutable_attribute()) {
    auto taken = take_attribute(attribute, files);
    if (!taken) return std::move(taken).error().at(place_of(node));
    node.attributes.push_back(*std::move(taken));
  }
  return node;
}

Result<Initializer> take_initializer(::onnx::TensorProto& message, ExternalFiles& files) {
  std::string name = std::move(*message.mutable_name());
  auto content = take_tensor(message, files);
  if (!content)
    return std::move(content).error().at(fmt::format("initializer {}", sluice::quoted(name)));
  return Initializer{std::move(name), *std::move(content)};
}

Result<Input> input_of(const ::onnx::ValueInfoProto& message) {
  if (!message.type().has_tensor_type()) {
    return Error{ErrorCode::Unsupported,
                 "is no tensor; sequences, maps, optional and sparse values are not supported"};
  }
  const auto& type = message.type().tensor_type();
  SL_TRY(const DType dtype, dtype_of(type.elem_type()));
  if (!type.has_shape()) {
    return Error{ErrorCode::Unsupported,
                 "declares no shape; export the model with at least the number of dimensions"};
  }
  Input input{message.name(), dtype, {}};
  for (const auto& dimension : type.shape().dim()) {
    const std::int64_t size = dimension.has_dim_value() ? dimension.dim_value() : ir::kOpenDim;
    const bool is_open = size == -1 || size == 0;  // exporters write these for "any"
    input.shape.push_back(is_open ? ir::kOpenDim : size);
    if (!is_open && (size < 0 || size > kMaxTensorElements)) {
      return Error{ErrorCode::Parse, fmt::format("has a dimension of {}", size)};
    }
  }
  return input;
}

Status take_inputs(const ::onnx::GraphProto& graph, Model& model) {
  std::unordered_set<std::string_view> constants;
  for (const Initializer& initializer : model.initializers) constants.insert(initializer.name);
  for (const auto& message : graph.input()) {
    if (constants.contains(message.name())) continue;  // a default; before IR version 4 all are
    auto input = input_of(message);
    if (!input) {
      return std::move(input).error().at(fmt::format("input {}", sluice::quoted(message.name())));
    }
    model.inputs.push_back(*std::move(input));
  }
  return {};
}

}  // namespace

std::string place_of(const Node& node) {
  const std::string_view name =
      node.name.empty() && !node.outputs.empty() ? node.outputs.front() : node.name;
  std::string op_type = sluice::quoted(node.op_type);  // escaped, but printed without its quotes
  op_type = op_type.substr(1, op_type.size() - 2);
  return fmt::format("node {} ({})", sluice::quoted(name), op_type);
}

Result<Model> take_model(::onnx::ModelProto& message, ExternalFiles& files) {
  Model model;
  SL_TRY(model.opset, opset_of(message));
  ::onnx::GraphProto& graph = *message.mutable_graph();
  model.graph_name = std::move(*graph.mutable_name());
  if (graph.sparse_initializer_size() > 0) {
    return Error{ErrorCode::Unsupported,
                 "sparse initializers are not supported; store the weights dense"};
  }
  for (auto& initializer : *graph.mutable_initializer()) {
    SL_TRY(Initializer taken, take_initializer(initializer, files));
    model.initializers.push_back(std::move(taken));
  }
  SL_TRY_STATUS(take_inputs(graph, model));
  for (auto& node : *graph.mutable_node()) {
    SL_TRY(Node taken, take_node(node, files));
    model.nodes.push_back(std::move(taken));
  }
  for (const auto& output : graph.output()) model.outputs.push_back(output.name());
  for (const auto& entry : message.metadata_props()) {
    model.metadata.push_back({entry.key(), entry.value()});
  }
  return model;
}

}  // namespace sluice::importer::onnx
