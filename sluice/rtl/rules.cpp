// SPDX-License-Identifier: Apache-2.0
#include "sluice/rtl/rules.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "sluice/numeric/code_product.hpp"
#include "sluice/numeric/code_rescale.hpp"
#include "sluice/numeric/element.hpp"
#include "sluice/numeric/sum_rescaler.hpp"

namespace sluice::rtl {
namespace {

struct Quantizations {
  numeric::Quantization x, y;
};

Result<Quantizations> quantizations_of(const ir::Graph& network, const ir::Node& node) {
  const Tensors tensors(network);
  SL_TRY(const Codes x, tensors.codes(node.inputs[0]));
  SL_TRY(const Codes y, tensors.codes(node.outputs[0]));
  static_cast<void>(x);
  static_cast<void>(y);
  return Quantizations{*network[node.inputs[0]].quantization,
                       *network[node.outputs[0]].quantization};
}

numeric::Arithmetic arithmetic_of(const ir::Node& node) {
  return node.arithmetic.value_or(numeric::Arithmetic::Onnx);
}

// The real number of input i of a Clip.
Result<double> bound_of(const ir::Graph& network, const ir::Node& node, std::size_t i,
                        double otherwise) {
  if (i >= node.inputs.size() || node.inputs[i] == ir::kNoValue) return otherwise;
  const ir::Value& value = network[node.inputs[i]];
  if (!value.constant) {
    return Error{ErrorCode::Unsupported, "has a bound that is computed while it runs"};
  }
  const Tensor real = value.quantization
                          ? numeric::dequantized(*value.constant, *value.quantization)
                          : *value.constant;
  return static_cast<double>(numeric::cast(real, DType::Float32).data<float>()[0]);
}

}  // namespace

Result<ClampRule> clamp_rule(const ir::Graph& network, const ir::Node& node) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const bool is_relu = ir::is<ir::Relu>(node.op);
  if (!is_relu && !ir::is<ir::Clip>(node.op)) {
    return Error{ErrorCode::Unsupported,
                 "is no clamp; the modules have ReLU and its bounded forms"};
  }
  SL_TRY(const double low, is_relu ? Result<double>(0.0) : bound_of(network, node, 1, -kInfinity));
  SL_TRY(const double high,
         is_relu ? Result<double>(kInfinity) : bound_of(network, node, 2, kInfinity));
  SL_TRY(const Quantizations by, quantizations_of(network, node));
  SL_TRY(const numeric::CodeRescale rescale,
         numeric::CodeRescale::clamped(arithmetic_of(node), by.x, by.y, low, high));
  const numeric::CodeRange codes = numeric::codes_of(by.x);
  ClampRule result;
  result.rule = {[rescale](std::int64_t x) { return rescale.code(x); }, codes.lowest,
                 codes.highest};
  result.codes = {rescale.code(codes.lowest), rescale.code(codes.highest)};
  result.keeps_codes_within = true;
  for (std::int64_t x = codes.lowest; x <= codes.highest && result.keeps_codes_within; ++x) {
    result.keeps_codes_within =
        rescale.code(x) == std::clamp(x, result.codes.lowest, result.codes.highest);
  }
  return result;
}

Result<AccumulatorRule> change_rule(const ir::Graph& network, const ir::Node& node,
                                    ir::ValueId from, ir::ValueId to) {
  const Tensors tensors(network);
  SL_TRY(const Codes x, tensors.codes(from));
  SL_TRY(const Codes y, tensors.codes(to));
  static_cast<void>(y);
  const numeric::Arithmetic arithmetic = arithmetic_of(node);
  if (!numeric::is_on_reals(arithmetic)) {
    return Error{ErrorCode::Unsupported,
                 "moves or compares codes of different scales; quantize them with one"};
  }
  SL_TRY(const numeric::CodeRescale change,
         numeric::CodeRescale::make(arithmetic, *network[from].quantization,
                                    *network[to].quantization));
  return AccumulatorRule{[change](std::int64_t code) { return change.code(code); }, x.range.lowest,
                         x.range.highest};
}

Result<AccumulatorRule> mean_rule(const ir::Graph& network, const ir::Node& node,
                                  std::int64_t count) {
  SL_TRY(const Quantizations by, quantizations_of(network, node));
  const numeric::Arithmetic arithmetic = arithmetic_of(node);
  const numeric::CodeRange codes = numeric::codes_of(by.x);
  AccumulatorRule rule{{}, codes.lowest * count, codes.highest * count};
  // Pools of the runtimes that have their own keep codes.
  const bool keeps_codes =
      ir::is<ir::AveragePool>(node.op) &&
      (numeric::is_tflite(arithmetic) || arithmetic == numeric::Arithmetic::Xnnpack);
  if (keeps_codes) {
    if (by.x != by.y) {
      return Error{ErrorCode::Unsupported,
                   "changes scale or zero point; a mean of codes keeps its input's"};
    }
    rule.code = [count](std::int64_t sum) { return numeric::mean_of_codes(sum, count); };
    return rule;
  }
  SL_TRY(const numeric::SumRescaler rescaler,
         numeric::SumRescaler::make(arithmetic, by.x, by.y, count, count));
  rule.code = [rescaler](std::int64_t sum) { return rescaler.code(sum); };
  return rule;
}

Result<AccumulatorRule> product_rule(const ir::Graph& network, const ir::Node& node) {
  const Tensors tensors(network);
  SL_TRY(const Codes a, tensors.codes(node.inputs[0]));
  SL_TRY(const Codes b, tensors.codes(node.inputs[1]));
  SL_TRY(const Codes y, tensors.codes(node.outputs[0]));
  static_cast<void>(y);
  SL_TRY(const numeric::CodeProduct product,
         numeric::CodeProduct::make(arithmetic_of(node), *network[node.inputs[0]].quantization,
                                    *network[node.inputs[1]].quantization,
                                    *network[node.outputs[0]].quantization));
  const auto centred = [](std::int64_t code, const Codes& of) { return code - of.zero_point; };
  const auto corners = {centred(a.range.lowest, a) * centred(b.range.lowest, b),
                        centred(a.range.lowest, a) * centred(b.range.highest, b),
                        centred(a.range.highest, a) * centred(b.range.lowest, b),
                        centred(a.range.highest, a) * centred(b.range.highest, b)};
  AccumulatorRule rule{[product](std::int64_t x) { return product.code_of_product(x); },
                       std::min(corners), std::max(corners)};
  if (rule.lowest < std::numeric_limits<std::int32_t>::min() ||
      rule.highest > std::numeric_limits<std::int32_t>::max()) {
    return Error{ErrorCode::Unsupported,
                 "multiplies codes whose products need more than 32 bits with scales of any size; "
                 "quantize the network to fewer bits"};
  }
  if (product.is_of_product()) return rule;
  constexpr int kMostTriedBits = 10;
  bool is_equal = a.word.bits <= kMostTriedBits && b.word.bits <= kMostTriedBits;
  for (std::int64_t i = a.range.lowest; i <= a.range.highest && is_equal; ++i) {
    for (std::int64_t j = b.range.lowest; j <= b.range.highest && is_equal; ++j) {
      is_equal = product.code(i, j) == rule.code(centred(i, a) * centred(j, b));
    }
  }
  if (is_equal) return rule;
  return Error{ErrorCode::Unsupported,
               "multiplies real numbers in float32, whose products of codes differ; quantize the "
               "network in another arithmetic"};
}

}  // namespace sluice::rtl
