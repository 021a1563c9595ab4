// SPDX-License-Identifier: Apache-2.0
// Convolutions and fully connected layers on codes of up to 16 bits, in the arithmetics that shift.
#pragma once

#include "sluice/exact/fast/planner.hpp"

namespace sluice::exact::fast {

// Adds the step, or adds nothing and says false where the layer is not of the kind: see ops.hpp.
[[nodiscard]] Result<bool> plan_wide_conv(const ir::Conv& op, const ir::Node& node,
                                          Planner& planner);
[[nodiscard]] Result<bool> plan_wide_gemm(const ir::Gemm& op, const ir::Node& node,
                                          Planner& planner);

}  // namespace sluice::exact::fast
