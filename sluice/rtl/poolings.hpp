// SPDX-License-Identifier: Apache-2.0
// Means: which codes they are, and how sums become them.
#pragma once

#include <optional>

#include "sluice/base/result.hpp"
#include "sluice/rtl/scaler.hpp"
#include "sluice/rtl/tensors.hpp"

namespace sluice::rtl {

// The codes of a mean, for sums that begin with a constant.
struct Mean {
  AccumulatorRule rule;            // of the sums
  std::optional<ScalerBank> bank;  // none: the rule is on no line
  std::int64_t constant = 0;
  WordType sum, y;
  numeric::CodeRange codes;
};

// Of `count` words. TFLite rounds by the sign of the sum less what the zero point adds to it. Where
// a line does not do without, that is taken off the sums.
[[nodiscard]] Result<Mean> mean_of(const Tensors& tensors, const ir::Node& node,
                                   std::int64_t count);

}  // namespace sluice::rtl
