// SPDX-License-Identifier: Apache-2.0
// Between our tensors and LibTorch's.
#pragma once

#include <torch/types.h>

#include "sluice/base/result.hpp"
#include "sluice/numeric/tensor.hpp"

namespace sluice::train {

// A copy. float32, float64, int64, int32, int8, uint8 and bool; Unsupported for others.
[[nodiscard]] Result<at::Tensor> to_torch(const Tensor& tensor);

// A copy, wherever the tensor lies and however strided it is. Of the same types (asserted).
[[nodiscard]] Tensor from_torch(const at::Tensor& tensor);

}  // namespace sluice::train
