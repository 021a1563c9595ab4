// SPDX-License-Identifier: Apache-2.0
// Codes as counts of thresholds that a sum reaches: for rules that no line equals.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/rtl/scaler.hpp"
#include "sluice/rtl/site.hpp"

namespace sluice::rtl {

// The smallest accumulator that has each code above the lowest, one a code, rising; those that none
// in range has stand one beyond the range.
[[nodiscard]] std::vector<std::int64_t> threshold_list(const AccumulatorRule& rule,
                                                       numeric::CodeRange codes);

// Bits of the codes, each of which takes a step of the search.
[[nodiscard]] int threshold_steps(numeric::CodeRange codes);

// By rules, one or one a channel of the stream, that lead to codes of y within `codes`. A memory
// has codes · channels thresholds: Unsupported for codes of more than kMaxThresholdBits.
inline constexpr int kMaxThresholdBits = 10;
[[nodiscard]] Result<StreamId> add_thresholds(Site& site, StreamId x, WordType y,
                                              std::span<const AccumulatorRule> rules,
                                              numeric::CodeRange codes);

}  // namespace sluice::rtl
