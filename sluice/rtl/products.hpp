// SPDX-License-Identifier: Apache-2.0
// What the codes of layers with weights are, for each sum that they can have.
#pragma once

#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/rtl/scaler.hpp"
#include "sluice/rtl/tensors.hpp"

namespace sluice::rtl {

struct SumRules {
  std::vector<AccumulatorRule> rules;  // one a filter
  numeric::CodeRange codes;
};
// Of a convolution or an inner product whose arithmetic does not shift.
[[nodiscard]] Result<SumRules> sum_rules(const Tensors& tensors, const ir::Node& node);

}  // namespace sluice::rtl
