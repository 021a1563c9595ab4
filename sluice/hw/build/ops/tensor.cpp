// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/build/ops/convert.hpp"

namespace sluice::hw::ops {

// Another number format of the same words: the layer before it writes that.
Verdict convert(const ir::Cast& /*op*/, Site& /*site*/) {
  return Dropped{};
}

Verdict convert(const ir::Dropout& /*op*/, Site& /*site*/) {
  return Dropped{};
}

Verdict convert(const ir::Identity& /*op*/, Site& /*site*/) {
  return Dropped{};
}

Verdict convert(const ir::ConstantOfShape& /*op*/, Site& /*site*/) {
  return Refused{"its shape is computed while it runs", "give the inputs fixed shapes"};
}

Verdict convert(const ir::Shape& /*op*/, Site& /*site*/) {
  return Refused{"a shape is computed while the network runs", "give the inputs fixed shapes"};
}

}  // namespace sluice::hw::ops
