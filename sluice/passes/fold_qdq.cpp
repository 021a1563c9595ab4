// SPDX-License-Identifier: Apache-2.0
#include "sluice/passes/fold_qdq.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sluice/ir/names.hpp"
#include "sluice/numeric/quantization.hpp"
#include "sluice/passes/code_groups.hpp"
#include "sluice/passes/rewrite.hpp"

namespace sluice::passes {
namespace {

using numeric::Quantization;

// How the quantizer rounds: as the file records, else as ONNX does.
numeric::Arithmetic arithmetic_of(const ir::Node& quantizer) {
  return quantizer.arithmetic.value_or(numeric::Arithmetic::Onnx);
}

bool has_weights(const ir::Op& op) {
  return ir::is<ir::Conv>(op) || ir::is<ir::ConvTranspose>(op) || ir::is<ir::Gemm>(op);
}

// Products of two scales, whoever rounded them.
bool are_close(const std::vector<float>& a, const std::vector<float>& b) {
  constexpr float kTolerance = 1e-6F;
  return std::ranges::equal(
      a, b, [](float x, float y) { return std::abs(x - y) <= kTolerance * std::abs(y); });
}

class Folder {
 public:
  explicit Folder(ir::Graph& graph) : graph_(graph), names_(ir::Names::of(graph.values)) {}

  void run() {
    if (!set_quantizations()) return;
    narrow_codes();
    read_codes();
    producers_ = ir::producers(graph_);
    consumers_ = ir::consumers(graph_);
    let_codes_through();
    make_codes();
    for (ir::Node& node : graph_.nodes) set_bias(node);
    for (ir::Node& node : graph_.nodes) dequantize_weights(node);
  }

 private:
  bool is_quantized(ir::ValueId id) const {
    return id != ir::kNoValue && graph_[id].quantization.has_value();
  }
  bool is_output(ir::ValueId id) const { return std::ranges::count(graph_.outputs, id) > 0; }
  bool is_constant(ir::ValueId id) const { return graph_[id].constant.has_value(); }

  void quantize(ir::ValueId id, const Quantization& quantization) {
    graph_[id].quantization = quantization;
    graph_[id].type->dtype = quantization.dtype;
  }

  bool set_quantizations() {
    const auto found = code_quantizations(graph_);
    for (const auto& [id, quantization] : found) graph_[id].quantization = quantization;
    return !found.empty();
  }

  // A Clip at the ends of narrower codes, before a QuantizeLinear that nothing else reads it for,
  // says how many bits the codes have.
  void narrow_codes() {
    const auto producers = ir::producers(graph_);
    const auto consumers = ir::consumers(graph_);
    for (ir::Node& node : graph_.nodes) {
      if (!ir::is<ir::QuantizeLinear>(node.op) || !is_quantized(node.outputs[0])) continue;
      const ir::ValueId clipped = node.inputs[0];
      const ir::NodeId by = producers[index(clipped)];
      if (by == ir::kNoNode || !ir::is<ir::Clip>(graph_[by].op) || is_output(clipped) ||
          consumers[index(clipped)].size() != 1) {
        continue;
      }
      Quantization& quantization = *graph_[node.outputs[0]].quantization;
      quantization.bits = bits_between(graph_[by], quantization);
      if (quantization.bits) node.inputs[0] = graph_[by].inputs[0];
    }
  }

  // The width whose codes end at the Clip's bounds, if there is one below the type's.
  std::optional<int> bits_between(const ir::Node& clip, const Quantization& quantization) const {
    const Tensor* low = constant_of(graph_, input_of(clip, 1));
    const Tensor* high = constant_of(graph_, input_of(clip, 2));
    const auto is_bound = [](const Tensor* bound) {
      return bound != nullptr && bound->dtype() == DType::Float32 && bound->num_elements() == 1;
    };
    if (!is_bound(low) || !is_bound(high) || quantization.is_per_channel()) return std::nullopt;
    const bool is_signed = numeric::codes_of(quantization.dtype).lowest < 0;
    const auto real = [&](std::int64_t code) {
      return static_cast<float>(code - quantization.zero_points[0]) * quantization.scales[0];
    };
    for (int bits = 1; bits < num_bits(quantization.dtype); ++bits) {
      const numeric::CodeRange codes = numeric::code_range(bits, is_signed);
      if (low->data<float>()[0] == real(codes.lowest) &&
          high->data<float>()[0] == real(codes.highest)) {
        return bits;
      }
    }
    return std::nullopt;
  }

  // DequantizeLinear of codes: its readers read the codes. It stays where the graph gives reals.
  void read_codes() {
    std::vector<ir::ValueId> instead(graph_.values.size());
    for (std::size_t v = 0; v < instead.size(); ++v) {
      instead[v] = ir::ValueId{static_cast<std::int32_t>(v)};
    }
    for (ir::Node& node : graph_.nodes) {
      if (!ir::is<ir::DequantizeLinear>(node.op) || !is_quantized(node.inputs[0])) continue;
      instead[index(node.outputs[0])] = node.inputs[0];
      node = {node.name, ir::Identity{}, {node.inputs[0]}, node.outputs};
    }
    for (ir::Node& node : graph_.nodes) {
      for (ir::ValueId& id : node.inputs) id = id == ir::kNoValue ? id : instead[index(id)];
    }
    ir::remove_unused(graph_);
  }

  bool is_only_quantized(ir::ValueId id) const {
    return std::ranges::all_of(consumers_[index(id)], [&](ir::NodeId reader) {
      return ir::is<ir::QuantizeLinear>(graph_[reader].op);
    });
  }

  // An operator that moves codes, or rectifies them, and is not quantized behind it.
  void let_codes_through() {
    for (const ir::Node& node : graph_.nodes) {
      const auto moved = ir::is<ir::Relu>(node.op) ? std::span(node.inputs).first(1)
                         : ir::is<ir::Identity>(node.op) || ir::is<ir::Pad>(node.op)
                             ? std::span<const ir::ValueId>()
                             : moved_inputs(node);
      if (moved.empty() || !is_quantized(moved[0])) continue;
      const Quantization quantization = *graph_[moved[0]].quantization;
      const bool one_grid = std::ranges::all_of(
          moved, [&](ir::ValueId x) { return graph_[x].quantization == quantization; });
      if (!one_grid || quantization.is_per_channel()) continue;
      for (const ir::ValueId y : node.outputs) {
        const bool is_real = !is_quantized(y) && graph_.type(y).dtype == DType::Float32;
        if (is_real && !is_output(y) && !is_only_quantized(y)) quantize(y, quantization);
      }
    }
  }

  // QuantizeLinear to codes: a constant, the work of the operator before it, or an Identity.
  void make_codes() {
    for (ir::Node& node : graph_.nodes) {
      if (!ir::is<ir::QuantizeLinear>(node.op) || !is_quantized(node.outputs[0])) continue;
      const ir::ValueId reals = node.inputs[0];
      const ir::ValueId codes = node.outputs[0];
      const numeric::Arithmetic arithmetic = arithmetic_of(node);
      node = {node.name, ir::Identity{}, {reals}, {codes}, arithmetic};
      const Quantization quantization = *graph_[codes].quantization;
      if (is_constant(reals) && !is_quantized(reals)) {
        graph_[codes].constant =
            numeric::quantized(*graph_[reals].constant, quantization, arithmetic);
        node.outputs.clear();
      } else if (can_make(reals, quantization)) {
        make(reals, quantization, arithmetic);
        std::ranges::replace(graph_[producers_[index(reals)]].outputs, reals, codes);
        producers_[index(codes)] = producers_[index(reals)];
        node.outputs.clear();
      }
    }
    std::erase_if(graph_.nodes, [](const ir::Node& node) { return node.outputs.empty(); });
  }

  // Whether the value could be codes instead of the reals it is.
  bool can_make(ir::ValueId id, const Quantization& quantization) const {
    const ir::NodeId producer = producers_[index(id)];
    if (producer == ir::kNoNode || is_output(id) || is_quantized(id) ||
        consumers_[index(id)].size() != 1 || graph_.type(id).dtype != DType::Float32) {
      return false;
    }
    const ir::Node& node = graph_[producer];
    if (node.outputs.size() != 1) return can_make_all_parts(node, quantization);
    const auto moved = moved_inputs(node);
    const bool lets_through = ir::is_layout(node.op) || ir::is_rectifier(node.op);
    if (!lets_through || ir::is<ir::Pad>(node.op)) {
      return std::ranges::any_of(node.inputs,
                                 [&](ir::ValueId x) { return is_quantized(x) && !is_constant(x); });
    }
    if (!ir::is_rectifier(node.op) && quantization.is_per_channel()) return false;
    const auto fits = [&](ir::ValueId x) {
      if (!is_quantized(x)) return can_make(x, quantization);
      // Codes of several scales are moved as real numbers in any case.
      return ir::is_rectifier(node.op) || graph_[x].quantization == quantization ||
             graph_[x].quantization->is_per_channel();
    };
    return ir::is_rectifier(node.op) ? fits(node.inputs[0]) : std::ranges::all_of(moved, fits);
  }

  // Whether each part of a Split of such codes is such codes, or becomes them by its one reader.
  bool can_make_all_parts(const ir::Node& node, const Quantization& quantization) const {
    const auto becomes_codes = [&](ir::ValueId part) {
      if (is_quantized(part)) return graph_[part].quantization == quantization;
      if (is_output(part) || consumers_[index(part)].size() != 1) return false;
      const ir::Node& reader = graph_[consumers_[index(part)][0]];
      return (ir::is<ir::QuantizeLinear>(reader.op) || ir::is<ir::Identity>(reader.op)) &&
             graph_[reader.outputs[0]].quantization == quantization;
    };
    return ir::is<ir::Split>(node.op) && !quantization.is_per_channel() &&
           graph_[node.inputs[0]].quantization == quantization &&
           std::ranges::all_of(node.outputs, becomes_codes);
  }

  void make(ir::ValueId id, const Quantization& quantization, numeric::Arithmetic arithmetic) {
    ir::Node& node = graph_[producers_[index(id)]];
    quantize(id, quantization);
    node.arithmetic = node.arithmetic.value_or(arithmetic);
    if (ir::is<ir::Pad>(node.op) || (!ir::is_layout(node.op) && !ir::is_rectifier(node.op))) return;
    const auto moved =
        ir::is_rectifier(node.op) ? std::span(node.inputs).first(1) : moved_inputs(node);
    for (const ir::ValueId x : moved) {
      if (!is_quantized(x)) make(x, quantization, arithmetic);
    }
  }

  // The scales of a layer's accumulators, one or one an output channel; nothing where it is no
  // layer on codes.
  std::optional<std::vector<float>> accumulator_scales(const ir::Node& node) const {
    if (!has_weights(node.op) || !is_quantized(node.inputs[0]) || !is_quantized(node.inputs[1])) {
      return std::nullopt;
    }
    const Quantization& x = *graph_[node.inputs[0]].quantization;
    if (x.is_per_channel()) return std::nullopt;
    std::vector<float> scales = graph_[node.inputs[1]].quantization->scales;
    for (float& scale : scales) scale *= x.scales[0];
    return scales;
  }

  void set_bias(ir::Node& node) {
    const ir::ValueId bias = input_of(node, 2);
    const auto scales = accumulator_scales(node);
    if (bias == ir::kNoValue || !scales || !is_constant(bias)) return;
    const auto& held = graph_[bias].quantization;
    if (held && held->dtype == DType::Int32 && are_close(held->scales, *scales)) return;
    const Tensor reals =
        held ? numeric::dequantized(*graph_[bias].constant, *held) : *graph_[bias].constant;
    if (reals.rank() != 1 || reals.dtype() != DType::Float32) return;
    Quantization quantization{DType::Int32, *scales, std::vector<std::int64_t>(scales->size(), 0)};
    std::vector<std::int32_t> codes;
    codes.reserve(static_cast<std::size_t>(reals.num_elements()));
    for (const float real : reals.data<float>()) {
      const double scale = (*scales)[scales->size() == 1 ? 0 : codes.size()];
      const double steps = std::nearbyint(real / scale);
      if (!(std::abs(steps) <= std::numeric_limits<std::int32_t>::max())) return;
      codes.push_back(static_cast<std::int32_t>(steps));
    }
    node.inputs[2] = add_constant(graph_[bias].name, Tensor::from(reals.shape(), codes));
    graph_[node.inputs[2]].quantization = std::move(quantization);
  }

  // Weights alone quantized: the operator computes in float32, on what they stand for.
  void dequantize_weights(ir::Node& node) {
    const auto needs_codes = [&](ir::ValueId id) { return is_quantized(id) && !is_constant(id); };
    if (std::ranges::any_of(node.inputs, needs_codes) ||
        std::ranges::any_of(node.outputs, needs_codes)) {
      return;
    }
    for (ir::ValueId& id : node.inputs) {
      if (!is_quantized(id)) continue;
      Tensor reals = numeric::dequantized(*graph_[id].constant, *graph_[id].quantization);
      id = add_constant(graph_[id].name, std::move(reals));
    }
  }

  ir::ValueId add_constant(const std::string& name, Tensor content) {
    graph_.values.push_back({names_.take(name), std::nullopt, std::nullopt, std::nullopt});
    ir::Value& value = graph_.values.back();
    value.type = ir::ValueType{content.dtype(), content.shape()};
    value.constant = std::move(content);
    return ir::ValueId{static_cast<std::int32_t>(graph_.values.size() - 1)};
  }

  ir::Graph& graph_;
  ir::Names names_;
  std::vector<ir::NodeId> producers_;
  std::vector<std::vector<ir::NodeId>> consumers_;
};

}  // namespace

Status fold_qdq(ir::Graph& graph) {
  Folder(graph).run();
  ir::remove_unused(graph);
  return ir::verify(graph);
}

}  // namespace sluice::passes
