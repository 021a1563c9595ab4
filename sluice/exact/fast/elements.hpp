// SPDX-License-Identifier: Apache-2.0
// What steps over single elements share.
#pragma once

#include <algorithm>
#include <cstdint>

#include "sluice/exact/fast/planner.hpp"

namespace sluice::exact::fast {

// As many threads as so many elements are worth.
inline int threads_for(std::int64_t count, const Planner& planner) {
  constexpr std::int64_t kElementsWorthAThread = 1 << 14;
  return static_cast<int>(
      std::clamp<std::int64_t>(count / kElementsWorthAThread, 1, planner.threads()));
}

}  // namespace sluice::exact::fast
