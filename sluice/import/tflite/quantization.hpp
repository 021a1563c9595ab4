// SPDX-License-Identifier: Apache-2.0
// Weights that are stored in 8 bits, as the float32 numbers they stand for.
#pragma once

#include <tflite_generated.h>

#include "sluice/base/result.hpp"
#include "sluice/numeric/tensor.hpp"

namespace sluice::importer::tflite {

// (code − zero_point)·scale in float32, with one scale for the whole int8 tensor or one for each
// index of its quantized dimension; zero points may be absent (all 0). Verify if the numbers of
// scales and zero points fit neither, or a scale is not a positive number.
[[nodiscard]] Result<Tensor> dequantized(const Tensor& codes,
                                         const fb::QuantizationParameters& parameters);

}  // namespace sluice::importer::tflite
