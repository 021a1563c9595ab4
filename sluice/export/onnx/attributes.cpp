// SPDX-License-Identifier: Apache-2.0
#include "sluice/export/onnx/attributes.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "sluice/export/onnx/tensor.hpp"
#include "sluice/ir/enum_names.hpp"
#include "sluice/ir/text_fields.hpp"

namespace sluice::exporter::onnx {
namespace {

using AttributeProto = ::onnx::AttributeProto;

// A field that ONNX calls by another name, in one operator or (empty) in all that have it.
struct Spelling {
  std::string_view op;
  std::string_view field;
  std::string_view attribute;    // empty: no attribute
  std::string_view true_word{};  // for a flag that ONNX writes as a word
};

constexpr std::array kSpellings{
    Spelling{"", "kernel", "kernel_shape"},
    Spelling{"", "trans_a", "transA"},
    Spelling{"", "trans_b", "transB"},
    Spelling{"", "keep_dims", "keepdims"},
    Spelling{"", "permutation", "perm"},
    Spelling{"", "allow_zero", "allowzero"},
    Spelling{"", "column_major_indices", "storage_order"},
    Spelling{"", "coordinate_mode", "coordinate_transformation_mode"},
    Spelling{"", "aspect_ratio_policy", "keep_aspect_ratio_policy"},
    Spelling{"", "power_rounding", "round_mode"},
    Spelling{"", "column_row_depth", "mode", "CRD"},
    Spelling{"", "tanh_approximation", "approximate", "tanh"},
    Spelling{"DepthToSpace", "block_size", "blocksize"},
    Spelling{"SpaceToDepth", "block_size", "blocksize"},
    Spelling{"GroupNormalization", "scale_per_group", ""},
    Spelling{"Softmax", "flatten", ""},
    Spelling{"Dropout", "ratio", ""},
};

// Fields that must be written whatever they are.
struct Required {
  std::string_view op;
  std::string_view field;
};

constexpr std::array kRequired{
    Required{"AveragePool", "kernel"},
    Required{"MaxPool", "kernel"},
    Required{"LpPool", "kernel"},
    Required{"Concat", "axis"},
    Required{"DepthToSpace", "block_size"},
    Required{"SpaceToDepth", "block_size"},
    Required{"GroupNormalization", "num_groups"},
    Required{"Cast", "to"},
};

// HalfPixel → half_pixel, SAME_UPPER if upper.
std::string word_of(std::string_view enumerator, bool is_upper) {
  std::string word;
  for (const char c : enumerator) {
    const bool begins = c >= 'A' && c <= 'Z';
    if (begins && !word.empty()) word += '_';
    const char lower = begins ? static_cast<char>(c - 'A' + 'a') : c;
    const bool is_letter = lower >= 'a' && lower <= 'z';
    word += is_upper && is_letter ? static_cast<char>(lower - 'a' + 'A') : lower;
  }
  return word;
}

class Writer {
 public:
  Writer(std::string_view op, ::onnx::NodeProto& node) : op_(op), node_(node) {}

  template <class T>
  void fields(const T& value) {
    std::apply([&](const auto&... field) { (write_field<T>(field, value), ...); },
               ir::fields_of(static_cast<const T*>(nullptr)));
  }

 private:
  template <class Owner, class Field>
  void write_field(const Field& field, const Owner& owner) {
    const auto& value = owner.*field.member;
    using T = std::decay_t<decltype(value)>;
    if constexpr (std::is_same_v<T, ir::Window>) {
      fields(value);
    } else {
      const bool is_required = std::ranges::any_of(kRequired, [&](const Required& required) {
        return required.op == op_ && required.field == field.name;
      });
      if (!is_required && value == Owner{}.*field.member) return;
      const Spelling spelling = spelling_of(field.name);
      if (spelling.attribute.empty()) return;
      AttributeProto& attribute = *node_.add_attribute();
      attribute.set_name(std::string(spelling.attribute));
      set(value, spelling, attribute);
    }
  }

  Spelling spelling_of(std::string_view field) const {
    const auto* known = std::ranges::find_if(kSpellings, [&](const Spelling& spelling) {
      return spelling.field == field && (spelling.op.empty() || spelling.op == op_);
    });
    return known != kSpellings.end() ? *known : Spelling{"", field, field};
  }

  static void set_word(const std::string& word, AttributeProto& attribute) {
    attribute.set_type(AttributeProto::STRING);
    attribute.set_s(word);
  }

  template <class T>
  static void set(const T& value, const Spelling& spelling, AttributeProto& attribute) {
    if constexpr (std::is_same_v<T, DType>) {
      set(std::int64_t{data_type_of(value)}, spelling, attribute);
    } else if constexpr (std::is_enum_v<T>) {
      set_word(word_of(ir::enum_name(value), std::is_same_v<T, ir::AutoPad>), attribute);
    } else if constexpr (std::is_same_v<T, float>) {
      attribute.set_type(AttributeProto::FLOAT);
      attribute.set_f(value);
    } else if constexpr (std::is_same_v<T, bool>) {
      if (!spelling.true_word.empty()) return set_word(std::string(spelling.true_word), attribute);
      set(std::int64_t{value}, spelling, attribute);
    } else if constexpr (std::is_same_v<T, std::int64_t>) {
      attribute.set_type(AttributeProto::INT);
      attribute.set_i(value);
    } else if constexpr (std::is_same_v<T, std::vector<std::int64_t>>) {
      attribute.set_type(AttributeProto::INTS);
      attribute.mutable_ints()->Assign(value.begin(), value.end());
    } else if constexpr (std::is_same_v<T, Tensor>) {
      // ConstantOfShape's one element, which ONNX wants as a list.
      const Tensor list = value.reshaped({value.num_elements()});
      attribute.set_type(AttributeProto::TENSOR);
      set_head("", list, *attribute.mutable_t());
      attribute.mutable_t()->set_raw_data(raw_data(list));
    } else {
      static_assert(ir::kIsOptional<T>, "a field of a type that ONNX's attributes do not have");
      set(*value, spelling, attribute);  // it differs from its default, which is none
    }
  }

  std::string_view op_;
  ::onnx::NodeProto& node_;
};

}  // namespace

void set_attributes(const ir::Op& op, ::onnx::NodeProto& node) {
  std::visit(
      [&](const auto& alternative) {
        using T = std::decay_t<decltype(alternative)>;
        if constexpr (!std::is_same_v<T, std::monostate> && !std::is_same_v<T, ir::Snap>) {
          Writer(ir::op_name(op), node).fields(alternative);
        }
      },
      op);
}

void set_hardware_attribute(const std::string& name, std::span<const double> numbers,
                            ::onnx::NodeProto& node) {
  ::onnx::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(name);
  if (name.ends_with("_width") || name == "block_floating_point") {
    attribute.set_type(::onnx::AttributeProto::INT);
    attribute.set_i(numbers.empty() ? 0 : static_cast<std::int64_t>(numbers.front()));
    return;
  }
  attribute.set_type(::onnx::AttributeProto::FLOATS);
  for (const double number : numbers) attribute.add_floats(static_cast<float>(number));
}

}  // namespace sluice::exporter::onnx
