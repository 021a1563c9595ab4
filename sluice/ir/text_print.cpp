// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fmt/format.h>

#include "sluice/base/text.hpp"
#include "sluice/ir/enum_names.hpp"
#include "sluice/ir/text.hpp"
#include "sluice/ir/text_element.hpp"
#include "sluice/ir/text_fields.hpp"
#include "sluice/ir/text_reader.hpp"

namespace sluice::ir {
namespace {

std::string in_quotes(std::string_view text) {
  return sluice::quoted(text, text.size());
}

std::string type_text(DType dtype, const sluice::Shape& shape) {
  std::string dims;
  for (const std::int64_t dim : shape) {
    if (!dims.empty()) dims += 'x';
    dims += dim == kOpenDim ? "?" : std::to_string(dim);
  }
  return fmt::format("{}[{}]", sluice::to_string(dtype), dims);
}

// `float32[2] = [0.5, -1]`, the elements as `...` if there are more than `max_elements`.
std::string tensor_text(const Tensor& tensor, std::int64_t max_elements) {
  std::string text = type_text(tensor.dtype(), tensor.shape()) + " = [";
  if (tensor.num_elements() > max_elements) return text + "...]";
  for (std::int64_t i = 0; i < tensor.num_elements(); ++i) {
    if (i > 0) text += ", ";
    text += element_text(tensor, static_cast<std::size_t>(i));
  }
  return text + "]";
}

class AttributePrinter {
 public:
  explicit AttributePrinter(const PrintOptions& options) : options_(options) {}

  // `{name=value, …}` of the fields that differ from their default; empty if none does.
  template <class T>
  std::string fields(const T& value) const {
    std::string list;
    const auto append = [&](const auto& field) {
      const std::string text = this->text(value.*field.member);
      if (text == this->text(T{}.*field.member)) return;
      list += fmt::format("{}{}={}", list.empty() ? "" : ", ", field.name, text);
    };
    std::apply([&](const auto&... field) { (append(field), ...); },
               fields_of(static_cast<const T*>(nullptr)));
    return list.empty() ? "" : "{" + list + "}";
  }

  template <class T>
  std::string text(const T& value) const {
    if constexpr (std::is_same_v<T, bool>) {
      return value ? "true" : "false";
    } else if constexpr (std::is_same_v<T, DType>) {
      return std::string(sluice::to_string(value));
    } else if constexpr (std::is_enum_v<T>) {
      return std::string(enum_name(value));
    } else if constexpr (std::is_arithmetic_v<T>) {
      return fmt::format("{}", value);
    } else if constexpr (std::is_same_v<T, Tensor>) {
      // Files have nowhere else to put an attribute's elements.
      return tensor_text(value,
                         options_.data == nullptr ? options_.max_elements : value.num_elements());
    } else if constexpr (std::is_same_v<T, numeric::Grid>) {
      return std::visit([&](const auto& grid) { return grid_text(grid); }, value);
    } else if constexpr (kIsOptional<T>) {
      return value ? text(*value) : "none";
    } else if constexpr (kIsVector<T>) {
      std::string list;
      for (const auto& item : value) list += (list.empty() ? "" : ", ") + text(item);
      return "[" + list + "]";
    } else {
      const std::string list = fields(value);
      return list.empty() ? "{}" : list;
    }
  }

 private:
  template <class T>
  std::string grid_text(const T& grid) const {
    const std::string list = fields(grid);
    return fmt::format("{} {}", grid_name(&grid), list.empty() ? "{}" : list);
  }

  const PrintOptions& options_;
};

class GraphPrinter {
 public:
  GraphPrinter(const Graph& graph, const PrintOptions& options)
      : graph_(graph), options_(options) {}

  std::string print() {
    text_ = fmt::format("graph {} {{\n", in_quotes(graph_.name));
    for (const GraphInput& input : graph_.inputs) print_input(input);
    for (const Value& value : graph_.values) {
      if (!value.constant) continue;
      text_ += fmt::format("  const {}: {}{}\n", name(value), content_text(*value.constant),
                           quantization_text(value));
    }
    for (const Node& node : graph_.nodes) print_node(node);
    for (const ValueId id : graph_.outputs) text_ += fmt::format("  output {}\n", name(id));
    return text_ + "}\n";
  }

 private:
  static std::string name(const Value& value) {
    const bool bare = !value.name.empty() && std::ranges::all_of(value.name, is_name_char);
    return "%" + (bare ? value.name : in_quotes(value.name));
  }
  std::string name(ValueId id) const { return id == kNoValue ? "_" : name(graph_[id]); }

  std::string content_text(const Tensor& content) const {
    if (options_.data == nullptr || content.num_elements() <= options_.max_elements) {
      return tensor_text(content, options_.max_elements);
    }
    return fmt::format("{} = data[{}]", type_text(content.dtype(), content.shape()),
                       options_.data->add(content));
  }

  void print_input(const GraphInput& input) {
    const Value& value = graph_[input.value];
    text_ +=
        fmt::format("  input {}: {}", name(value), type_text(input.dtype, input.declared_shape));
    if (!value.type) {
      text_ += " as none";
    } else if (*value.type != ValueType{input.dtype, input.declared_shape}) {
      text_ += " as " + type_text(value.type->dtype, value.type->shape);
    }
    text_ += quantization_text(value) + '\n';
  }

  std::string quantization_text(const Value& value) const {
    if (!value.quantization) return "";
    return " quantized " + AttributePrinter(options_).text(*value.quantization);
  }

  void print_node(const Node& node) {
    std::string outputs;
    for (const ValueId id : node.outputs) {
      outputs += (outputs.empty() ? "" : ", ") + name(id);
      if (id == kNoValue) continue;
      if (graph_[id].type) {
        outputs += ": " + type_text(graph_[id].type->dtype, graph_[id].type->shape);
      }
      outputs += quantization_text(graph_[id]);
    }
    std::string inputs;
    for (const ValueId id : node.inputs) inputs += (inputs.empty() ? "" : ", ") + name(id);
    const std::string attributes = std::visit(
        [&](const auto& op) -> std::string {
          if constexpr (std::is_same_v<std::decay_t<decltype(op)>, std::monostate>) {
            return "";
          } else {
            return AttributePrinter(options_).fields(op);
          }
        },
        node.op);
    text_ += fmt::format("  {} = {}({}){}{}", outputs, op_name(node.op), inputs,
                         attributes.empty() ? "" : " ", attributes);
    if (node.arithmetic) text_ += fmt::format(" by {}", numeric::to_string(*node.arithmetic));
    if (node.accumulator) text_ += " in " + AttributePrinter(options_).text(*node.accumulator);
    text_ += fmt::format(" {}\n", in_quotes(node.name));
  }

  const Graph& graph_;
  const PrintOptions& options_;
  std::string text_;
};

}  // namespace

std::uint64_t DataSection::add(const Tensor& content) {
  const std::uint64_t blocks = (size_bytes_ + kAlignmentBytes - 1) / kAlignmentBytes;
  const std::uint64_t offset_bytes = blocks * kAlignmentBytes;
  size_bytes_ = offset_bytes + content.bytes().size();
  pieces_.push_back({offset_bytes, content});
  return offset_bytes;
}

std::string print(const Graph& graph, const PrintOptions& options) {
  return GraphPrinter(graph, options).print();
}

}  // namespace sluice::ir
