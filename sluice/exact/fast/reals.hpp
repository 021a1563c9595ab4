// SPDX-License-Identifier: Apache-2.0
// Steps at the border between codes and real numbers.
#pragma once

#include "sluice/exact/fast/planner.hpp"

namespace sluice::exact::fast {

// Each says, as plan_op does, whether it knows the node and has added its step. The Identity that
// quantizes or dequantizes is among plan_op.

// A Gemm of 8-bit codes with a real output: its accumulators times the scales.
[[nodiscard]] Result<bool> plan_real_gemm(const ir::Gemm& op, const ir::Node& node,
                                          Planner& planner);

// The mean over height and width of images of 8-bit codes in ONNX's arithmetics: of the real
// numbers, summed in float64.
[[nodiscard]] Result<bool> plan_real_mean(const ir::Node& node, Planner& planner);

}  // namespace sluice::exact::fast
