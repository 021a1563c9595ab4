// SPDX-License-Identifier: Apache-2.0
#include "sluice/dse/pricing.hpp"

#include <gtest/gtest.h>

#include "tests/dse/brute_force.hpp"
#include "tests/dse/small_networks.hpp"

namespace sluice::dse {
namespace {

struct Case {
  Problem problem;
  Space space;
  double shortest = 0;
};

// Tight problems of chains, with the shortest interval there is.
template <class Call>
void for_cases(const Call& call) {
  for (std::uint64_t seed = 1000; seed < 1080; ++seed) {
    SCOPED_TRACE(seed);
    Rng rng(seed);
    Case each{.problem = test::tight(test::random_chain(rng, 3), rng), .space = {}};
    each.space = SpaceBuilder(each.problem).build(each.problem.graph.topological_order());
    each.shortest = test::BruteForce(each.problem, each.space).shortest().value_or(0);
    ASSERT_GT(each.shortest, 0);
    call(each);
  }
}

TEST(Pricing, FindsChoicesThatKeepTheIntervalAndTheBudget) {
  for_cases([](const Case& each) {
    for (const double factor : {1.0, 1.5, 4.0}) {
      const double interval = each.shortest * factor;
      const Demand budget = each.problem.budget(interval);
      Pricing pricing(each.space, each.problem.may_use_lut_memory);
      const auto found = pricing.find(interval, budget);
      if (!found) continue;
      EXPECT_LE(interval_cycles(each.space, *found), interval);
      Demand demand = demand_of(each.space, *found);
      if (each.problem.may_use_lut_memory) demand = demand.exchanged(budget);
      EXPECT_TRUE(demand.within(budget));
    }
  });
}

TEST(Pricing, FindsNothingWhereThereIsNothing) {
  for_cases([](const Case& each) {
    const double interval = each.shortest - 1;
    Pricing pricing(each.space, each.problem.may_use_lut_memory);
    EXPECT_FALSE(pricing.find(interval, each.problem.budget(interval)));
  });
}

TEST(Pricing, NeverProvesImpossibleWhatIsPossible) {
  for_cases([](const Case& each) {
    Pricing pricing(each.space, each.problem.may_use_lut_memory);
    for (const double factor : {1.0, 1.01, 1.5, 3.0, 100.0}) {
      const double interval = each.shortest * factor;
      EXPECT_FALSE(pricing.is_proven_impossible(interval, each.problem.budget(interval)));
    }
  });
}

TEST(Pricing, ProvesThatNoLayerIsFasterThanItsFastestChoice) {
  for_cases([](const Case& each) {
    Pricing pricing(each.space, each.problem.may_use_lut_memory);
    const double interval = each.space.least_interval_cycles() - 1;
    EXPECT_TRUE(pricing.is_proven_impossible(interval, each.problem.budget(interval)));
  });
}

TEST(Pricing, ProvesThatNothingFitsIntoNothing) {
  const Problem problem = test::problem_of(test::residual());
  const Space space = SpaceBuilder(problem).build(problem.graph.topological_order());
  Demand budget = problem.budget(1e6);
  budget.of[kDsp] = 1;  // three layers multiply
  EXPECT_TRUE(Pricing(space, true).is_proven_impossible(1e6, budget));
}

TEST(Pricing, FindsChoicesForBranches) {
  const Problem problem = test::problem_of(test::residual());
  const Space space = SpaceBuilder(problem).build(problem.graph.topological_order());
  const double interval = space.least_interval_cycles();
  const auto found = Pricing(space, true).find(interval, problem.budget(interval));
  ASSERT_TRUE(found);
  EXPECT_EQ(interval_cycles(space, *found), interval);
}

}  // namespace
}  // namespace sluice::dse
