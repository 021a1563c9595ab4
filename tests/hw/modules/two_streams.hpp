// SPDX-License-Identifier: Apache-2.0
// What the modules under test are given.
#pragma once

#include "sluice/hw/modules/module.hpp"

namespace sluice::hw::test {

inline constexpr Stream kTwoStreams{.map = {8, 10, 1, 4}, .data_bits = 16, .streams = 2};

}  // namespace sluice::hw::test
