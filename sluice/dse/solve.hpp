// SPDX-License-Identifier: Apache-2.0
// Solve: the solvers one after another, the quickest first, until one finds choices or proves that
// there are none.
#pragma once

#include <functional>

#include "sluice/dse/exact.hpp"
#include "sluice/dse/pricing.hpp"

namespace sluice::dse {

// What a search has come to.
struct SearchStatus {
  double interval_cycles = 0;        // found last; 0: nothing yet
  double least_interval_cycles = 0;  // proven; 0: nothing yet
  double temperature = 0;            // of annealing; 0: none yet
  double acceptance = 0;             // of its moves, 0 to 1
  std::int64_t evaluations = 0;      // choices and moves tried since the search began
};

// How much is done where prices find nothing and prove nothing, and who watches.
struct Effort {
  std::int64_t exact_steps = 0;  // of branch and bound, an interval
  int starts = 0;                // of annealing, an interval
  std::int64_t moves = 20000;    // of each
  std::uint64_t seed = 0;
  // Asked between steps that take milliseconds: true ends the search with what was found.
  std::function<bool()> is_over;
  std::function<void(const SearchStatus&)> report;

  [[nodiscard]] bool has_ended() const { return is_over && is_over(); }
  // Nothing but prices.
  [[nodiscard]] bool is_quick() const { return exact_steps == 0 && starts == 0; }
};

class Solver {
 public:
  // `exchanges`: LUTs may take the place of block RAMs.
  Solver(const Space& space, bool exchanges, const Effort& effort)
      : space_(&space), exchanges_(exchanges), effort_(&effort), pricing_(space, exchanges) {}

  // Choices for which every layer takes at most `interval_cycles` and the demand is within
  // `budget`. The same at any number of threads.
  [[nodiscard]] Answer solve(double interval_cycles, const Demand& budget);
  // By prices alone.
  [[nodiscard]] std::optional<Assignment> solve_quickly(double interval_cycles,
                                                        const Demand& budget) {
    return pricing_.find(interval_cycles, budget);
  }
  [[nodiscard]] bool is_proven_impossible(double interval_cycles, const Demand& budget) {
    return pricing_.is_proven_impossible(interval_cycles, budget);
  }
  [[nodiscard]] const SearchStatus& status() const { return status_; }

 private:
  [[nodiscard]] std::optional<Assignment> annealed(const Demand& budget);

  const Space* space_;
  bool exchanges_;
  const Effort* effort_;
  Pricing pricing_;
  SearchStatus status_;
};

}  // namespace sluice::dse
