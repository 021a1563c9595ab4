// SPDX-License-Identifier: Apache-2.0
// Tensors as ONNX files hold them.
#pragma once

#include <cstdint>
#include <onnx/onnx.pb.h>
#include <string>

#include "sluice/numeric/tensor.hpp"

namespace sluice::exporter::onnx {

// TensorProto.DataType's number, also of the types newer than the installed definitions.
[[nodiscard]] std::int32_t data_type_of(DType dtype);

// The elements in little-endian order; those of fewer than 8 bits packed, the first in the lowest
// bits of its byte.
[[nodiscard]] std::string raw_data(const Tensor& tensor);

// Type, shape and name, without content.
void set_head(const std::string& name, const Tensor& tensor, ::onnx::TensorProto& message);

}  // namespace sluice::exporter::onnx
