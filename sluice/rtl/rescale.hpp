// SPDX-License-Identifier: Apache-2.0
// How sums, or codes, become the codes of an output: instances of sl_requantize or sl_shift_round.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/numeric/requantize.hpp"
#include "sluice/rtl/scaler.hpp"
#include "sluice/rtl/site.hpp"

namespace sluice::rtl {

// By one requantizer, or one a channel of the stream; `ranges` are those of the sums, one a channel
// in either case.
[[nodiscard]] Result<StreamId> add_requantizer(Site& site, StreamId x, const Codes& y,
                                               std::span<const numeric::Requantizer> by,
                                               std::span<const numeric::CodeRange> ranges);

// The rules of one requantizer, or one a channel.
[[nodiscard]] std::vector<AccumulatorRule> requantizer_rules(
    std::span<const numeric::Requantizer> by, std::span<const numeric::CodeRange> ranges);

// By rules, one or one a channel of the stream, that lead to codes of y within `codes`: on a line
// where there is one, else by lists of thresholds. Unsupported where these would be too long.
[[nodiscard]] Result<StreamId> add_scaler(Site& site, StreamId x, WordType y,
                                          std::span<const AccumulatorRule> rules,
                                          numeric::CodeRange codes);

// By what add_scaler makes codes of the rules: a line, or thresholds.
[[nodiscard]] hw::Rescale scaling_of(std::span<const AccumulatorRule> rules,
                                     numeric::CodeRange codes);
[[nodiscard]] hw::Rescale scaling_by_thresholds(numeric::CodeRange codes);

// Codes of one tensor as those of another, where a node that only moves or compares them has two
// quantizations. Unsupported in the arithmetics that have no such node.
[[nodiscard]] Result<StreamId> add_change(Site& site, StreamId x, const ir::Node& node,
                                          ir::ValueId from, ir::ValueId to);

// By what was fitted already: one scaler, or one a channel of the stream. A multiplier of 1 of all
// takes no bits.
[[nodiscard]] StreamId add_scaler(Site& site, StreamId x, WordType y, const ScalerBank& bank);

}  // namespace sluice::rtl
