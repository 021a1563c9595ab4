// SPDX-License-Identifier: Apache-2.0
// Which threshold each part of a network gets, when each was tried alone: what is lost adds up, and
// what is left of a layer's work multiplies.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace sluice::dse {

// A threshold that one part of the network may have.
struct ThresholdLevel {
  double loss = 0;                     // by itself; not below 0
  std::vector<double> work_left = {};  // of each layer, of 1; above 0
};

// The thresholds of one part, rising. None of them is a choice too: level 0; levels[i] is i + 1.
struct ThresholdKnob {
  std::vector<ThresholdLevel> levels;
};

struct ThresholdProblem {
  std::vector<double> work;  // of each layer, above 0, without thresholds
  std::vector<ThresholdKnob> knobs;
  // Cost is the norm of this order of the work that is left. 1: all layers share what there is, so
  // that the sum counts. Large: each has its own, and the largest counts.
  double order = 1;
};

// A level of each knob.
using ThresholdLevels = std::vector<std::size_t>;

// Of each layer, of 1.
[[nodiscard]] std::vector<double> work_left(const ThresholdProblem& problem,
                                            const ThresholdLevels& levels);
// Of the cost without thresholds.
[[nodiscard]] double cost_of(const ThresholdProblem& problem, const ThresholdLevels& levels);
[[nodiscard]] double loss_of(const ThresholdProblem& problem, const ThresholdLevels& levels);

// Small cost of those with a loss of no more than `most_loss`: levels that minimise
// ln cost + price · loss, knob by knob until none gains, at the least price that keeps the bound.
// With `weights`, one a knob, losses are taken so many times in the price, which bends the choice;
// not in the bound.
[[nodiscard]] ThresholdLevels choose_thresholds(const ThresholdProblem& problem, double most_loss,
                                                std::span<const double> weights = {});

}  // namespace sluice::dse
