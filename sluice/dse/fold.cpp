// SPDX-License-Identifier: Apache-2.0
#include "sluice/dse/fold.hpp"

#include <algorithm>
#include <cmath>

namespace sluice::dse {
namespace {

// Every interval that choices can have, from the least that any can.
std::vector<double> intervals_of(const Space& space) {
  const double least = space.least_interval_cycles();
  std::vector<double> result{least};
  for (const SpaceNode& node : space.nodes) {
    for (const Choice& choice : node.layer->choices) {
      if (choice.latency_cycles > least) result.push_back(choice.latency_cycles);
    }
    for (const auto* cycles : {&node.in_port_cycles, &node.out_port_cycles}) {
      for (const double each : *cycles) {
        if (each > least) result.push_back(each);
      }
    }
  }
  for (const SpaceEdge& edge : space.edges) {
    for (const double each : edge.cycles) {
      if (each > least && std::isfinite(each)) result.push_back(each);
    }
  }
  // Memory may need longer than any layer.
  constexpr double kLongest = 64;
  const double longest = *std::ranges::max_element(result);
  for (double factor = 2; factor <= kLongest; factor *= 2) result.push_back(longest * factor);
  std::ranges::sort(result);
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

Demand budget_at(const Problem& problem, double interval_cycles, const Demand& reserved) {
  Demand result = problem.budget(interval_cycles);
  result -= reserved;
  return result;
}

// Where `is_low` turns from true to false between two intervals, the first of which is.
template <class IsLow>
double turning_point(double low, double high, const IsLow& is_low) {
  constexpr double kPrecision = 1e-3;
  while (high - low > kPrecision * low) {
    const double middle = std::floor((low + high) / 2);
    if (middle <= low) break;
    (is_low(middle) ? low : high) = middle;
  }
  return low;
}

class Search {
 public:
  Search(const Problem& problem, const Space& space, const FoldOptions& options,
         const Effort& effort)
      : problem_(problem),
        space_(space),
        options_(options),
        effort_(effort),
        solver_(space, problem.may_use_lut_memory, effort),
        intervals_(intervals_of(space)) {}

  Folded shortest() {
    if (options_.known) {
      best_.interval_cycles = options_.known->interval_cycles;
      least_ = std::max(options_.at_least, options_.known->least_interval_cycles);
    } else {
      least_ = options_.at_least > 0 ? options_.at_least : least_possible();
      quickly();
    }
    if (!effort_.is_quick()) thoroughly();
    best_.least_interval_cycles = least_;
    return best_;
  }

 private:
  // By prices alone.
  void quickly() {
    auto low = std::ranges::lower_bound(intervals_, least_);
    if (options_.at_least > 0 && is_found(least_)) return;
    auto high = intervals_.end();
    // What is proven to be the least is it most often: nothing else need be tried then.
    if (low != high && is_found(*low)) high = low;
    // Prices prove less than all: what fails may be possible, but most often is not.
    while (low != high) {
      const auto middle = low + (high - low) / 2;
      if (is_found(*middle)) {
        high = std::ranges::lower_bound(low, middle, layer_interval_);
      } else {
        low = middle + 1;
      }
    }
    if (best_.assignment && high != intervals_.begin() && problem_.device.memory_gbps > 0) {
      // With the choices of the interval before, but more time for memory.
      turning_point(std::max(*(high - 1), least_), *high,
                    [&](double interval) { return !is_found(interval); });
    }
  }

  // What is neither found nor proven impossible, by all solvers.
  void thoroughly() {
    auto low = std::ranges::lower_bound(intervals_, least_);
    auto high = std::ranges::lower_bound(intervals_, best_.interval_cycles);
    while (low < high && !effort_.has_ended()) {
      const auto middle = low + (high - low) / 2;
      const Verdict verdict = solved(*middle);
      if (verdict == Verdict::Found) {
        high = std::ranges::lower_bound(low, middle, layer_interval_);
      } else {
        low = middle + 1;
      }
      if (verdict == Verdict::Impossible) least_ = std::max(least_, *middle);
    }
    if (low != intervals_.begin() && low != intervals_.end() && *low > least_) {
      // Between intervals of layers only memory has more time: not even that is enough.
      const Verdict verdict = solved(*(low - 1), *low);
      if (verdict == Verdict::Impossible) least_ = *low;
    }
    if (!std::isfinite(best_.interval_cycles) || problem_.device.memory_gbps <= 0) return;
    // With the choices of an interval, but more time for memory.
    const auto longer = std::ranges::lower_bound(intervals_, best_.interval_cycles);
    const double before = longer != intervals_.begin() ? *(longer - 1) : 0;
    turning_point(std::max(before, least_), best_.interval_cycles, [&](double interval) {
      if (effort_.has_ended()) return true;
      const Verdict verdict = solved(interval);
      if (verdict == Verdict::Impossible) least_ = std::max(least_, interval);
      return verdict != Verdict::Found;
    });
  }

  // Whether prices find choices that keep an interval.
  bool is_found(double interval) {
    if (effort_.has_ended()) return false;
    auto found = solver_.solve_quickly(interval, budget_at(problem_, interval, options_.reserved));
    if (!found) return false;
    keep(*std::move(found));
    return true;
  }

  Verdict solved(double interval) { return solved(interval, interval); }
  // Memory may take longer than layers.
  Verdict solved(double layer_interval, double memory_interval) {
    Answer answer =
        solver_.solve(layer_interval, budget_at(problem_, memory_interval, options_.reserved));
    if (answer.verdict == Verdict::Found) keep(std::move(answer.assignment));
    if (effort_.report) {
      SearchStatus status = solver_.status();
      status.interval_cycles = std::isfinite(best_.interval_cycles) ? best_.interval_cycles : 0;
      status.least_interval_cycles = least_;
      effort_.report(status);
    }
    return answer.verdict;
  }

  void keep(Assignment found) {
    layer_interval_ = interval_cycles(space_, found);
    const double kept = std::max(layer_interval_, memory_cycles(found));
    if (kept < best_.interval_cycles) best_ = Folded{std::move(found), kept, 0};
  }

  [[nodiscard]] double memory_cycles(const Assignment& assignment) const {
    return std::ceil(demand_of(space_, assignment).of[kBits] / problem_.memory_bits_per_cycle());
  }

  // The first interval that is not proven impossible: impossible ones come first.
  double least_possible() {
    const auto impossible = [&](double interval) {
      return solver_.is_proven_impossible(interval,
                                          budget_at(problem_, interval, options_.reserved));
    };
    const auto first = std::ranges::partition_point(intervals_, impossible);
    if (first == intervals_.end()) return intervals_.back();
    if (first == intervals_.begin()) return *first;
    // Between intervals of layers only memory has more time.
    const Demand unlimited = budget_at(problem_, *first, options_.reserved);
    if (solver_.is_proven_impossible(*(first - 1), unlimited)) return *first;
    return turning_point(*(first - 1), *first, impossible);
  }

  const Problem& problem_;
  const Space& space_;
  const FoldOptions& options_;
  const Effort& effort_;
  Solver solver_;
  std::vector<double> intervals_;
  double least_ = 0;           // no interval below is possible
  double layer_interval_ = 0;  // of what was found last
  Folded best_{.assignment = {}, .interval_cycles = kInfinity, .least_interval_cycles = 0};
};

}  // namespace

Folded fold_at(const Problem& problem, const Space& space, const Target& target,
               const FoldOptions& options, const Effort& effort) {
  Demand budget = problem.budget(target.interval_cycles, target.share);
  budget -= options.reserved;
  Answer answer =
      Solver(space, problem.may_use_lut_memory, effort).solve(target.interval_cycles, budget);
  if (answer.verdict != Verdict::Found) return {};
  const double interval = interval_cycles(space, answer.assignment);
  return {std::move(answer.assignment), interval, 0};
}

Folded fold(const Problem& problem, const Space& space, const FoldOptions& options,
            const Effort& effort) {
  if (!space.is_possible()) return {};
  return Search(problem, space, options, effort).shortest();
}

}  // namespace sluice::dse
