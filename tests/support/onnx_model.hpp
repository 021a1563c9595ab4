// SPDX-License-Identifier: Apache-2.0
// Builds small ONNX models for tests of the importer.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <onnx/onnx.pb.h>
#include <string>
#include <vector>

#include "sluice/import/onnx.hpp"

namespace sluice::test {

// One attribute; the constructors choose the kind.
struct OnnxAttribute {
  OnnxAttribute(const std::string& name, std::int64_t value) : proto(named(name)) {
    proto.set_type(::onnx::AttributeProto::INT);
    proto.set_i(value);
  }
  OnnxAttribute(const std::string& name, int value)
      : OnnxAttribute(name, static_cast<std::int64_t>(value)) {}
  OnnxAttribute(const std::string& name, float value) : proto(named(name)) {
    proto.set_type(::onnx::AttributeProto::FLOAT);
    proto.set_f(value);
  }
  OnnxAttribute(const std::string& name, const char* value) : proto(named(name)) {
    proto.set_type(::onnx::AttributeProto::STRING);
    proto.set_s(value);
  }
  OnnxAttribute(const std::string& name, const std::vector<std::int64_t>& values)
      : proto(named(name)) {
    proto.set_type(::onnx::AttributeProto::INTS);
    proto.mutable_ints()->Assign(values.begin(), values.end());
  }
  OnnxAttribute(const std::string& name, const std::vector<float>& values) : proto(named(name)) {
    proto.set_type(::onnx::AttributeProto::FLOATS);
    proto.mutable_floats()->Assign(values.begin(), values.end());
  }
  OnnxAttribute(const std::string& name, const ::onnx::TensorProto& value) : proto(named(name)) {
    proto.set_type(::onnx::AttributeProto::TENSOR);
    *proto.mutable_t() = value;
  }

  ::onnx::AttributeProto proto;

 private:
  static ::onnx::AttributeProto named(const std::string& name) {
    ::onnx::AttributeProto proto;
    proto.set_name(name);
    return proto;
  }
};

class OnnxModel {
 public:
  explicit OnnxModel(std::int64_t opset = 13) {
    proto_.set_ir_version(8);
    proto_.add_opset_import()->set_version(opset);
    proto_.mutable_graph()->set_name("test");
  }

  // The message, for what the functions below do not say.
  ::onnx::ModelProto& proto() { return proto_; }
  ::onnx::GraphProto& graph() { return *proto_.mutable_graph(); }

  // A negative size is a symbolic dimension.
  OnnxModel& input(const std::string& name, const std::vector<std::int64_t>& shape,
                   int data_type = ::onnx::TensorProto::FLOAT) {
    auto& value = *graph().add_input();
    value.set_name(name);
    auto& type = *value.mutable_type()->mutable_tensor_type();
    type.set_elem_type(data_type);
    type.mutable_shape();
    for (const std::int64_t size : shape) {
      auto& dim = *type.mutable_shape()->add_dim();
      if (size < 0) {
        dim.set_dim_param("N");
      } else {
        dim.set_dim_value(size);
      }
    }
    return *this;
  }
  OnnxModel& output(const std::string& name) {
    graph().add_output()->set_name(name);
    return *this;
  }
  ::onnx::TensorProto& initializer(const std::string& name, const std::vector<std::int64_t>& shape,
                                   int data_type = ::onnx::TensorProto::FLOAT) {
    auto& tensor = *graph().add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(data_type);
    tensor.mutable_dims()->Assign(shape.begin(), shape.end());
    return tensor;
  }
  ::onnx::NodeProto& node(const std::string& op_type, const std::vector<std::string>& inputs,
                          const std::vector<std::string>& outputs,
                          const std::vector<OnnxAttribute>& attributes = {}) {
    auto& node = *graph().add_node();
    node.set_op_type(op_type);
    node.set_name(op_type + std::to_string(graph().node_size()));
    for (const std::string& name : inputs) node.add_input(name);
    for (const std::string& name : outputs) node.add_output(name);
    for (const OnnxAttribute& attribute : attributes) *node.add_attribute() = attribute.proto;
    return node;
  }

  [[nodiscard]] std::string bytes() const { return proto_.SerializeAsString(); }
  [[nodiscard]] Result<ir::Graph> read() const {
    const std::string serialized = bytes();
    return importer::read_onnx(std::as_bytes(std::span(serialized)));
  }

 private:
  ::onnx::ModelProto proto_;
};

// A model of one node: inputs "x0", "x1", … of shape 1x4x8x8 (empty names stay absent), outputs
// "y0", ….
inline OnnxModel one_node(std::int64_t opset, const std::string& op_type, std::size_t num_inputs,
                          const std::vector<OnnxAttribute>& attributes = {},
                          std::size_t num_outputs = 1) {
  OnnxModel model(opset);
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  for (std::size_t i = 0; i < num_inputs; ++i) {
    inputs.push_back("x" + std::to_string(i));
    model.input(inputs.back(), {1, 4, 8, 8});
  }
  for (std::size_t i = 0; i < num_outputs; ++i) {
    outputs.push_back("y" + std::to_string(i));
    model.output(outputs.back());
  }
  model.node(op_type, inputs, outputs, attributes);
  return model;
}

// That model read: its last node, and the constants among its inputs.
struct ReadNode {
  ir::Graph graph;
  std::string error;  // of reading; then there is no node

  [[nodiscard]] const ir::Node& node() const { return graph.nodes.back(); }
  [[nodiscard]] std::size_t num_inputs() const { return node().inputs.size(); }
  [[nodiscard]] std::optional<Tensor> constant(std::size_t i) const {
    if (i >= num_inputs() || node().inputs[i] == ir::kNoValue) return std::nullopt;
    return graph[node().inputs[i]].constant;
  }
  template <class T>
  [[nodiscard]] const T& op() const {
    return std::get<T>(node().op);
  }
};

inline ReadNode read_node(const OnnxModel& model) {
  auto graph = model.read();
  if (!graph) return {{}, graph.error().text()};
  return {*std::move(graph), {}};
}

inline ReadNode read_one(std::int64_t opset, const std::string& op_type, std::size_t num_inputs,
                         const std::vector<OnnxAttribute>& attributes = {},
                         std::size_t num_outputs = 1) {
  return read_node(one_node(opset, op_type, num_inputs, attributes, num_outputs));
}

inline Tensor integers(const std::vector<std::int64_t>& values) {
  return Tensor::from<std::int64_t>({static_cast<std::int64_t>(values.size())}, values);
}

}  // namespace sluice::test
