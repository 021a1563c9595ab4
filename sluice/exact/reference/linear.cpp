// SPDX-License-Identifier: Apache-2.0
// Layers that multiply and add: their accumulators are the operator itself on the integers
// code − zero_point, which float64 computes exactly below 2^53. In an accumulator of its own, and
// in the arithmetics that shift, they are added up in integers, in the order of accumulate.hpp.
#include "sluice/exact/reference/linear.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>

#include "sluice/exact/reference/accumulate.hpp"
#include "sluice/exact/reference/kernel.hpp"
#include "sluice/numeric/element.hpp"
#include "sluice/numeric/layer_scales.hpp"
#include "sluice/runtime/reference/kernel.hpp"

namespace sluice::exact::reference {
namespace {

// code − zero_point as float64.
Tensor centred_reals(const Tensor& codes, const numeric::Quantization& quantization) {
  numeric::Quantization unit = quantization;
  unit.scales.assign(unit.scales.size(), 1.0F);
  return numeric::cast(numeric::dequantized(codes, unit), DType::Float64);
}

// The accumulators, in the output's shape.
Result<std::vector<double>> accumulators(const NodeView& node) {
  std::vector<Tensor> integers(node.inputs().size());
  std::vector<const Tensor*> inputs(node.inputs().size(), nullptr);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (!node.has(i)) continue;
    if (node.in_quantization(i) == nullptr) return node.in_affine(i).error();
    if (i == 2) {  // a bias of 32 bits, which float32 would round
      integers[i] = numeric::cast(node.in(i), DType::Float64);
    } else {
      integers[i] = centred_reals(node.in(i), *node.in_quantization(i));
    }
    inputs[i] = &integers[i];
  }
  const ir::ValueType type{DType::Float64, node.out_type().shape};
  SL_TRY(const auto outputs, runtime::reference::evaluate(node.node().op, inputs, {&type, 1}));
  return numeric::to_doubles(outputs[0]);
}

Result<std::int32_t> in_32_bits(double accumulator) {
  using Limits = std::numeric_limits<std::int32_t>;
  if (accumulator >= Limits::min() && accumulator <= Limits::max()) {
    return static_cast<std::int32_t>(accumulator);
  }
  return Error{
      ErrorCode::Unsupported,
      fmt::format("its accumulator reaches {:.0f}, which 32 bits do not hold", accumulator)};
}

// The accumulators as the real numbers they stand for: each times s_x·s_w, in float64 and then
// rounded to float32; ONNX Runtime and XNNPACK take each step in float32.
Result<Tensor> dequantized(const NodeView& node, const std::vector<double>& sums,
                           std::size_t stride) {
  SL_TRY(const Affine x, node.in_affine(0));
  const bool in_float32 = node.arithmetic() == numeric::Arithmetic::OnnxRuntime ||
                          node.arithmetic() == numeric::Arithmetic::Xnnpack;
  const std::vector<float>& weight_scales = node.in_quantization(1)->scales;
  std::vector<float> reals;
  reals.reserve(sums.size());
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const float weight_scale = weight_scales[i / stride % weight_scales.size()];
    reals.push_back(in_float32 ? static_cast<float>(sums[i]) * (x.scale * weight_scale)
                               : static_cast<float>(sums[i] * (double{x.scale} * weight_scale)));
  }
  return Tensor::from(node.out_type().shape, reals);
}

bool is_in_integers(const NodeView& node) {
  return node.node().accumulator || numeric::is_shift(node.arithmetic());
}

Result<std::int64_t> requantized(std::int64_t accumulator, const numeric::Requantizer& by) {
  if (numeric::is_shift(by.arithmetic)) return numeric::requantize_wide(accumulator, by);
  SL_TRY(const std::int32_t narrow, in_32_bits(static_cast<double>(accumulator)));
  return numeric::requantize(narrow, by);
}

// run_linear() in integers.
Result<Tensor> run_in_integers(const NodeView& node, std::size_t channel_axis) {
  SL_TRY(const auto by, requantizers(node));
  SL_TRY(const auto sums, accumulate(node, channel_axis));
  const Shape& shape = node.out_type().shape;
  const auto stride = shape.empty() ? 1 : static_cast<std::size_t>(strides_of(shape)[channel_axis]);
  std::vector<std::int64_t> codes;
  codes.reserve(sums.size());
  for (std::size_t i = 0; i < sums.size(); ++i) {
    SL_TRY(codes.emplace_back(), requantized(sums[i], by[i / stride % by.size()]));
  }
  return to_tensor(codes, node.out_type());
}

// `channel_axis`: the dimension of the output along which the weights' scales go.
Result<Tensor> run_linear(const NodeView& node, std::size_t channel_axis) {
  if (is_in_integers(node)) return run_in_integers(node, channel_axis);
  SL_TRY(const auto sums, accumulators(node));
  const Shape& shape = node.out_type().shape;
  const auto stride = shape.empty() ? 1 : static_cast<std::size_t>(strides_of(shape)[channel_axis]);
  if (node.out_quantization() == nullptr) return dequantized(node, sums, stride);
  SL_TRY(const auto by, requantizers(node));
  std::vector<std::int64_t> codes;
  codes.reserve(sums.size());
  for (std::size_t i = 0; i < sums.size(); ++i) {
    SL_TRY(const std::int32_t accumulator, in_32_bits(sums[i]));
    codes.push_back(numeric::requantize(accumulator, by[i / stride % by.size()]));
  }
  return to_tensor(codes, node.out_type());
}

// The dimension of the weights that counts output channels.
std::int64_t channel_axis_of_weights(const ir::Node& node, std::int64_t weight_rank) {
  if (ir::is<ir::ConvTranspose>(node.op)) return 1;
  if (const auto* gemm = std::get_if<ir::Gemm>(&node.op)) return gemm->trans_b ? 0 : 1;
  return ir::is<ir::MatMul>(node.op) ? weight_rank - 1 : 0;
}

// Weights with several scales must have them along `axis`.
Status require_scales_along(const numeric::Quantization* weights, std::int64_t axis) {
  if (!weights->is_per_channel() || weights->axis == axis) return {};
  return Error{ErrorCode::Unsupported,
               fmt::format("its weights have a scale for each index of dimension {}, only those of "
                           "the output channels, dimension {}, can have their own",
                           weights->axis, axis)};
}

}  // namespace

Result<std::vector<std::int64_t>> accumulators_of(const NodeView& node) {
  if (is_in_integers(node)) return accumulate(node, requantizer_axis(node));
  SL_TRY(const auto sums, accumulators(node));
  std::vector<std::int64_t> integers;
  integers.reserve(sums.size());
  for (const double sum : sums) integers.push_back(static_cast<std::int64_t>(sum));
  return integers;
}

std::size_t requantizer_axis(const NodeView& node) {
  const std::size_t rank = node.out_type().shape.size();
  if (!ir::is<ir::MatMul>(node.node().op)) return 1;
  return rank == 0 ? 0 : rank - 1;
}

namespace {

// One for the layer, or one an output channel where weights or output have a scale for each. An
// input with several counts in the smallest.
Result<std::vector<numeric::Requantizer>> shift_requantizers(const NodeView& node) {
  for (const std::size_t i : {std::size_t{0}, std::size_t{1}}) {
    if (node.in_quantization(i) == nullptr) return node.in_affine(i).error();
  }
  if (node.out_quantization() == nullptr) return node.out_affine().error();
  const numeric::Quantization& weights = *node.in_quantization(1);
  const numeric::Quantization& output = *node.out_quantization();
  SL_TRY_STATUS(require_scales_along(
      &weights,
      channel_axis_of_weights(node.node(), static_cast<std::int64_t>(node.in_shape(1).size()))));
  const auto channel_axis = static_cast<std::int64_t>(requantizer_axis(node));
  if (output.is_per_channel() && output.axis != channel_axis) {
    return Error{
        ErrorCode::Unsupported,
        fmt::format("its output has a scale for each index of dimension {}, only channels, "
                    "dimension {}, can have their own",
                    output.axis, channel_axis)};
  }
  const float input_scale = std::ranges::min(node.in_quantization(0)->scales);
  const std::size_t count = std::max(weights.scales.size(), output.scales.size());
  std::vector<numeric::Requantizer> result;
  result.reserve(count);
  for (std::size_t m = 0; m < count; ++m) {
    const std::size_t of_weights = weights.is_per_channel() ? m : 0;
    const std::size_t of_output = output.is_per_channel() ? m : 0;
    SL_TRY(
        result.emplace_back(),
        numeric::make_requantizer(
            node.arithmetic(), {input_scale, weights.scales[of_weights], output.scales[of_output]},
            output.zero_points[of_output], node.out_codes()));
  }
  return result;
}

}  // namespace

Result<std::vector<numeric::Requantizer>> requantizers(const NodeView& node) {
  if (numeric::is_shift(node.arithmetic())) return shift_requantizers(node);
  SL_TRY(const Affine x, node.in_affine(0));
  SL_TRY(const Affine y, node.out_affine());
  const numeric::Quantization* weights = node.in_quantization(1);
  if (weights == nullptr) return node.in_affine(1).error();
  SL_TRY_STATUS(require_scales_along(
      weights,
      channel_axis_of_weights(node.node(), static_cast<std::int64_t>(node.in_shape(1).size()))));
  const DType input = node.in_quantization(0)->dtype;
  std::vector<numeric::Requantizer> result;
  result.reserve(weights->scales.size());
  for (const float weight_scale : weights->scales) {
    const numeric::LayerScales scales =
        numeric::multiplied_scales(node.arithmetic(), input, {x.scale, weight_scale, y.scale});
    SL_TRY(result.emplace_back(),
           numeric::make_requantizer(node.arithmetic(), scales, y.zero_point, node.out_codes()));
  }
  return result;
}

bool is_integer_layer(const NodeView& node) {
  const ir::Op& op = node.node().op;
  const auto* gemm = std::get_if<ir::Gemm>(&op);
  const auto* transposed = std::get_if<ir::ConvTranspose>(&op);
  const bool is_layer = ir::is<ir::Conv>(op) || ir::is<ir::MatMul>(op) ||
                        (transposed != nullptr && transposed->group == 1) ||
                        (gemm != nullptr && gemm->alpha == 1 && gemm->beta == 1);
  const numeric::Quantization* x = node.in_quantization(0);
  const bool is_shift = numeric::is_shift(node.arithmetic());
  if (!is_layer || x == nullptr || node.in_quantization(1) == nullptr ||
      (node.has(2) && node.in_quantization(2) == nullptr) ||
      (is_shift ? node.out_quantization() == nullptr : x->is_per_channel())) {
    return false;
  }
  const auto weight_rank = static_cast<std::int64_t>(node.in_shape(1).size());
  return require_scales_along(node.in_quantization(1),
                              channel_axis_of_weights(node.node(), weight_rank))
      .has_value();
}

Result<Tensor> run(const ir::Conv& /*op*/, const NodeView& node) {
  return run_linear(node, 1);
}

Result<Tensor> run(const ir::ConvTranspose& op, const NodeView& node) {
  if (op.group != 1) return Error{ErrorCode::Unsupported, "is transposed and has groups"};
  return run_linear(node, 1);
}

Result<Tensor> run(const ir::Gemm& op, const NodeView& node) {
  if (op.alpha != 1 || op.beta != 1) {
    return Error{ErrorCode::Unsupported, "has a factor alpha or beta other than 1"};
  }
  return run_linear(node, 1);
}

Result<Tensor> run(const ir::MatMul& /*op*/, const NodeView& node) {
  const std::size_t rank = node.out_type().shape.size();
  if (node.in(1).rank() < 2) {  // a vector has no output channels
    SL_TRY(const Affine weights, node.in_affine(1));
    static_cast<void>(weights);
  }
  return run_linear(node, rank == 0 ? 0 : rank - 1);
}

}  // namespace sluice::exact::reference
