// SPDX-License-Identifier: Apache-2.0
// The shortest interval by trying all choices: the definition of what a search is to find.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "sluice/dse/space.hpp"

namespace sluice::dse::test {

class BruteForce {
 public:
  BruteForce(const Problem& problem, const Space& space) : problem_(problem), space_(space) {
    assignment_.choices.resize(space.nodes.size());
  }

  // Of the slowest layer, or of memory if that is slower. None if nothing fits.
  std::optional<double> shortest() {
    try_from(0, space_.fixed);
    if (shortest_ == std::numeric_limits<double>::infinity()) return std::nullopt;
    return shortest_;
  }

 private:
  [[nodiscard]] bool fits(Demand demand) const {
    const Demand budget = problem_.budget(1);
    demand.of[kBits] = 0;
    if (problem_.may_use_lut_memory) demand = demand.exchanged(budget);
    return demand.within(budget);
  }

  void try_from(std::size_t n, const Demand& so_far) {
    if (n == space_.nodes.size()) {
      const Demand demand = demand_of(space_, assignment_);
      if (!fits(demand)) return;
      const double memory = std::ceil(demand.of[kBits] / problem_.memory_bits_per_cycle());
      shortest_ = std::min(shortest_, std::max(interval_cycles(space_, assignment_), memory));
      return;
    }
    const auto& choices = space_.nodes[n].layer->choices;
    for (std::uint32_t c = 0; c < choices.size(); ++c) {
      if (choices[c].latency_cycles >= shortest_) return;
      Demand with = so_far;
      with += choices[c].demand;
      // More layers take only more.
      if (!fits(with)) continue;
      assignment_.choices[n] = c;
      try_from(n + 1, with);
    }
  }

  const Problem& problem_;
  const Space& space_;
  Assignment assignment_;
  double shortest_ = std::numeric_limits<double>::infinity();
};

}  // namespace sluice::dse::test
