// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <concepts>
#include <fmt/format.h>
#include <type_traits>

#include "sluice/exact/reference/kernel.hpp"
#include "sluice/exact/reference/linear.hpp"
#include "sluice/numeric/code_sum.hpp"
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
  return !is_on_reals(node.arithmetic()) && op.nearest_mode == rounding &&
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

// Inputs that are data. Those of Resize and Dropout behind them say how to sample or drop it, in
// float32.
std::size_t num_data_inputs(const NodeView& node) {
  const ir::Op& op = node.node().op;
  return ir::is<ir::Resize>(op) || ir::is<ir::Dropout>(op) ? 1 : node.inputs().size();
}

// Whether all real values the operator reads and makes have one quantization, of one scale.
bool has_one_quantization(const NodeView& node) {
  const numeric::Quantization* common = node.in_quantization(0);
  const auto differs = [&](const numeric::Quantization* other, DType dtype) {
    if (other == nullptr) return dtype == DType::Float32;
    return common == nullptr || *other != *common;
  };
  for (std::size_t i = 0; i < num_data_inputs(node); ++i) {
    if (node.has(i) && differs(node.in_quantization(i), node.in(i).dtype())) return false;
  }
  for (std::size_t i = 0; i < node.node().outputs.size(); ++i) {
    if (differs(node.out_quantization(i), node.out_type(i).dtype)) return false;
  }
  return common == nullptr || !common->is_per_channel();
}

// Functions of codes that are defined on these in every arithmetic: where all have one scale for
// the tensor.
bool is_function_of_codes(const NodeView& node) {
  const ir::Op& op = node.node().op;
  if (ir::is<ir::Identity>(op) || ir::is<ir::Relu>(op) || ir::is<ir::Clip>(op)) {
    return node.check_per_tensor(1).has_value();
  }
  if (ir::is<ir::Add>(op) || ir::is<ir::Sub>(op)) return node.check_per_tensor(2).has_value();
  if (ir::is<ir::ReduceSum>(op) || ir::is<ir::ReduceMean>(op)) {
    return numeric::is_shift(node.arithmetic()) && node.check_per_tensor(1).has_value();
  }
  // Products that ONNX Runtime has a kernel of its own for.
  return ir::is<ir::Mul>(op) && node.check_per_tensor(2).has_value() &&
         numeric::has_fused_kernel(node.arithmetic(), *node.in_quantization(0),
                                   *node.in_quantization(1), *node.out_quantization());
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
// In those that shift: the same in float64, which is exact where a result is a quotient of integers
// below 2^53, so that it is rounded once.
Result<std::vector<Tensor>> evaluate_on_reals(const NodeView& node) {
  const bool in_float64 = numeric::is_shift(node.arithmetic());
  const DType real_type = in_float64 ? DType::Float64 : DType::Float32;
  std::vector<Tensor> reals(node.inputs().size());
  std::vector<const Tensor*> inputs(node.inputs().begin(), node.inputs().end());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (!node.has(i)) continue;
    const numeric::Quantization* codes = node.in_quantization(i);
    if (codes == nullptr) {
      if (node.in(i).dtype() != DType::Float32 || i >= num_data_inputs(node)) continue;
      reals[i] = numeric::cast(node.in(i), real_type);
    } else {
      reals[i] = in_float64 ? numeric::dequantized_to_float64(node.in(i), *codes)
                            : numeric::dequantized(node.in(i), *codes);
    }
    inputs[i] = &reals[i];
  }
  std::vector<ir::ValueType> types = node.out_types();
  for (std::size_t i = 0; i < types.size(); ++i) {
    const bool is_real = types[i].dtype == DType::Float32;
    if (node.out_quantization(i) != nullptr || is_real) types[i].dtype = real_type;
  }
  SL_TRY(auto outputs, runtime::reference::evaluate(node.node().op, inputs, types));
  for (std::size_t i = 0; i < types.size(); ++i) {
    if (node.out_quantization(i) != nullptr) {
      outputs[i] = numeric::quantized(outputs[i], *node.out_quantization(i), node.arithmetic());
    } else if (types[i].dtype == DType::Float64) {
      outputs[i] = numeric::cast(outputs[i], node.out_type(i).dtype);
    }
  }
  return outputs;
}

}  // namespace

Result<std::vector<Tensor>> evaluate(const NodeView& node) {
  if (!is_quantized(node)) return evaluate_plain(node, node.inputs());
  SL_TRY_STATUS(check_scales(node));
  if (is_on_reals(node.arithmetic())) {
    const bool on_codes = keeps_codes(node) ? has_one_quantization(node)
                                            : is_integer_layer(node) || is_function_of_codes(node);
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
