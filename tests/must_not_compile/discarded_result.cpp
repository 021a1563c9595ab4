// SPDX-License-Identifier: Apache-2.0
// A Result must be looked at.
#include "sluice/base/result.hpp"

sluice::Result<int> answer();

void ask() {
  answer();
}
