// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/reference/node.hpp"

#include <fmt/format.h>

#include "sluice/base/text.hpp"
#include "sluice/numeric/element.hpp"

namespace sluice::exact::reference {
namespace {

Result<Affine> per_tensor(const numeric::Quantization* quantization) {
  if (quantization == nullptr) {
    return Error{ErrorCode::Unsupported,
                 "mixes quantized and real values; only quantizing and dequantizing may"};
  }
  if (quantization->is_per_channel()) {
    return Error{ErrorCode::Unsupported,
                 "has one scale a channel where one for the tensor is needed"};
  }
  return Affine{quantization->scales[0], static_cast<std::int32_t>(quantization->zero_points[0])};
}

}  // namespace

Result<Affine> NodeView::in_affine(std::size_t i) const {
  return per_tensor(in_quantization(i));
}

Result<Affine> NodeView::out_affine() const {
  return per_tensor(out_quantization());
}

Status NodeView::check_per_tensor(std::size_t num_inputs) const {
  for (std::size_t i = 0; i < num_inputs; ++i) {
    if (auto affine = in_affine(i); !affine) return std::move(affine.error());
  }
  if (auto affine = out_affine(); !affine) return std::move(affine.error());
  return {};
}

numeric::CodeRange NodeView::out_codes() const {
  const numeric::Quantization* quantization = out_quantization();
  return quantization == nullptr ? numeric::codes_of(out_type().dtype)
                                 : numeric::codes_of(*quantization);
}

numeric::Arithmetic arithmetic_of(const ir::Node& node,
                                  std::optional<numeric::Arithmetic> instead) {
  return instead ? *instead : node.arithmetic.value_or(numeric::Arithmetic::Onnx);
}

namespace {

Status check_powers_of_two(const numeric::Quantization* quantization, const std::string& name,
                           numeric::Arithmetic arithmetic) {
  if (quantization == nullptr) return {};
  for (const float scale : quantization->scales) {
    if (numeric::exact_log2(scale)) continue;
    return Error{ErrorCode::Unsupported,
                 fmt::format("value {} has the scale {}, which is no power of two; {} needs one, "
                             "the other arithmetics do not",
                             sluice::quoted(name), scale, numeric::to_string(arithmetic))};
  }
  return {};
}

}  // namespace

Status check_scales(const NodeView& node) {
  if (!numeric::is_shift(node.arithmetic())) return {};
  for (std::size_t i = 0; i < node.node().inputs.size(); ++i) {
    if (node.node().inputs[i] == ir::kNoValue) continue;
    SL_TRY_STATUS(check_powers_of_two(node.in_quantization(i), node.in_name(i), node.arithmetic()));
  }
  for (std::size_t i = 0; i < node.node().outputs.size(); ++i) {
    if (node.node().outputs[i] == ir::kNoValue) continue;
    SL_TRY_STATUS(
        check_powers_of_two(node.out_quantization(i), node.out_name(i), node.arithmetic()));
  }
  return {};
}

Tensor to_tensor(const std::vector<std::int64_t>& codes, const ir::ValueType& type) {
  return numeric::cast(Tensor::from(type.shape, codes), type.dtype);
}

}  // namespace sluice::exact::reference
