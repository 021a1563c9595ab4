// SPDX-License-Identifier: Apache-2.0
#include "sluice/import/tflite/builder.hpp"

#include <algorithm>

namespace sluice::importer::tflite {

bool Builder::spend(std::size_t num_bytes) {
  exhausted_ = exhausted_ || num_bytes > bytes_left_;
  if (!exhausted_) bytes_left_ -= num_bytes;
  return !exhausted_;
}

ir::ValueId Builder::add_value(std::string_view name) {
  if (!spend(name.size())) name = {};
  const auto id = ir::ValueId{static_cast<std::int32_t>(graph_.values.size())};
  std::string taken = value_names_.take(name.empty() ? "value" : name);
  value_by_name_[taken] = id;
  graph_.values.push_back({.name = std::move(taken)});
  return id;
}

ir::ValueId Builder::input(std::string_view name, DType dtype, Shape declared_shape) {
  const ir::ValueId id = add_value(name);
  graph_.inputs.push_back({id, dtype, std::move(declared_shape)});
  named_.insert(id);
  return id;
}

ir::ValueId Builder::constant(std::string_view name, Tensor content) {
  spend(content.bytes().size());
  const ir::ValueId id = add_value(name);
  graph_[id].type = ir::ValueType{content.dtype(), content.shape()};
  graph_[id].constant = std::move(content);
  named_.insert(id);
  return id;
}

void Builder::set_quantization(ir::ValueId value, numeric::Quantization quantization) {
  spend(quantization.scales.size() * sizeof(float) * 3);
  graph_[value].quantization = std::move(quantization);
  const auto producer = producer_.find(value);
  if (producer == producer_.end()) return;
  ir::Node& node = graph_.nodes[producer->second];
  if (ir::is_layout(node.op)) return;
  node.arithmetic = ir::is<ir::Gemm>(node.op) ? numeric::Arithmetic::TfliteFloat64
                                              : numeric::Arithmetic::TfliteDouble;
}

std::vector<ir::ValueId> Builder::node(std::string_view name, ir::Op op,
                                       std::vector<ir::ValueId> inputs, std::size_t num_outputs) {
  if (!spend(name.size() + inputs.size() * sizeof(ir::ValueId))) name = {};
  std::string node_name = node_names_.take(name.empty() ? ir::op_name(op) : name);
  std::vector<ir::ValueId> outputs;
  for (std::size_t i = 0; i < num_outputs; ++i) {
    outputs.push_back(add_value(node_name));
    producer_[outputs.back()] = graph_.nodes.size();
  }
  graph_.nodes.push_back({std::move(node_name), std::move(op), std::move(inputs), outputs});
  return outputs;
}

ir::ValueId Builder::transposed(ir::ValueId value, const Permutation& permutation) {
  if (const auto origin = transpose_of_.find(value); origin != transpose_of_.end()) {
    const auto [source, first] = origin->second;
    return transposed(source, compose(first, permutation));
  }
  if (is_identity(permutation)) return value;
  if (const auto known = transposes_.find({value, permutation}); known != transposes_.end()) {
    return known->second;
  }
  const std::string name = graph_[value].name + "/transposed";
  ir::ValueId result = value;
  if (const Tensor* tensor = content(value); tensor == nullptr) {
    result = node(name, ir::Transpose{permutation}, {value}, 1)[0];
    transpose_of_.emplace(result, std::pair{value, permutation});
  } else if (spend(tensor->bytes().size())) {
    result = constant(name, permuted(*tensor, permutation));
  }
  if (auto quantization = graph_[value].quantization; quantization && result != value) {
    if (quantization->is_per_channel()) {
      quantization->axis = std::ranges::find(permutation, quantization->axis) - permutation.begin();
    }
    set_quantization(result, *std::move(quantization));
  }
  transposes_.emplace(std::pair{value, permutation}, result);
  return result;
}

const Tensor* Builder::content(ir::ValueId value) const {
  const auto& constant = graph_[value].constant;
  return constant ? &*constant : nullptr;
}

void Builder::name_after_tensor(ir::ValueId value, std::string_view name) {
  if (name.empty() || !spend(2 * name.size()) || !named_.insert(value).second) return;
  const std::string wanted(name);
  if (const auto holder = value_by_name_.find(wanted); holder != value_by_name_.end()) {
    const ir::ValueId other = holder->second;
    graph_[other].name = value_names_.take(wanted);
    value_by_name_[graph_[other].name] = other;
  } else {
    value_names_.reserve(wanted);
  }
  value_by_name_.erase(graph_[value].name);
  value_names_.give_back(graph_[value].name);
  graph_[value].name = wanted;
  value_by_name_[wanted] = value;

  const auto producer = producer_.find(value);
  if (producer == producer_.end()) return;
  ir::Node& node = graph_.nodes[producer->second];
  if (node.outputs.size() > 1 || node_names_.taken(wanted)) return;
  node_names_.give_back(node.name);
  node.name = node_names_.take(wanted);
}

ir::Graph Builder::finish(std::string_view name, const std::vector<ir::ValueId>& outputs) {
  graph_.name = name;
  graph_.outputs = outputs;
  ir::remove_unused(graph_);
  return std::exchange(graph_, {});
}

}  // namespace sluice::importer::tflite
