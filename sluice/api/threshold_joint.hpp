// SPDX-License-Identifier: Apache-2.0
// The joint search: every layer its own thresholds. Each is tried alone first; then dse chooses
// among them, and what it chose is measured.
#pragma once

#include <cstdint>

#include "sluice/api/threshold_policy.hpp"
#include "sluice/base/result.hpp"

namespace sluice::api {

// 1. Each level of each knob by itself: how far the answers drift, and how much work is left.
// 2. dse::choose_thresholds for bounds on the sum of the drifts, which are bisected until the
// trials
//    of one bound keep the tolerance and those of one a little larger do not.
// 3. From the best: losses are given other weights by chance, and the choice is made again; what is
//    faster within the tolerance is gone on from. In between single knobs are turned up, those
//    first that promise most speed for what they lose.
[[nodiscard]] Status search_jointly(TrialSource& source, std::uint64_t seed);

}  // namespace sluice::api
