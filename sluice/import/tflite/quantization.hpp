// SPDX-License-Identifier: Apache-2.0
// What a file says the integers of a tensor stand for.
#pragma once

#include "sluice/base/result.hpp"
#include "sluice/import/tflite/model.hpp"
#include "sluice/numeric/quantization.hpp"

namespace sluice::importer::tflite {

// Whether the tensor's elements are 8 or 16-bit codes with a scale.
[[nodiscard]] bool is_quantized(const TensorInfo& info);

// The quantization of such a tensor, or of a bias in int32: one scale, or one for each index of its
// quantized dimension if it is a constant; absent zero points are 0. Verify, with the tensor as the
// place, if these fit neither, a scale is not a positive number, or a zero point is no code.
[[nodiscard]] Result<numeric::Quantization> quantization_of(const TensorInfo& info);

}  // namespace sluice::importer::tflite
