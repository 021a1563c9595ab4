// SPDX-License-Identifier: Apache-2.0
// Which scales the factor of a layer is computed of.
#pragma once

#include "sluice/numeric/dtype.hpp"
#include "sluice/numeric/requantize.hpp"

namespace sluice::numeric {

// Those of the layer; but TFLite's convolutions of uint8 multiply the first two in float32.
[[nodiscard]] inline LayerScales factor_scales(Arithmetic arithmetic, DType input,
                                               const LayerScales& scales) noexcept {
  const bool in_float32 = input == DType::UInt8 && !is_shift(arithmetic) &&
                          arithmetic != Arithmetic::TfliteFloat64;
  return in_float32 ? LayerScales{scales.input * scales.weight, 1, scales.output} : scales;
}

}  // namespace sluice::numeric
