// SPDX-License-Identifier: Apache-2.0
// Fold: the shortest interval at which a partition fits a budget.
#pragma once

#include "sluice/dse/solve.hpp"

namespace sluice::dse {

struct Folded {
  std::optional<Assignment> assignment;  // none if none was found
  double interval_cycles = 0;
  // No choices have a shorter interval than this: proven, whether or not there are any.
  double least_interval_cycles = 0;
};

// Of an earlier search for the same: what it found and proved.
struct Known {
  double interval_cycles = 0, least_interval_cycles = 0;
};

struct FoldOptions {
  // Kept of the budget for what choices do not tell, as the buffers before joins.
  Demand reserved;
  // The interval of an earlier fold with less reserved; 0: there was none.
  double at_least = 0;
  // Only what is faster is looked for, by the effort alone.
  std::optional<Known> known;
};

// With the effort, if there is any, put into what lies between the interval that prices found and
// the one they proved. Finds nothing if no choices fit, or if the effort's time had ended.
[[nodiscard]] Folded fold(const Problem& problem, const Space& space,
                          const FoldOptions& options = {}, const Effort& effort = {});

// What is wanted instead: that an interval is kept within a share of what may be taken.
struct Target {
  double interval_cycles = 0;
  double share = 1;
};
[[nodiscard]] Folded fold_at(const Problem& problem, const Space& space, const Target& target,
                             const FoldOptions& options = {}, const Effort& effort = {});

}  // namespace sluice::dse
