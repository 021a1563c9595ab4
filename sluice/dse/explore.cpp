// SPDX-License-Identifier: Apache-2.0
#include "sluice/dse/explore.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fmt/format.h>

#include "sluice/base/assert.hpp"
#include "sluice/dse/verify.hpp"

namespace sluice::dse {
namespace {

using Clock = std::chrono::steady_clock;

// The network's layers that are in a partition, in topological order.
std::vector<hw::NodeId> members_of(const hw::Partition& partition, const hw::Graph& network) {
  auto members = network.topological_order();
  std::erase_if(members, [&](hw::NodeId id) { return !partition.graph.find(network[id].name); });
  return members;
}

class Explorer {
 public:
  Explorer(const Problem& problem, const ExploreOptions& options)
      : problem_(problem), options_(options), planner_(problem), start_(Clock::now()) {}

  Exploration run() {
    Exploration result;
    if (options_.resumed) {
      result.best = options_.resumed->best;
      result.rounds = options_.resumed->rounds;
    }
    for (;; ++result.rounds) {
      if (result.rounds > 0 && options_.save) options_.save({*result.best, result.rounds});
      if (result.best && is_proven(*result.best)) return ended(std::move(result), Ended::Proven);
      if (!options_.budget_s && result.rounds >= options_.rounds) return result;
      planner_.set_effort(effort_of(result.rounds));
      auto next = result.rounds == 0 ? first() : refined(*result.best);
      if (next && (!result.best || is_better(*next, *result.best))) result.best = std::move(next);
      // A round that was cut short has not ended.
      if (is_over() && !(result.best && is_proven(*result.best))) {
        return ended(std::move(result), why_over());
      }
      if (result.best) continue;
      result.lacking = lacking();
      return result;
    }
  }

  std::vector<Solution> front(const std::vector<std::size_t>& kinds) {
    std::vector<Solution> result;
    planner_.set_effort(effort_of(0));
    const auto members = problem_.graph.topological_order();
    auto fastest = planner_.plan(members);
    if (!fastest) return result;
    for_longer_intervals(members, dse::interval_cycles(*fastest), [&](Plan plan) {
      keep(result, solution({std::move(plan)}), kinds);
      return true;
    });
    return result;
  }

 private:
  [[nodiscard]] bool is_cancelled() const {
    return options_.is_cancelled && options_.is_cancelled();
  }
  [[nodiscard]] bool is_over() const {
    const std::chrono::duration<double> passed = Clock::now() - start_;
    return (options_.budget_s && passed.count() > *options_.budget_s) || is_cancelled();
  }
  [[nodiscard]] Ended why_over() const { return is_cancelled() ? Ended::Cancelled : Ended::Budget; }
  static Exploration ended(Exploration result, Ended why) {
    result.ended = why;
    return result;
  }

  // Each solver counts from its own beginning.
  void report(SearchStatus status) {
    if (status.evaluations < evaluations_of_solver_) earlier_evaluations_ += evaluations_of_solver_;
    evaluations_of_solver_ = status.evaluations;
    status.evaluations += earlier_evaluations_;
    if (options_.report) options_.report(status);
  }

  [[nodiscard]] Effort effort_of(int round) {
    constexpr std::int64_t kSteps = 200'000;
    constexpr int kStarts = 4;
    constexpr int kMostDoublings = 6;
    const int quarters = std::min(round - 1, kMostDoublings);
    Effort effort{.seed = options_.seed + static_cast<std::uint64_t>(round) * 1'000'000,
                  .is_over = [this] { return is_over(); },
                  .report = [this](const SearchStatus& status) { report(status); }};
    if (round > 0) {
      effort.exact_steps = kSteps << (2 * quarters);
      effort.starts = kStarts << quarters;
      effort.moves <<= quarters;
    }
    return effort;
  }

  // The cheapest mappings at ever longer intervals, as long as `call` returns true.
  template <class Call>
  void for_longer_intervals(const std::vector<hw::NodeId>& members, double interval,
                            const Call& call) {
    constexpr double kStep = 1.25;
    constexpr int kMostPoints = 40;
    for (int point = 0; point < kMostPoints && !is_over(); ++point, interval *= kStep) {
      auto plan = cheapest_at(members, interval);
      if (plan && !call(*std::move(plan))) return;
    }
  }

  [[nodiscard]] double energy_uj(const Solution& solution) const {
    return hw::energy_proxy(solution.network, solution.estimate, energy_terms()).total_uj();
  }
  [[nodiscard]] hw::EnergyTerms energy_terms() const {
    return {problem_.device, *problem_.energy, problem_.clock_mhz, problem_.rules};
  }

  // The longer an interval, the less of the device is taken, but for longer; and the more often
  // words are read again. So all are tried.
  std::optional<Solution> least_energy() {
    auto best = fastest();
    if (!best || best->estimate.frames_per_s < problem_.required_fps) return std::nullopt;
    const auto members = problem_.graph.topological_order();
    double interval = best->interval_cycles();
    if (best->network.partitions.size() > 1) {
      const auto single = planner_.plan(members);
      if (!single) return best;
      interval = dse::interval_cycles(*single);
    }
    for_longer_intervals(members, interval, [&](Plan plan) {
      Solution next = solution({std::move(plan)});
      if (next.estimate.frames_per_s < problem_.required_fps) return false;
      if (energy_uj(next) < energy_uj(*best)) best = std::move(next);
      return true;
    });
    return best;
  }

  std::optional<Solution> fastest() {
    std::vector<Plan> plans = cut(problem_, planner_);
    if (plans.empty()) return std::nullopt;
    return solution(std::move(plans));
  }

  // By prices alone.
  std::optional<Solution> first() {
    if (problem_.objective == Objective::Energy) return least_energy();
    if (problem_.objective != Objective::Resources) return fastest();
    auto plan = cheapest_for(problem_.graph.topological_order(), problem_.required_fps);
    if (!plan) return std::nullopt;
    return solution({*std::move(plan)});
  }

  // The same partitions folded anew.
  std::optional<Solution> refined(const Solution& best) {
    std::vector<Plan> plans;
    double least = best.least_interval_cycles;
    for (const hw::Partition& partition : best.network.partitions) {
      Plan plan{.partition = partition,
                .estimate = hw::estimate(partition, *problem_.coefficients, problem_.rules),
                .least_interval_cycles = least};
      const auto members = members_of(partition, problem_.graph);
      const bool is_for_rate = problem_.objective == Objective::Resources;
      auto again = is_for_rate ? cheapest_for(members, problem_.required_fps)
                               : planner_.improved(members, plan);
      least = plan.least_interval_cycles;
      if (again && (is_for_rate || cost_of(*again) < cost_of(plan))) {
        plan = *std::move(again);
      }
      plans.push_back(std::move(plan));
    }
    Solution result = solution(std::move(plans));
    if (result.network.partitions.size() == 1) result.least_interval_cycles = least;
    return result;
  }

  [[nodiscard]] double cost_of(const Plan& plan) const {
    if (problem_.objective != Objective::Energy) return seconds(problem_, plan);
    return hw::energy_proxy(plan.partition, plan.estimate, energy_terms()).total_uj();
  }

  // The shortest interval of one partition: not the least time for one feature map, nor what
  // several partitions may come to.
  [[nodiscard]] bool is_proven(const Solution& solution) const {
    return problem_.objective == Objective::Throughput && problem_.max_partitions == 1 &&
           solution.is_proven();
  }

  // Or as good, with more proven.
  [[nodiscard]] bool is_better(const Solution& next, const Solution& best) const {
    const auto cost = [&](const Solution& solution) {
      if (problem_.objective == Objective::Resources) return largest_share(solution);
      if (problem_.objective == Objective::Energy) return energy_uj(solution);
      return 1 / solution.estimate.frames_per_s;
    };
    if (cost(next) != cost(best)) return cost(next) < cost(best);
    return next.least_interval_cycles > best.least_interval_cycles;
  }

  // Of what may be taken, of what a single partition takes most of.
  [[nodiscard]] double largest_share(const Solution& solution) const {
    const Demand budget = problem_.budget(1);
    const Demand taken(solution.estimate.partitions[0].resources);
    double largest = 0;
    for (std::size_t s = 0; s < kBits; ++s) {
      if (budget.of[s] > 0) largest = std::max(largest, taken.of[s] / budget.of[s]);
    }
    return largest;
  }

  // At which so many feature maps a second come out of a batch. The longest interval that does is
  // looked for: how long the cheapest mapping takes to fill is known only once it is found.
  std::optional<Plan> cheapest_for(const std::vector<hw::NodeId>& members, double fps) {
    const auto suffices = [&](const std::optional<Plan>& plan) {
      return plan && static_cast<double>(problem_.batch_size) / seconds(problem_, *plan) >= fps;
    };
    double high = std::floor(problem_.clock_mhz * 1e6 / fps);
    auto longest = cheapest_at(members, high);
    if (suffices(longest)) return longest;
    auto best = planner_.plan(members);
    if (!suffices(best)) return std::nullopt;
    constexpr int kSteps = 8;
    double low = dse::interval_cycles(*best);
    for (int step = 0; step < kSteps && low < high; ++step) {
      const double middle = std::floor(std::sqrt(low * high));
      auto plan = cheapest_at(members, middle);
      const bool is_enough = suffices(plan);
      (is_enough ? low : high) = middle;
      if (is_enough) best = std::move(plan);
    }
    return best;
  }

  // The least share of what may be taken at which the interval is kept.
  std::optional<Plan> cheapest_at(const std::vector<hw::NodeId>& members, double interval) {
    constexpr double kPrecision = 1.0 / 128;
    auto best = planner_.plan(members, 1, Target{interval, 1});
    double low = 0;
    double high = 1;
    while (best && high - low > kPrecision) {
      const double share = (low + high) / 2;
      auto plan = planner_.plan(members, 1, Target{interval, share});
      (plan ? high : low) = share;
      if (plan) best = std::move(plan);
    }
    return best;
  }

  Solution solution(std::vector<Plan> plans) const {
    Solution result;
    result.network.graph = problem_.graph;
    result.network.batch_size = problem_.batch_size;
    std::vector<hw::PartitionEstimate> claimed;
    if (plans.size() == 1) result.least_interval_cycles = plans.front().least_interval_cycles;
    for (Plan& plan : plans) {
      claimed.push_back(plan.estimate);
      result.network.partitions.push_back(std::move(plan.partition));
    }
    const auto wrong = violations(problem_, result.network, claimed);
    for (const std::string& each : wrong) fmt::print(stderr, "sluice: {}\n", each);
    SL_ASSERT(wrong.empty(), "what is found is right");
    return solution_of(problem_, std::move(result.network), result.least_interval_cycles);
  }

  // What the device must have more of, at the least, for each layer on its own.
  std::vector<std::string> lacking() {
    Problem boundless = problem_;
    constexpr double kMany = 1e6;
    boundless.ceilings = {};
    boundless.device.resources = {kMany, kMany, kMany, kMany, problem_.budget(1).of[kUram]};
    std::vector<std::string> result;
    const auto members = problem_.graph.topological_order();
    const Space space = SpaceBuilder(boundless).build(members);
    Demand sum = space.fixed;
    for (const SpaceNode& node : space.nodes) sum += node.layer->least;
    const Demand budget = problem_.budget(1);
    if (problem_.may_use_lut_memory) sum = sum.exchanged(budget);
    for (std::size_t s = 0; s < kBits; ++s) {
      if (sum.of[s] <= budget.of[s]) continue;
      result.push_back(
          fmt::format("{:.0f} {} are needed even without any parallelism, {:.0f} may "
                      "be taken",
                      sum.of[s], kScarceNames[s], budget.of[s]));
    }
    if (problem_.required_fps > 0) {
      const auto fastest = planner_.plan(members);
      if (fastest) {
        result.push_back(fmt::format(
            "{:.6g} fps are required, {:.6g} is the most that was found", problem_.required_fps,
            static_cast<double>(problem_.batch_size) / seconds(problem_, *fastest)));
      }
    }
    if (result.empty()) {
      result.push_back(
          "no folding fits with the regrouping and the buffers between its layers; "
          "allow more partitions or a larger share of the device");
    }
    return result;
  }

  static bool betters(const Solution& a, const Solution& b, const std::vector<std::size_t>& kinds) {
    if (a.estimate.frames_per_s < b.estimate.frames_per_s) return false;
    return std::ranges::all_of(kinds, [&](std::size_t kind) {
      const auto count = hw::kResourceKinds[kind].count;
      return a.estimate.partitions[0].resources.*count <= b.estimate.partitions[0].resources.*count;
    });
  }

  static void keep(std::vector<Solution>& front, Solution next,
                   const std::vector<std::size_t>& kinds) {
    const auto bettered = [&](const Solution& kept) { return betters(kept, next, kinds); };
    if (std::ranges::any_of(front, bettered)) return;
    std::erase_if(front, [&](const Solution& kept) { return betters(next, kept, kinds); });
    front.push_back(std::move(next));
  }

  const Problem& problem_;
  const ExploreOptions& options_;
  Planner planner_;
  Clock::time_point start_;
  std::int64_t evaluations_of_solver_ = 0;
  std::int64_t earlier_evaluations_ = 0;
};

}  // namespace

Solution solution_of(const Problem& problem, hw::HardwareNetwork network,
                     double least_interval_cycles) {
  const auto estimate = hw::estimate(network, *problem.coefficients,
                                     {.clock_mhz = problem.clock_mhz,
                                      .reconfiguration_s = problem.device.reconfiguration_s,
                                      .execution = hw::Execution::Sequential,
                                      .rules = problem.rules});
  return {std::move(network), estimate, least_interval_cycles};
}

double Solution::interval_cycles() const {
  return estimate.partitions[0].interval_cycles * network.partitions[0].slow_down_factor;
}

bool Solution::is_proven() const {
  if (least_interval_cycles <= 0) return false;
  const double interval = interval_cycles();
  constexpr double kPrecision = 1e-3;  // at which memory's share of an interval is searched
  return interval <= least_interval_cycles * (1 + kPrecision) ||
         interval < least_interval_cycles + 1;
}

Exploration explore(const Problem& problem, const ExploreOptions& options) {
  return Explorer(problem, options).run();
}

std::vector<Solution> pareto_front(const Problem& problem, const std::vector<std::size_t>& kinds,
                                   const ExploreOptions& options) {
  return Explorer(problem, options).front(kinds);
}

}  // namespace sluice::dse
