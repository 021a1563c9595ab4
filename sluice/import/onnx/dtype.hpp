// SPDX-License-Identifier: Apache-2.0
// ONNX's numbers for element types.
#pragma once

#include <cstdint>

#include "sluice/base/result.hpp"
#include "sluice/numeric/dtype.hpp"

namespace sluice::importer::onnx {

// The element type of that number in TensorProto.DataType, also of the types newer than the
// installed definitions. Unsupported for strings and complex numbers.
[[nodiscard]] Result<DType> dtype_of(std::int64_t data_type);

}  // namespace sluice::importer::onnx
