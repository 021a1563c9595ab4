// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/reference/node.hpp"

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

numeric::CodeRange NodeView::out_codes() const {
  return numeric::codes_of(out_type().dtype);
}

numeric::Arithmetic arithmetic_of(const ir::Node& node,
                                  std::optional<numeric::Arithmetic> instead) {
  return instead ? *instead : node.arithmetic.value_or(numeric::Arithmetic::Onnx);
}

Tensor to_tensor(const std::vector<std::int64_t>& codes, const ir::ValueType& type) {
  return numeric::cast(Tensor::from(type.shape, codes), type.dtype);
}

}  // namespace sluice::exact::reference
