// SPDX-License-Identifier: Apache-2.0
// Means over windows and images of codes of up to 16 bits, in the arithmetics that shift.
#pragma once

#include "sluice/exact/fast/planner.hpp"

namespace sluice::exact::fast {

// Adds the step, or adds nothing and says false where the node is not of the kind: see ops.hpp.
[[nodiscard]] Result<bool> plan_wide_average(const ir::AveragePool& op, const ir::Node& node,
                                             Planner& planner);
// Of a GlobalAveragePool, or a ReduceMean over height and width.
[[nodiscard]] bool plan_wide_mean(const ir::Node& node, Planner& planner);

}  // namespace sluice::exact::fast
