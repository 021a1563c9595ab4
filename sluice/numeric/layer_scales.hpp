// SPDX-License-Identifier: Apache-2.0
// How an arithmetic multiplies the scales of a layer, before anything is rounded by them.
#pragma once

#include "sluice/numeric/dtype.hpp"
#include "sluice/numeric/requantize.hpp"

namespace sluice::numeric {

// The scales for make_requantizer() of a layer whose input has codes of this type. They are those
// given, but TFLite's convolutions of uint8 take the product of the first two in float32, and so do
// the other arithmetics here that follow them.
[[nodiscard]] LayerScales multiplied_scales(Arithmetic arithmetic, DType input,
                                            const LayerScales& scales) noexcept;

}  // namespace sluice::numeric
