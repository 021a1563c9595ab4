// SPDX-License-Identifier: Apache-2.0
#include "sluice/export/onnx/opset.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <variant>

namespace sluice::exporter::onnx {
namespace {

// The first opset that has an operator with what a node asks of it; none may have it.
using Opset = std::optional<std::int64_t>;
constexpr Opset kNone = std::nullopt;

constexpr Opset since(std::int64_t opset, bool condition) {
  return condition ? opset : kLowestOpset;
}

class Site {
 public:
  Site(const ir::Graph& graph, const ir::Node& node) : graph_(graph), node_(node) {}

  [[nodiscard]] bool has_input(std::size_t i) const {
    return i < node_.inputs.size() && node_.inputs[i] != ir::kNoValue;
  }
  [[nodiscard]] const ir::ValueType& input(std::size_t i) const {
    return graph_.type(node_.inputs[i]);
  }
  [[nodiscard]] const ir::ValueType& output(std::size_t i) const {
    return graph_.type(node_.outputs[i]);
  }
  [[nodiscard]] std::size_t num_outputs() const { return node_.outputs.size(); }

 private:
  const ir::Graph& graph_;
  const ir::Node& node_;
};

bool is_narrow_integer(DType dtype) {
  return is_integer(dtype) && num_bits(dtype) < 32;
}

bool is_16_bit_integer(DType dtype) {
  return is_integer(dtype) && num_bits(dtype) == 16;
}

// By operator; those not named here have been what they are since opset 13 or longer.
template <class Op>
Opset opset_of(const Op& /*op*/, const Site& /*site*/) {
  return kLowestOpset;
}

Opset opset_of(const ir::Add& /*op*/, const Site& site) {
  return since(14, is_narrow_integer(site.input(0).dtype));
}
Opset opset_of(const ir::Sub& /*op*/, const Site& site) {
  return since(14, is_narrow_integer(site.input(0).dtype));
}
Opset opset_of(const ir::Mul& /*op*/, const Site& site) {
  return since(14, is_narrow_integer(site.input(0).dtype));
}
Opset opset_of(const ir::Div& /*op*/, const Site& site) {
  return since(14, is_narrow_integer(site.input(0).dtype));
}
Opset opset_of(const ir::Relu& /*op*/, const Site& site) {
  return since(14, is_integer(site.input(0).dtype));
}
Opset opset_of(const ir::HardSwish& /*op*/, const Site& /*site*/) {
  return 14;
}
Opset opset_of(const ir::Mish& /*op*/, const Site& /*site*/) {
  return 18;
}
Opset opset_of(const ir::Gelu& /*op*/, const Site& /*site*/) {
  return 20;
}

Opset opset_of(const ir::BatchNormalization& op, const Site& /*site*/) {
  return since(14, op.training_mode);
}
Opset opset_of(const ir::GroupNormalization& op, const Site& /*site*/) {
  return op.scale_per_group ? kNone : Opset(21);
}

Opset opset_of(const ir::AveragePool& op, const Site& /*site*/) {
  return since(19, !op.window.dilations.empty());
}
Opset opset_of(const ir::LpPool& op, const Site& /*site*/) {
  return since(18, op.ceil_mode || !op.window.dilations.empty());
}

// The axes of these became an input in opset 18.
template <class Reduce>
Opset opset_of_reduction(const Reduce& op, const Site& site) {
  if (site.input(0).dtype == DType::Bool) return 20;
  return since(18, site.has_input(1) || op.noop_with_empty_axes);
}
Opset opset_of(const ir::ReduceMax& op, const Site& site) {
  return opset_of_reduction(op, site);
}
Opset opset_of(const ir::ReduceMean& op, const Site& site) {
  return opset_of_reduction(op, site);
}
Opset opset_of(const ir::ReduceMin& op, const Site& site) {
  return opset_of_reduction(op, site);
}
// Along one dimension it is the same whether those behind it, all 1, count or not.
Opset opset_of(const ir::Softmax& op, const Site& site) {
  if (!op.flatten) return kLowestOpset;
  const sluice::Shape& shape = site.input(0).shape;
  const auto axis = normalize_axis(op.axis, shape.size());
  if (!axis) return kNone;
  const auto is_one = [](std::int64_t size) { return size == 1; };
  return std::all_of(shape.begin() + *axis + 1, shape.end(), is_one) ? Opset(kLowestOpset) : kNone;
}

Opset opset_of(const ir::Pad& op, const Site& site) {
  if (op.mode == ir::PadMode::Wrap) return 19;
  return since(18, site.has_input(3));
}
Opset opset_of(const ir::Reshape& op, const Site& /*site*/) {
  return since(14, op.allow_zero);
}
// Parts of two sizes need to be counted by an attribute, if the sizes are not given.
Opset opset_of(const ir::Split& /*op*/, const Site& site) {
  const bool are_equal = site.output(0).shape == site.output(site.num_outputs() - 1).shape;
  return since(18, !site.has_input(1) && !are_equal);
}
Opset opset_of(const ir::Resize& op, const Site& /*site*/) {
  if (op.coordinate_mode == ir::CoordinateMode::TfHalfPixelForNn) return kNone;
  if (op.coordinate_mode == ir::CoordinateMode::HalfPixelSymmetric) return 19;
  const bool stretches = op.aspect_ratio_policy == ir::AspectRatioPolicy::Stretch;
  return since(18, op.antialias || !op.axes.empty() || !stretches);
}

Opset opset_of(const ir::Cast& op, const Site& /*site*/) {
  if (op.power_rounding != numeric::PowerRounding::Up) return 24;
  return since(19, !op.saturate);
}
Opset opset_of(const ir::Shape& op, const Site& /*site*/) {
  return since(15, op.start != 0 || op.end.has_value());
}

Opset opset_of(const ir::QuantizeLinear& op, const Site& site) {
  if (op.precision) return 23;
  const bool names_its_type = !site.has_input(2) && op.output_dtype != DType::UInt8;
  if (op.block_size != 0 || names_its_type || is_16_bit_integer(site.output(0).dtype)) return 21;
  return since(19, site.input(0).dtype == DType::Float16 || !op.saturate);
}
Opset opset_of(const ir::DequantizeLinear& op, const Site& site) {
  if (op.output_dtype) return 23;
  if (op.block_size != 0 || is_16_bit_integer(site.input(0).dtype)) return 21;
  return since(19, site.output(0).dtype == DType::Float16);
}

Opset opset_of(const ir::Snap& /*op*/, const Site& /*site*/) {
  return kNone;
}
Opset opset_of(std::monostate /*none*/, const Site& /*site*/) {
  return kNone;
}

// Since when operators take the type.
std::int64_t opset_of(DType dtype) {
  switch (dtype) {
    case DType::Float8E4M3Fn:
    case DType::Float8E4M3Fnuz:
    case DType::Float8E5M2:
    case DType::Float8E5M2Fnuz:
      return 19;
    case DType::Int4:
    case DType::UInt4:
      return 21;
    case DType::BFloat16:
      return 22;
    case DType::Float4E2M1:
      return 23;
    case DType::Float8E8M0:
      return 24;
    case DType::Int2:
    case DType::UInt2:
      return 25;
    default:
      return kLowestOpset;
  }
}

Opset opset_of(const ir::Graph& graph, const ir::Node& node) {
  Opset opset =
      std::visit([&](const auto& op) { return opset_of(op, Site(graph, node)); }, node.op);
  for (const auto* ids : {&node.inputs, &node.outputs}) {
    for (const ir::ValueId id : *ids) {
      if (opset && id != ir::kNoValue) opset = std::max(*opset, opset_of(graph.type(id).dtype));
    }
  }
  return opset;
}

}  // namespace

void to_newest_forms(ir::Graph& graph) {
  for (ir::Node& node : graph.nodes) {
    auto* resize = std::get_if<ir::Resize>(&node.op);
    if (resize == nullptr || resize->mode != ir::ResizeMode::Nearest ||
        resize->coordinate_mode != ir::CoordinateMode::TfHalfPixelForNn ||
        resize->nearest_mode != ir::NearestMode::Floor) {
      continue;
    }
    resize->coordinate_mode = ir::CoordinateMode::HalfPixel;
    resize->nearest_mode = ir::NearestMode::RoundPreferCeil;
  }
}

Result<std::int64_t> lowest_opset(const ir::Graph& graph) {
  std::int64_t lowest = kLowestOpset;
  for (const ir::Node& node : graph.nodes) {
    const Opset opset = opset_of(graph, node);
    if (!opset) {
      return Error{ErrorCode::Unsupported,
                   fmt::format("is not in ONNX's opsets from {} on in this form; write the network "
                               "as .sluice instead",
                               kLowestOpset),
                   ir::place_of(node)};
    }
    lowest = std::max(lowest, *opset);
  }
  return lowest;
}

std::int64_t ir_version_of(std::int64_t opset) {
  if (opset <= 18) return 8;
  if (opset <= 20) return 9;
  if (opset <= 22) return 10;
  return std::min<std::int64_t>(opset, 25) - 12;
}

}  // namespace sluice::exporter::onnx
