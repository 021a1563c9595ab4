// SPDX-License-Identifier: Apache-2.0
#include "sluice/numeric/wide.hpp"

namespace sluice::numeric {

int signed_bits(Wide value) noexcept {
  int bits = 1;
  for (Wide rest = value < 0 ? ~value : value; rest != 0; rest >>= 1) ++bits;
  return bits;
}

}  // namespace sluice::numeric
