// SPDX-License-Identifier: Apache-2.0
// The float32 values that are not finite.
#pragma once

#include <limits>

namespace sluice::test {

inline constexpr float kInfinity = std::numeric_limits<float>::infinity();
inline constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

}  // namespace sluice::test
