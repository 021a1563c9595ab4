// SPDX-License-Identifier: Apache-2.0
// A Status must be looked at.
#include "sluice/base/result.hpp"

sluice::Status save();

void leave() {
  save();
}
