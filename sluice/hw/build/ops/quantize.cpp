// SPDX-License-Identifier: Apache-2.0
// Another number format of the same words: the layer before writes it, the next one reads it.
#include "sluice/hw/build/ops/convert.hpp"

namespace sluice::hw::ops {

Verdict convert(const ir::DequantizeLinear& /*op*/, Site& /*site*/) {
  return Dropped{};
}

Verdict convert(const ir::QuantizeLinear& /*op*/, Site& /*site*/) {
  return Dropped{};
}

Verdict convert(const ir::Snap& /*op*/, Site& /*site*/) {
  return Dropped{};
}

}  // namespace sluice::hw::ops
