// SPDX-License-Identifier: Apache-2.0
// The instruction sets that vector kernels are compiled for.
#pragma once

// Some kernels are compiled for it too; others then run as for AVX3.
#define HWY_WANT_AVX3_DL

#include <cstdint>
#include <hwy/highway.h>

namespace sluice::test {

// Calls the function under each instruction set that this program has and this machine can run.
template <class Function>
void on_every_target(const Function& function) {
  for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
    hwy::SetSupportedTargetsForTest(target);
    function(hwy::TargetName(target));
    hwy::SetSupportedTargetsForTest(0);
  }
}

}  // namespace sluice::test
