// SPDX-License-Identifier: Apache-2.0
#include "sluice/numeric/layer_scales.hpp"

namespace sluice::numeric {

LayerScales multiplied_scales(Arithmetic arithmetic, DType input,
                              const LayerScales& scales) noexcept {
  // A product of powers of two is one: shifts need to know each.
  const bool in_float32 =
      input == DType::UInt8 && !is_shift(arithmetic) && arithmetic != Arithmetic::TfliteFloat64;
  return in_float32 ? LayerScales{scales.input * scales.weight, 1, scales.output} : scales;
}

}  // namespace sluice::numeric
