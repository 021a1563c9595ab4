// SPDX-License-Identifier: Apache-2.0
#include "sluice/export/onnx/qdq_form.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <string>
#include <utility>
#include <vector>

#include "sluice/base/text.hpp"
#include "sluice/ir/names.hpp"
#include "sluice/numeric/element.hpp"
#include "sluice/numeric/quantization.hpp"

namespace sluice::exporter::onnx {
namespace {

using numeric::Quantization;

class QdqForm {
 public:
  explicit QdqForm(const ir::Graph& graph)
      : from_(graph),
        to_(graph),
        value_names_(ir::Names::of(graph.values)),
        node_names_(ir::Names::of(graph.nodes)),
        producers_(ir::producers(graph)),
        consumers_(ir::consumers(graph)),
        codes_(graph.values.size()) {}

  Result<ir::Graph> make() && {
    for (ir::Value& value : to_.values) value.quantization.reset();
    to_.nodes.clear();
    for (std::size_t v = 0; v < from_.values.size(); ++v) {
      const ir::ValueId id{static_cast<std::int32_t>(v)};
      if (is_quantized(id)) SL_TRY_STATUS(check(id));
    }
    for (const ir::Node& node : from_.nodes) {
      SL_TRY_STATUS(check(node));
      add_node(node);
    }
    return std::move(to_);
  }

 private:
  // What stands for a quantized value, as far as it has been asked for.
  struct Codes {
    ir::ValueId scale = ir::kNoValue;
    ir::ValueId zero_point = ir::kNoValue;
    ir::ValueId reals = ir::kNoValue;
  };

  bool is_quantized(ir::ValueId id) const {
    return id != ir::kNoValue && from_[id].quantization.has_value();
  }

  bool is_made(ir::ValueId id) const { return producers_[index(id)] != ir::kNoNode; }

  // Whether the type has codes that the quantization has not.
  static bool is_narrow(const Quantization& quantization) { return quantization.bits.has_value(); }

  Status check(ir::ValueId id) const {
    const Quantization& quantization = *from_[id].quantization;
    const auto refuse = [&](std::string what) {
      return Error{ErrorCode::Unsupported,
                   std::move(what) + "; write the network as .sluice instead",
                   fmt::format("value {}", sluice::quoted(from_[id].name))};
    };
    if (is_made(id) && is_narrow(quantization) && quantization.is_per_channel()) {
      return refuse(
          fmt::format("is quantized to {} bits with several scales, and ONNX's Clip has "
                      "one bound for all",
                      *quantization.bits));
    }
    if (num_bits(quantization.dtype) < 32) return {};
    const bool has_zero_points =
        std::ranges::any_of(quantization.zero_points, [](std::int64_t z) { return z != 0; });
    if (quantization.dtype != DType::Int32 || has_zero_points) {
      return refuse(
          fmt::format("is quantized to {} with zero points, which ONNX's "
                      "DequantizeLinear does not read",
                      sluice::to_string(quantization.dtype)));
    }
    if (!is_made(id)) return {};
    return refuse("is quantized to int32, which ONNX's QuantizeLinear does not make");
  }

  static Status check(const ir::Node& node) {
    if (!node.accumulator) return {};
    return Error{ErrorCode::Unsupported,
                 fmt::format("adds up in {} bits, which ONNX cannot say; write the network as "
                             ".sluice instead",
                             node.accumulator->bits),
                 ir::place_of(node)};
  }

  ir::ValueId add_value(const std::string& name, ir::ValueType type) {
    to_.values.push_back({.name = value_names_.take(name), .type = std::move(type)});
    return ir::ValueId{static_cast<std::int32_t>(to_.values.size() - 1)};
  }

  ir::ValueId add_constant(const std::string& name, Tensor content) {
    const ir::ValueId id = add_value(name, {content.dtype(), content.shape()});
    to_[id].constant = std::move(content);
    return id;
  }

  ir::ValueId add_reals(ir::ValueId codes, std::string_view suffix) {
    return add_value(from_[codes].name + std::string(suffix),
                     {DType::Float32, from_.type(codes).shape});
  }

  Codes& parameters_of(ir::ValueId id) {
    Codes& codes = codes_[index(id)];
    if (codes.scale != ir::kNoValue) return codes;
    const Quantization& quantization = *from_[id].quantization;
    sluice::Shape shape;
    if (quantization.is_per_channel()) {
      shape.push_back(static_cast<std::int64_t>(quantization.scales.size()));
    }
    codes.scale =
        add_constant(from_[id].name + "/scale", Tensor::from<float>(shape, quantization.scales));
    // DequantizeLinear reads int32 without a zero point only.
    if (quantization.dtype != DType::Int32) {
      const Tensor zero_points = Tensor::from<std::int64_t>(shape, quantization.zero_points);
      codes.zero_point = add_constant(from_[id].name + "/zero_point",
                                      numeric::cast(zero_points, quantization.dtype));
    }
    return codes;
  }

  // DequantizeLinear and QuantizeLinear count from 1 where there is one scale: its place is none.
  template <class Op>
  static Op along(const Quantization& quantization) {
    Op op;
    if (quantization.is_per_channel()) op.axis = quantization.axis;
    return op;
  }

  void dequantize(ir::ValueId codes, ir::ValueId reals, const std::string& name) {
    const Codes& parameters = parameters_of(codes);
    std::vector<ir::ValueId> inputs{codes, parameters.scale};
    if (parameters.zero_point != ir::kNoValue) inputs.push_back(parameters.zero_point);
    to_.nodes.push_back({name,
                         along<ir::DequantizeLinear>(*from_[codes].quantization),
                         std::move(inputs),
                         {reals}});
  }

  void quantize(ir::ValueId reals, ir::ValueId codes, const ir::Node& origin, std::string name) {
    const Codes& parameters = parameters_of(codes);
    const Quantization& quantization = *from_[codes].quantization;
    if (is_narrow(quantization)) reals = clip(reals, codes);
    to_.nodes.push_back({std::move(name),
                         along<ir::QuantizeLinear>(quantization),
                         {reals, parameters.scale, parameters.zero_point},
                         {codes},
                         origin.arithmetic});
  }

  // QuantizeLinear saturates at the type's codes: what is beyond narrower ones is cut off before.
  ir::ValueId clip(ir::ValueId reals, ir::ValueId codes) {
    const std::string& name = from_[codes].name;
    const Quantization& quantization = *from_[codes].quantization;
    const numeric::CodeRange range = numeric::codes_of(quantization);
    const auto bound = [&](const char* suffix, std::int64_t code) {
      const auto steps = static_cast<float>(code - quantization.zero_points[0]);
      return add_constant(name + suffix, Tensor::scalar(steps * quantization.scales[0]));
    };
    const std::vector<ir::ValueId> inputs{reals, bound("/lowest", range.lowest),
                                          bound("/highest", range.highest)};
    const ir::ValueId clipped = add_reals(codes, "/clipped");
    to_.nodes.push_back({node_names_.take(name + "/clip"), ir::Clip{}, inputs, {clipped}});
    return clipped;
  }

  // What a reader of the value reads: of codes, the real numbers they stand for.
  ir::ValueId read(ir::ValueId id) {
    if (!is_quantized(id) || is_on_reals(id)) return id;
    Codes& codes = parameters_of(id);
    if (codes.reals == ir::kNoValue) {
      const ir::ValueId reals = add_reals(id, "/dequantized");
      codes_[index(id)].reals = reals;
      dequantize(id, reals, node_names_.take(from_[id].name + "/dequantize"));
    }
    return codes_[index(id)].reals;
  }

  // Whether the value becomes real numbers, which the Relu or Clip that reads it hands on to the
  // quantizer behind it. Only behind an operator on codes: fold_qdq must find its way back.
  bool is_on_reals(ir::ValueId id) const {
    const ir::NodeId producer = producers_[index(id)];
    const auto& readers = consumers_[index(id)];
    if (producer == ir::kNoNode || readers.size() != 1 ||
        std::ranges::count(from_.outputs, id) > 0) {
      return false;
    }
    const ir::Node& made_by = from_[producer];
    const ir::Node& reader = from_[readers[0]];
    const bool makes_codes_of_codes = std::ranges::any_of(
        made_by.inputs, [&](ir::ValueId x) { return is_quantized(x) && !from_[x].constant; });
    return makes_codes_of_codes && made_by.outputs.size() == 1 && !ir::is_layout(made_by.op) &&
           !ir::is<ir::Identity>(made_by.op) && ir::is_rectifier(reader.op) &&
           reader.inputs[0] == id &&
           from_[reader.outputs[0]].quantization == from_[id].quantization;
  }

  void add_node(const ir::Node& node) {
    if (ir::is<ir::Identity>(node.op)) {
      const ir::ValueId x = node.inputs[0];
      const ir::ValueId y = node.outputs[0];
      if (is_quantized(y)) return quantize(read(x), y, node, node.name);
      if (is_quantized(x)) return dequantize(x, y, node.name);
    }
    ir::Node on_reals = node;
    for (ir::ValueId& id : on_reals.inputs) id = read(id);
    const std::vector<ir::ValueId>& made = node.outputs;
    for (ir::ValueId& id : on_reals.outputs) {
      if (!is_quantized(id)) continue;
      if (is_on_reals(id)) {
        to_[id].type->dtype = DType::Float32;
      } else {
        id = add_reals(id, "/real");
      }
    }
    const std::vector<ir::ValueId> reals = on_reals.outputs;
    to_.nodes.push_back(std::move(on_reals));
    for (std::size_t i = 0; i < reals.size(); ++i) {
      if (reals[i] == made[i]) continue;
      quantize(reals[i], made[i], node, node_names_.take(from_[made[i]].name + "/quantize"));
    }
  }

  const ir::Graph& from_;
  ir::Graph to_;
  ir::Names value_names_;
  ir::Names node_names_;
  std::vector<ir::NodeId> producers_;
  std::vector<std::vector<ir::NodeId>> consumers_;
  std::vector<Codes> codes_;  // by value of from_
};

}  // namespace

Result<ir::Graph> qdq_form(const ir::Graph& graph) {
  return QdqForm(graph).make();
}

}  // namespace sluice::exporter::onnx
