// SPDX-License-Identifier: Apache-2.0
// How each operator is planned: one overload an operator, in onednn/<family>.cpp.
#pragma once

#include "sluice/runtime/onednn/planner.hpp"

namespace sluice::runtime::onednn {

// Plans the node. False if this instance of the operator is not covered; then plan_plain does it.
[[nodiscard]] Result<bool> plan_op(Planner& planner, ir::NodeId id);

// The node's reference kernel on row-major values. Also the lists of operators that always run so.
[[nodiscard]] Status plan_plain(Planner& planner, ir::NodeId id);

#define SL_OP(Name, family) Result<bool> plan(const ir::Name& op, Planner& planner, ir::NodeId id);
#include "sluice/ir/ops.def"
#undef SL_OP

// Element-wise nodes: a chain that starts here. False if the node is no chain.
[[nodiscard]] Result<bool> plan_elementwise(Planner& planner, ir::NodeId id);

}  // namespace sluice::runtime::onednn
