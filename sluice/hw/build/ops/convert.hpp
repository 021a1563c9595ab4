// SPDX-License-Identifier: Apache-2.0
// Converters: what an operator becomes in hardware, one function each, in ops/<family>.cpp. A
// missing one is a link error by name: every operator is decided.
#pragma once

#include "sluice/hw/build/site.hpp"
#include "sluice/ir/op.hpp"

namespace sluice::hw::ops {

// At least one input is a stream, and those that are have words in some order. Inputs that must be
// constants may be streams: then the operator is refused.
#define SL_OP(Name, family) [[nodiscard]] Verdict convert(const ir::Name& op, Site& site);
#include "sluice/ir/ops.def"
#undef SL_OP

// What is taken together.
[[nodiscard]] Verdict convert_product(Site& site);
[[nodiscard]] Verdict convert_function(Function function, Site& site);
[[nodiscard]] Verdict convert_parts(Site& site);

// Any step.
[[nodiscard]] Verdict convert(const Step& step, Site& site);

// A pooling that covers the whole map is a global one.
[[nodiscard]] Operation pooling(Reduction reduction, const FeatureMap& map, const Pooling& of,
                                const Site& site);

}  // namespace sluice::hw::ops
