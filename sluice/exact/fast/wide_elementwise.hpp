// SPDX-License-Identifier: Apache-2.0
// Element-wise operators on codes of up to 16 bits, in the arithmetics that shift.
#pragma once

#include "sluice/exact/fast/planner.hpp"

namespace sluice::exact::fast {

// Adds the step, or adds nothing and says false where the node is not of the kind: see ops.hpp.
// Sums of values of one type and shape; bounds; any function of one code, as a table of all its
// codes that the reference kernel fills.
[[nodiscard]] Result<bool> plan_wide_elementwise(const ir::Node& node, Planner& planner);

}  // namespace sluice::exact::fast
