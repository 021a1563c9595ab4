// SPDX-License-Identifier: Apache-2.0
// What the codes of layers without weights are, as the definitions in `numeric` have it.
#pragma once

#include "sluice/base/result.hpp"
#include "sluice/ir/graph.hpp"
#include "sluice/rtl/scaler.hpp"
#include "sluice/rtl/tensors.hpp"

namespace sluice::rtl {

// Of a Relu, or a Clip whose bounds are constants: the code of each code of x.
struct ClampRule {
  AccumulatorRule rule;
  numeric::CodeRange codes;         // that come out
  bool keeps_codes_within = false;  // those between the bounds stay as they are
};
[[nodiscard]] Result<ClampRule> clamp_rule(const ir::Graph& network, const ir::Node& node);

// Of a node that only moves or compares codes: the code of `to` for each of `from`. Unsupported in
// the arithmetics that have no node with two scales.
[[nodiscard]] Result<AccumulatorRule> change_rule(const ir::Graph& network, const ir::Node& node,
                                                  ir::ValueId from, ir::ValueId to);

// Of an AveragePool, GlobalAveragePool or ReduceMean: the code of the mean, for each sum of `count`
// codes of x. Unsupported in the arithmetics in which sums of codes do not tell it.
[[nodiscard]] Result<AccumulatorRule> mean_rule(const ir::Graph& network, const ir::Node& node,
                                                std::int64_t count);

// Of a Mul of two maps: the code of each product of two codes less their zero points. Unsupported
// where the definition has several codes for one product, as float32 rounds its factors.
[[nodiscard]] Result<AccumulatorRule> product_rule(const ir::Graph& network, const ir::Node& node);

}  // namespace sluice::rtl
