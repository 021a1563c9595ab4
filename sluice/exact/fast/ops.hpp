// SPDX-License-Identifier: Apache-2.0
// The operators that have fast steps. Each adds them for its node and says true, or adds nothing
// and says false where the node is not of the kind it knows: then the reference kernel runs.
#pragma once

#include "sluice/exact/fast/planner.hpp"

namespace sluice::exact::fast {

[[nodiscard]] Result<bool> plan_op(const ir::Conv& op, const ir::Node& node, Planner& planner);
[[nodiscard]] Result<bool> plan_op(const ir::Gemm& op, const ir::Node& node, Planner& planner);

[[nodiscard]] Result<bool> plan_op(const ir::Identity& op, const ir::Node& node, Planner& planner);

[[nodiscard]] Result<bool> plan_op(const ir::AveragePool& op, const ir::Node& node,
                                   Planner& planner);
[[nodiscard]] Result<bool> plan_op(const ir::GlobalAveragePool& op, const ir::Node& node,
                                   Planner& planner);
[[nodiscard]] Result<bool> plan_op(const ir::MaxPool& op, const ir::Node& node, Planner& planner);
[[nodiscard]] Result<bool> plan_op(const ir::ReduceMean& op, const ir::Node& node,
                                   Planner& planner);

[[nodiscard]] Result<bool> plan_op(const ir::Concat& op, const ir::Node& node, Planner& planner);
[[nodiscard]] Result<bool> plan_op(const ir::Flatten& op, const ir::Node& node, Planner& planner);
[[nodiscard]] Result<bool> plan_op(const ir::Pad& op, const ir::Node& node, Planner& planner);
[[nodiscard]] Result<bool> plan_op(const ir::Reshape& op, const ir::Node& node, Planner& planner);
[[nodiscard]] Result<bool> plan_op(const ir::Resize& op, const ir::Node& node, Planner& planner);
[[nodiscard]] Result<bool> plan_op(const ir::Slice& op, const ir::Node& node, Planner& planner);
[[nodiscard]] Result<bool> plan_op(const ir::Squeeze& op, const ir::Node& node, Planner& planner);
[[nodiscard]] Result<bool> plan_op(const ir::Transpose& op, const ir::Node& node, Planner& planner);
[[nodiscard]] Result<bool> plan_op(const ir::Unsqueeze& op, const ir::Node& node, Planner& planner);

// Element-wise operators on codes, whatever they compute: from a table of all codes, or of all
// pairs.
[[nodiscard]] Result<bool> plan_elementwise(const ir::Node& node, Planner& planner);

}  // namespace sluice::exact::fast
