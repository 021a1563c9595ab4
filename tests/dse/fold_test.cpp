// SPDX-License-Identifier: Apache-2.0
#include "sluice/dse/fold.hpp"

#include <gtest/gtest.h>

#include "tests/dse/brute_force.hpp"
#include "tests/dse/small_networks.hpp"

namespace sluice::dse {
namespace {

// Of a tight problem: what fold() finds and what there is.
struct Compared {
  Folded folded;  // by prices
  Folded thorough;
  std::optional<double> shortest;
  bool fits = false;
};

Compared compared(const Problem& problem) {
  const Space space = SpaceBuilder(problem).build(problem.graph.topological_order());
  Compared result{.folded = fold(problem, space),
                  .thorough = fold(problem, space, {}, {.exact_steps = 1000000}),
                  .shortest = test::BruteForce(problem, space).shortest()};
  if (!result.folded.assignment) return result;
  const Demand budget = problem.budget(result.folded.interval_cycles);
  Demand demand = demand_of(space, *result.folded.assignment);
  if (problem.may_use_lut_memory) demand = demand.exchanged(budget);
  result.fits = demand.within(budget);
  return result;
}

// Chains of 3 to 5 layers, and, one in eight, branches.
const std::vector<Compared>& all_compared() {
  constexpr std::uint64_t kSeeds = 600;
  static const std::vector<Compared> kCompared = [] {
    std::vector<Compared> list;
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
      Rng rng(seed);
      const int layers = static_cast<int>(rng.integer(3, 5));
      hw::Graph graph = seed % 8 == 7 ? test::residual(2) : test::random_chain(rng, layers);
      list.push_back(compared(test::tight(std::move(graph), rng)));
    }
    return list;
  }();
  return kCompared;
}

TEST(Fold, KeepsTheBudget) {
  for (const Compared& each : all_compared()) {
    EXPECT_TRUE(!each.folded.assignment || each.fits);
  }
}

TEST(Fold, IsNeverBetterThanAllChoicesTried) {
  for (const Compared& each : all_compared()) {
    if (!each.folded.assignment) continue;
    ASSERT_TRUE(each.shortest);
    EXPECT_GE(each.folded.interval_cycles, *each.shortest);
  }
}

TEST(Fold, ProvesNoMoreThanIsTrue) {
  for (const Compared& each : all_compared()) {
    if (!each.folded.assignment) continue;
    EXPECT_LE(each.folded.least_interval_cycles, *each.shortest);
  }
}

TEST(Fold, FindsSomethingWhereSomethingFits) {
  for (const Compared& each : all_compared()) EXPECT_EQ(!each.folded.assignment, !each.shortest);
}

// Prices and annealing are heuristics: how often they find the shortest is measured.
TEST(Fold, FindsTheShortestIntervalButForOneIn50) {
  std::size_t longer = 0;
  for (const Compared& each : all_compared()) {
    const bool is_shortest = each.folded.interval_cycles <= *each.shortest * 1.001;
    longer += is_shortest ? 0 : 1;
  }
  EXPECT_LE(longer * 50, all_compared().size());
}

TEST(Fold, ProvesThatItIsTheShortestMostly) {
  std::size_t proven = 0;
  for (const Compared& each : all_compared()) {
    const bool is_proven = each.folded.least_interval_cycles >= *each.shortest * 0.999;
    proven += is_proven ? 1 : 0;
  }
  EXPECT_GE(proven * 2, all_compared().size());
}

// Branch and bound finds what prices miss, and proves what they do not.
TEST(Fold, FindsAndProvesTheShortestIntervalWithEffort) {
  for (const Compared& each : all_compared()) {
    if (!each.shortest) continue;
    ASSERT_TRUE(each.thorough.assignment);
    EXPECT_LE(each.thorough.interval_cycles, *each.shortest * 1.001);
    EXPECT_LE(each.thorough.least_interval_cycles, *each.shortest);
    EXPECT_GE(each.thorough.least_interval_cycles, *each.shortest * 0.999 - 1);
  }
}

// An interval and a share of what may be taken.
TEST(FoldAt, KeepsItsTarget) {
  const Problem problem = test::problem_of(test::residual());
  const Space space = SpaceBuilder(problem).build(problem.graph.topological_order());
  const Target target{.interval_cycles = space.least_interval_cycles() * 4, .share = 0.1};
  const auto folded = fold_at(problem, space, target);
  ASSERT_TRUE(folded.assignment);
  EXPECT_LE(folded.interval_cycles, target.interval_cycles);
  const Demand budget = problem.budget(target.interval_cycles, target.share);
  EXPECT_TRUE(demand_of(space, *folded.assignment).exchanged(budget).within(budget));
}

TEST(FoldAt, IsNoneForAnIntervalThatNoLayerKeeps) {
  const Problem problem = test::problem_of(test::residual());
  const Space space = SpaceBuilder(problem).build(problem.graph.topological_order());
  EXPECT_FALSE(
      fold_at(problem, space, {.interval_cycles = space.least_interval_cycles() - 1}).assignment);
}

TEST(Fold, KeepsWhatIsReserved) {
  const Problem problem = test::problem_of(test::residual());
  const Space space = SpaceBuilder(problem).build(problem.graph.topological_order());
  Demand reserved;
  reserved.of[kDsp] = problem.device.resources.dsp - 9;
  const auto folded = fold(problem, space, {.reserved = reserved});
  ASSERT_TRUE(folded.assignment);
  EXPECT_LE(demand_of(space, *folded.assignment).of[kDsp], 9);
}

}  // namespace
}  // namespace sluice::dse
