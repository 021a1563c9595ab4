// SPDX-License-Identifier: Apache-2.0
#include "sluice/runtime/reference/values.hpp"

#include "sluice/base/assert.hpp"
#include "sluice/numeric/element.hpp"

namespace sluice::runtime::reference {

Error no_kernel_for(DType dtype) {
  return {ErrorCode::Unsupported,
          fmt::format("has no kernel for {} elements; cast them to float32", to_string(dtype))};
}

namespace {

bool is_computed_in_double(DType dtype) {
  return dtype == DType::Float16 || dtype == DType::BFloat16 || dtype == DType::Float32 ||
         dtype == DType::Float64;
}

}  // namespace

Result<std::vector<double>> read_floats(const Tensor& tensor) {
  if (!is_computed_in_double(tensor.dtype())) return no_kernel_for(tensor.dtype());
  return numeric::to_doubles(tensor);
}

Status write_floats(const std::vector<double>& values, Tensor& tensor) {
  SL_ASSERT(static_cast<std::int64_t>(values.size()) == tensor.num_elements(), "value count");
  if (!is_computed_in_double(tensor.dtype())) return no_kernel_for(tensor.dtype());
  numeric::visit_dtype(tensor.dtype(), [&]<DType kTo>(std::integral_constant<DType, kTo>) {
    const auto elements = tensor.mutable_data<StorageOf<kTo>>();
    for (std::size_t i = 0; i < values.size(); ++i) {
      elements[i] = numeric::from_number<kTo>(values[i]);
    }
  });
  return {};
}

}  // namespace sluice::runtime::reference
