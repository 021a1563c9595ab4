// SPDX-License-Identifier: Apache-2.0
#include "sluice/dse/solve.hpp"

#include <algorithm>

#include "sluice/base/threads.hpp"

namespace sluice::dse {

Answer Solver::solve(double interval_cycles, const Demand& budget) {
  if (auto found = pricing_.find(interval_cycles, budget)) {
    return {Verdict::Found, *std::move(found)};
  }
  if (pricing_.is_impossible()) return {Verdict::Impossible, {}};
  if (effort_->exact_steps > 0 && !effort_->has_ended()) {
    const auto prices = pricing_.bounding_prices(budget);
    Answer answer = find_exactly(*space_, {.allowed = pricing_.allowed(),
                                           .interval_cycles = interval_cycles,
                                           .budget = budget,
                                           .exchanges = exchanges_,
                                           .prices = prices,
                                           .max_steps = effort_->exact_steps,
                                           .is_over = effort_->is_over});
    status_.evaluations += answer.steps;
    if (answer.verdict != Verdict::Unknown) return answer;
  }
  if (effort_->starts > 0 && pricing_.nearest() && !effort_->has_ended()) {
    if (auto found = annealed(budget)) return {Verdict::Found, *std::move(found)};
  }
  return {};
}

// From what prices came nearest with, by several ways of chance side by side. The first that ends
// well counts, whichever thread ends first.
std::optional<Assignment> Solver::annealed(const Demand& budget) {
  constexpr double kFirstTemperature = 0.05;
  std::vector<Annealed> ends(static_cast<std::size_t>(effort_->starts));
  parallel_for(effort_->starts, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t start = begin; start < end; ++start) {
      if (effort_->has_ended()) return;
      Rng rng(effort_->seed + static_cast<std::uint64_t>(start));
      ends[static_cast<std::size_t>(start)] =
          pricing_.annealed(budget, *pricing_.nearest(), rng,
                            {.moves = effort_->moves, .first_temperature = kFirstTemperature});
    }
  });
  for (const Annealed& each : ends) {
    status_.evaluations += each.moves;
    if (each.moves > 0) {
      status_.acceptance = static_cast<double>(each.accepted) / static_cast<double>(each.moves);
    }
    status_.temperature = each.temperature;
  }
  const auto found =
      std::ranges::find_if(ends, [](const Annealed& each) { return each.assignment.has_value(); });
  if (found == ends.end()) return std::nullopt;
  return found->assignment;
}

}  // namespace sluice::dse
