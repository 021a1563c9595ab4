// SPDX-License-Identifier: Apache-2.0
// The sums of a node: of two tensors, and along axes.
#pragma once

#include "sluice/exact/reference/node.hpp"
#include "sluice/numeric/code_sum.hpp"
#include "sluice/numeric/sum_rescaler.hpp"

namespace sluice::exact::reference {

// Of an Add, or of a Sub with `sign` −1. Unsupported where a quantization is missing or one of a
// channel, or scales are too far apart.
[[nodiscard]] Result<numeric::CodeSum> code_sum(const NodeView& node, int sign);

// Of a ReduceSum or ReduceMean over `count` codes. Unsupported where there are none to take the
// mean of, or a quantization is missing or one of a channel.
[[nodiscard]] Result<numeric::SumRescaler> sum_rescaler(const NodeView& node, std::int64_t count,
                                                        bool is_mean);

}  // namespace sluice::exact::reference
