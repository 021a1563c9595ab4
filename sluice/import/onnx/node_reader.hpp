// SPDX-License-Identifier: Apache-2.0
// NodeReader: what a converter sees of one ONNX node: its attributes, typed, and its inputs, which
// it may add to.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/import/onnx/model.hpp"
#include "sluice/ir/graph.hpp"

namespace sluice::importer::onnx {

// The graph being built: what converters add to it and ask of it.
class GraphSite {
 public:
  virtual ~GraphSite() = default;
  // A new constant value; `name` is made unique.
  virtual ir::ValueId add_constant(const std::string& name, Tensor content) = 0;
  // A new node with one new output; `name` is made unique.
  virtual ir::ValueId add_node(const std::string& name, ir::Op op,
                               std::vector<ir::ValueId> inputs) = 0;
  // The same, and the output is the file's value of that name, which nothing else may make.
  virtual Result<ir::ValueId> define_value(const std::string& value_name, const std::string& name,
                                           ir::Op op, std::vector<ir::ValueId> inputs) = 0;
  // Whether a node reads the value of that name in the file, or it is an output of the graph.
  [[nodiscard]] virtual bool is_used(const std::string& value_name) const = 0;
  // The content of a constant, or null.
  [[nodiscard]] virtual const Tensor* content(ir::ValueId id) const = 0;
  // How many dimensions a constant or a graph input has; nothing for what nodes make.
  [[nodiscard]] virtual std::optional<std::size_t> rank(ir::ValueId id) const = 0;
};

class NodeReader {
 public:
  NodeReader(const Node& node, std::int64_t opset, std::vector<ir::ValueId> inputs, GraphSite& site)
      : node_(node),
        opset_(opset),
        inputs_(std::move(inputs)),
        site_(site),
        was_read_(node.attributes.size(), false) {}

  [[nodiscard]] std::int64_t opset() const { return opset_; }
  [[nodiscard]] std::size_t num_outputs() const { return node_.outputs.size(); }
  [[nodiscard]] bool is_output_used(std::size_t i) const {
    return i < num_outputs() && !node_.outputs[i].empty() && site_.is_used(node_.outputs[i]);
  }
  [[nodiscard]] std::size_t num_inputs() const { return inputs_.size(); }
  [[nodiscard]] bool has_input(std::size_t i) const {
    return i < inputs_.size() && inputs_[i] != ir::kNoValue;
  }
  // Input i, or kNoValue.
  [[nodiscard]] ir::ValueId input(std::size_t i) const {
    return i < inputs_.size() ? inputs_[i] : ir::kNoValue;
  }
  // Content of input i if it is a constant, else null.
  [[nodiscard]] const Tensor* constant_input(std::size_t i) const {
    return has_input(i) ? site_.content(inputs_[i]) : nullptr;
  }
  // Input i becomes a new constant, called `name` after the node; Parse if there is one already
  // (the file mixes the forms of two opsets).
  [[nodiscard]] Status set_input(std::size_t i, std::string_view name, Tensor content);
  // Input `from` becomes input `to`, which must be absent.
  void move_input(std::size_t from, std::size_t to);
  void set_inputs(std::vector<ir::ValueId> inputs) { inputs_ = std::move(inputs); }
  [[nodiscard]] std::optional<std::size_t> input_rank(std::size_t i) const {
    return has_input(i) ? site_.rank(inputs_[i]) : std::nullopt;
  }
  // A constant, or a node before this one, called `name` after it.
  [[nodiscard]] ir::ValueId add_constant(std::string_view name, Tensor content);
  [[nodiscard]] ir::ValueId add_node(std::string_view name, ir::Op op,
                                     std::vector<ir::ValueId> inputs);
  // The same, and it makes output i, which then is none of the operator's.
  [[nodiscard]] Result<ir::ValueId> add_output(std::size_t i, std::string_view name, ir::Op op,
                                               std::vector<ir::ValueId> inputs);
  [[nodiscard]] bool has_own_node(std::size_t output) const {
    return output < has_own_node_.size() && has_own_node_[output];
  }
  // A chain of `op`, from the left, takes the place of all inputs but the last.
  void chain_inputs(const ir::Op& op);
  // Input i becomes absent.
  void drop_input(std::size_t i) { inputs_[i] = ir::kNoValue; }

  // The attribute, or nothing if the node does not have it. T is float, std::int64_t, bool (an
  // integer 0 or 1), std::string, Tensor, std::vector<float> or std::vector<std::int64_t>. Parse
  // for an attribute of another type.
  template <class T>
  [[nodiscard]] Result<std::optional<T>> find(std::string_view name);
  // The same with the operator's default.
  template <class T>
  [[nodiscard]] Result<T> get(std::string_view name, T fallback) {
    SL_TRY(std::optional<T> value, find<T>(name));
    return value ? *std::move(value) : std::move(fallback);
  }
  // The same for an attribute the operator cannot do without.
  template <class T>
  [[nodiscard]] Result<T> require(std::string_view name) {
    SL_TRY(std::optional<T> value, find<T>(name));
    if (!value) return missing(name);
    return *std::move(value);
  }
  // A word that stands for a value; Unsupported for one not in the list, naming those that are.
  template <class Enum>
  using Words = std::span<const std::pair<std::string_view, Enum>>;
  template <class Enum>
  [[nodiscard]] Result<Enum> choice(std::string_view name, Words<Enum> words, Enum fallback) {
    SL_TRY(const std::optional<std::string> word, find<std::string>(name));
    if (!word) return fallback;
    std::vector<std::string_view> known;
    for (const auto& [text, value] : words) {
      if (text == *word) return value;
      known.push_back(text);
    }
    return unknown_word(name, *word, known);
  }
  // Before opset `since` the integers are an attribute, and become input i; from it on they are
  // that input already.
  [[nodiscard]] Status integers_to_input(std::string_view name, std::int64_t since, std::size_t i);

  // Refuses an attribute no converter asked for: what it means is not known, so ignoring it could
  // change results.
  [[nodiscard]] Status check_all_read() const;

  [[nodiscard]] std::vector<ir::ValueId> take_inputs() && { return std::move(inputs_); }

 private:
  [[nodiscard]] const std::string& base_name() const {
    return node_.name.empty() ? node_.op_type : node_.name;
  }
  static Error missing(std::string_view name);
  static Error unknown_word(std::string_view name, std::string_view word,
                            std::span<const std::string_view> known);

  const Node& node_;
  std::int64_t opset_;
  std::vector<ir::ValueId> inputs_;
  GraphSite& site_;
  std::vector<bool> was_read_;
  std::vector<bool> has_own_node_;  // by output
};

}  // namespace sluice::importer::onnx
