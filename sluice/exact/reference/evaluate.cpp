// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <concepts>
#include <fmt/format.h>
#include <type_traits>

#include "sluice/exact/reference/kernel.hpp"
#include "sluice/exact/reference/linear.hpp"
#include "sluice/numeric/element.hpp"
#include "sluice/runtime/reference/kernel.hpp"

namespace sluice::exact::reference {
namespace {

template <class Op>
concept HasKernel = requires(const Op& op, const NodeView& node) {
  { run(op, node) } -> std::same_as<Result<Tensor>>;
};

bool is_quantized(const NodeView& node) {
  for (std::size_t i = 0; i < node.inputs().size(); ++i) {
    if (node.has(i) && node.in_quantization(i) != nullptr) return true;
  }
  for (std::size_t i = 0; i < node.node().outputs.size(); ++i) {
    if (node.out_quantization(i) != nullptr) return true;
  }
  return false;
}

// To the nearest position of an image in one of TFLite's ways, which it has its own coordinates
// for.
bool is_tflite_nearest(const ir::Resize& op, const NodeView& node) {
  using ir::CoordinateMode;
  const auto mode = op.coordinate_mode;
  const auto rounding = mode == CoordinateMode::AlignCorners ? ir::NearestMode::RoundPreferCeil
                                                             : ir::NearestMode::Floor;
  const Shape& from = node.in(0).shape();
  const Shape& to = node.out_type().shape;
  return !is_onnx(node.arithmetic()) && op.nearest_mode == rounding &&
         (mode == CoordinateMode::Asymmetric || mode == CoordinateMode::AlignCorners ||
          mode == CoordinateMode::TfHalfPixelForNn) &&
         from.size() == 4 && from[0] == to[0] && from[1] == to[1];
}

// Operators that move codes or compare them, and so do the same to codes as to numbers.
bool keeps_codes(const NodeView& node) {
  const ir::Op& op = node.node().op;
  if (const auto* resize = std::get_if<ir::Resize>(&op)) {
    return resize->mode == ir::ResizeMode::Nearest && !is_tflite_nearest(*resize, node);
  }
  return ir::is_layout(op) || ir::is<ir::MaxPool>(op) || ir::is<ir::Max>(op) ||
         ir::is<ir::Min>(op) || ir::is<ir::ReduceMax>(op) || ir::is<ir::ReduceMin>(op) ||
         ir::is<ir::ArgMax>(op) || ir::is<ir::Dropout>(op);
}

Result<std::vector<Tensor>> evaluate_plain(const NodeView& node,
                                           std::span<const Tensor* const> inputs) {
  return runtime::reference::evaluate(node.node().op, inputs, node.out_types());
}

// Beside their codes these read how to sample or drop them, in float32.
bool has_real_parameters(const ir::Op& op) {
  return ir::is<ir::Resize>(op) || ir::is<ir::Dropout>(op);
}

// Whether all real values it reads and makes have one quantization, for the whole tensor.
bool has_one_quantization(const NodeView& node) {
  const numeric::Quantization* common = node.in_quantization(0);
  if (common != nullptr && common->is_per_channel()) return false;
  const auto differs = [&](const numeric::Quantization* other, DType dtype) {
    if (other == nullptr) return dtype == DType::Float32;
    return common == nullptr || *other != *common;
  };
  const std::size_t num_inputs = has_real_parameters(node.node().op) ? 1 : node.inputs().size();
  for (std::size_t i = 0; i < num_inputs; ++i) {
    if (node.has(i) && differs(node.in_quantization(i), node.in(i).dtype())) return false;
  }
  for (std::size_t i = 0; i < node.node().outputs.size(); ++i) {
    if (differs(node.out_quantization(i), node.out_type(i).dtype)) return false;
  }
  return true;
}

// The operator on the codes.
Result<std::vector<Tensor>> evaluate_on_codes(const NodeView& node) {
  if (!has_one_quantization(node)) {
    return Error{ErrorCode::Unsupported,
                 "moves or compares codes of different scales or zero points"};
  }
  const numeric::Quantization* common = node.in_quantization(0);
  std::vector<const Tensor*> inputs(node.inputs().begin(), node.inputs().end());
  Tensor zero;
  if (ir::is<ir::Pad>(node.node().op) && !node.has(2) && common != nullptr) {
    zero = to_tensor({common->zero_points[0]}, {common->dtype, {}});
    inputs.resize(std::max<std::size_t>(inputs.size(), 3), nullptr);
    inputs[2] = &zero;
  }
  return evaluate_plain(node, inputs);
}

// What an operator means in ONNX's arithmetics: on the real numbers, in float32, then quantized.
Result<std::vector<Tensor>> evaluate_on_reals(const NodeView& node) {
  std::vector<Tensor> reals(node.inputs().size());
  std::vector<const Tensor*> inputs(node.inputs().begin(), node.inputs().end());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (!node.has(i) || node.in_quantization(i) == nullptr) continue;
    reals[i] = numeric::dequantized(node.in(i), *node.in_quantization(i));
    inputs[i] = &reals[i];
  }
  std::vector<ir::ValueType> types = node.out_types();
  for (std::size_t i = 0; i < types.size(); ++i) {
    if (node.out_quantization(i) != nullptr) types[i].dtype = DType::Float32;
  }
  SL_TRY(auto outputs, runtime::reference::evaluate(node.node().op, inputs, types));
  for (std::size_t i = 0; i < types.size(); ++i) {
    if (node.out_quantization(i) == nullptr) continue;
    outputs[i] = numeric::quantized(outputs[i], *node.out_quantization(i), node.arithmetic());
  }
  return outputs;
}

}  // namespace

Result<std::vector<Tensor>> evaluate(const NodeView& node) {
  if (!is_quantized(node)) return evaluate_plain(node, node.inputs());
  if (is_onnx(node.arithmetic())) {
    const bool on_codes = keeps_codes(node) ? has_one_quantization(node) : is_integer_layer(node);
    if (!on_codes) return evaluate_on_reals(node);
  }
  if (keeps_codes(node)) return evaluate_on_codes(node);
  return std::visit(
      [&](const auto& op) -> Result<std::vector<Tensor>> {
        if constexpr (HasKernel<std::decay_t<decltype(op)>>) {
          SL_TRY(Tensor y, run(op, node));
          return std::vector<Tensor>{std::move(y)};
        } else {
          return Error{ErrorCode::Unsupported,
                       fmt::format("is not computed on codes in the arithmetic {}; leave it in "
                                   "float32",
                                   numeric::to_string(node.arithmetic()))};
        }
      },
      node.node().op);
}

}  // namespace sluice::exact::reference
