// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fmt/format.h>
#include <unordered_map>
#include <unordered_set>

#include "sluice/base/text.hpp"
#include "sluice/import/onnx.hpp"
#include "sluice/import/onnx/convert.hpp"
#include "sluice/import/onnx/parse.hpp"
#include "sluice/ir/names.hpp"

namespace sluice::importer {
namespace {

using onnx::Model;

// Builds the graph.
class GraphBuilder final : public onnx::GraphSite {
 public:
  explicit GraphBuilder(Model model) : model_(std::move(model)) {}

  Result<ir::Graph> build() && {
    graph_.name = model_.graph_name;
    SL_TRY_STATUS(add_defined_values());
    for (const onnx::Node& node : model_.nodes) {
      if (!node.name.empty()) node_names_.reserve(node.name);
      for (const std::string& output : node.outputs) value_names_.reserve(output);
      used_.insert(node.inputs.begin(), node.inputs.end());
    }
    used_.insert(model_.outputs.begin(), model_.outputs.end());
    std::unordered_set<std::string_view> seen;
    for (const onnx::Node& node : model_.nodes) {
      const bool own_name = !node.name.empty() && seen.insert(node.name).second;
      if (auto status = convert_node(node, own_name); !status) {
        return std::move(status).error().at(onnx::place_of(node));
      }
    }
    SL_TRY_STATUS(check_all_defined());
    SL_TRY_STATUS(add_outputs());
    SL_TRY_STATUS(set_arithmetics());
    SL_TRY_STATUS(ir::sort_nodes(graph_));
    return std::move(graph_);
  }

  ir::ValueId add_constant(const std::string& name, Tensor content) override {
    const ir::ValueId id = new_value(value_names_.take(name));
    set_content(id, std::move(content));
    return id;
  }

  ir::ValueId add_node(const std::string& name, ir::Op op,
                       std::vector<ir::ValueId> inputs) override {
    std::string unique = node_names_.take(name);
    const ir::ValueId output = new_value(value_names_.take(unique));
    graph_.nodes.push_back({std::move(unique), std::move(op), std::move(inputs), {output}});
    return output;
  }

  Result<ir::ValueId> define_value(const std::string& value_name, const std::string& name,
                                   ir::Op op, std::vector<ir::ValueId> inputs) override {
    SL_TRY(const ir::ValueId output, define(value_name));
    graph_.nodes.push_back({node_names_.take(name), std::move(op), std::move(inputs), {output}});
    return output;
  }

  bool is_used(const std::string& value_name) const override { return used_.contains(value_name); }

  const Tensor* content(ir::ValueId id) const override {
    const auto& constant = graph_[id].constant;
    return constant ? &*constant : nullptr;
  }

  std::optional<std::size_t> rank(ir::ValueId id) const override {
    if (const auto& constant = graph_[id].constant) return constant->rank();
    const auto input = std::ranges::find(graph_.inputs, id, &ir::GraphInput::value);
    if (input == graph_.inputs.end()) return std::nullopt;
    return input->declared_shape.size();
  }

 private:
  ir::ValueId new_value(std::string name) {
    graph_.values.push_back({std::move(name), std::nullopt, std::nullopt});
    defined_.push_back(true);
    return ir::ValueId{static_cast<std::int32_t>(graph_.values.size() - 1)};
  }

  void set_content(ir::ValueId id, Tensor content) {
    graph_[id].type = ir::ValueType{content.dtype(), content.shape()};
    graph_[id].constant = std::move(content);
  }

  // The value of that name in the file; nodes may read it before it is defined.
  ir::ValueId mention(const std::string& name) {
    if (name.empty()) return ir::kNoValue;
    const auto [entry, is_new] = ids_.try_emplace(name, ir::kNoValue);
    if (is_new) {
      entry->second = new_value(name);
      defined_.back() = false;
      value_names_.reserve(name);
    }
    return entry->second;
  }

  Result<ir::ValueId> define(const std::string& name) {
    const ir::ValueId id = mention(name);
    if (id == ir::kNoValue) return Error{ErrorCode::Verify, "has a value without a name"};
    const auto index = static_cast<std::size_t>(id);
    if (defined_[index]) {
      return Error{ErrorCode::Verify,
                   fmt::format("value {} is made a second time", sluice::quoted(name))};
    }
    defined_[index] = true;
    return id;
  }

  Status add_defined_values() {
    for (onnx::Initializer& initializer : model_.initializers) {
      SL_TRY(const ir::ValueId id, define(initializer.name));
      set_content(id, std::move(initializer.content));
    }
    for (onnx::Input& input : model_.inputs) {
      SL_TRY(const ir::ValueId id, define(input.name));
      graph_.inputs.push_back({id, input.dtype, std::move(input.shape)});
    }
    return {};
  }

  Status convert_node(const onnx::Node& source, bool own_name) {
    std::vector<ir::ValueId> inputs;
    inputs.reserve(source.inputs.size());
    for (const std::string& name : source.inputs) inputs.push_back(mention(name));
    onnx::NodeReader reader(source, model_.opset, std::move(inputs), *this);
    if (source.domain.empty() && source.op_type == "Constant")
      return convert_constant(source, reader);

    ir::Node node;
    SL_TRY(node.op, onnx::convert_node(source, reader));
    for (std::size_t i = 0; i < source.outputs.size(); ++i) {
      node.outputs.push_back(ir::kNoValue);
      if (source.outputs[i].empty() || reader.has_own_node(i)) continue;
      SL_TRY(node.outputs.back(), define(source.outputs[i]));
    }
    node.inputs = std::move(reader).take_inputs();
    for (auto* ids : {&node.inputs, &node.outputs}) {
      while (!ids->empty() && ids->back() == ir::kNoValue) ids->pop_back();
    }
    node.name = own_name ? source.name
                         : node_names_.take(source.name.empty() ? source.op_type : source.name);
    graph_.nodes.push_back(std::move(node));
    return {};
  }

  Status convert_constant(const onnx::Node& source, onnx::NodeReader& reader) {
    SL_TRY(Tensor content, onnx::constant_content(reader));
    SL_TRY_STATUS(reader.check_all_read());
    if (source.outputs.size() != 1) {
      return Error{ErrorCode::Verify,
                   fmt::format("has {} outputs, one is expected", source.outputs.size())};
    }
    SL_TRY(const ir::ValueId id, define(source.outputs.front()));
    set_content(id, std::move(content));
    return {};
  }

  Status check_all_defined() const {
    for (const ir::Node& node : graph_.nodes) {
      for (const ir::ValueId id : node.inputs) {
        if (id == ir::kNoValue || defined_[static_cast<std::size_t>(id)]) continue;
        return Error{ErrorCode::Verify,
                     fmt::format("reads {}, which is no input, no initializer and made by no node",
                                 sluice::quoted(graph_[id].name)),
                     ir::place_of(node)};
      }
    }
    return {};
  }

  Status add_outputs() {
    for (const std::string& name : model_.outputs) {
      const auto entry = ids_.find(name);
      if (entry == ids_.end() || !defined_[static_cast<std::size_t>(entry->second)]) {
        return Error{ErrorCode::Verify, "is no input, no initializer and made by no node",
                     fmt::format("output {}", sluice::quoted(name))};
      }
      graph_.outputs.push_back(entry->second);
    }
    if (graph_.outputs.empty()) {
      return Error{ErrorCode::Verify, "the graph has no outputs, so there is nothing to compute"};
    }
    return {};
  }

  // How results are rounded, as our own files say: by all nodes that quantize, or by one.
  Status set_arithmetics() {
    constexpr std::string_view kForAll = "sluice.arithmetic";
    constexpr std::string_view kForOne = "sluice.arithmetic/";
    std::unordered_map<std::string_view, ir::Node*> by_name;
    for (ir::Node& node : graph_.nodes) by_name.emplace(node.name, &node);
    std::optional<numeric::Arithmetic> for_all;
    for (const onnx::Metadata& entry : model_.metadata) {
      const bool is_for_one = entry.key.starts_with(kForOne);
      if (entry.key != kForAll && !is_for_one) continue;
      const auto place = [&] { return fmt::format("metadata {}", sluice::quoted(entry.key)); };
      const auto arithmetic = numeric::arithmetic_from_string(entry.value);
      if (!arithmetic) return Error{ErrorCode::Parse, arithmetic.error().message, place()};
      if (!is_for_one) {
        for_all = *arithmetic;
        continue;
      }
      const auto node = by_name.find(std::string_view(entry.key).substr(kForOne.size()));
      if (node == by_name.end()) {
        return Error{ErrorCode::Parse,
                     "speaks of a node that the graph does not have; remove the entry", place()};
      }
      node->second->arithmetic = *arithmetic;
    }
    for (ir::Node& node : graph_.nodes) {
      if (ir::is<ir::QuantizeLinear>(node.op) && !node.arithmetic) node.arithmetic = for_all;
    }
    return {};
  }

  Model model_;
  ir::Graph graph_;
  std::unordered_map<std::string, ir::ValueId> ids_;  // by the file's names
  std::vector<bool> defined_;                         // for each value: something makes it
  std::unordered_set<std::string_view> used_;         // names in model_ that something reads
  ir::Names value_names_;
  ir::Names node_names_;
};

Result<ir::Graph> build(Result<Model> model) {
  if (!model) return std::move(model).error();
  return GraphBuilder(*std::move(model)).build();
}

}  // namespace

Result<ir::Graph> read_onnx(const std::filesystem::path& path) {
  SL_TRY(const MappedFile file, MappedFile::open(path));
  onnx::ExternalFiles files(path.parent_path());
  auto graph = build(onnx::parse_model(file, files));
  if (!graph) return std::move(graph).error().at(path.string());
  return graph;
}

Result<ir::Graph> read_onnx(std::span<const std::byte> bytes,
                            const std::optional<std::filesystem::path>& directory) {
  onnx::ExternalFiles files(directory);
  return build(onnx::parse_model(bytes, files));
}

}  // namespace sluice::importer
