// SPDX-License-Identifier: Apache-2.0
#include "sluice/dse/exact.hpp"

#include <gtest/gtest.h>
#include <numeric>

#include "tests/dse/brute_force.hpp"
#include "tests/dse/small_networks.hpp"

#include "sluice/dse/pricing.hpp"

namespace sluice::dse {
namespace {

// A tight problem, its choices, and the shortest interval there is.
struct ExactCase {
  Problem problem;
  Space space;
  double shortest = 0;

  [[nodiscard]] Answer answer(double interval, std::int64_t max_steps = 10'000'000) const {
    const Demand budget = problem.budget(interval);
    Pricing pricing(space, problem.may_use_lut_memory);
    if (const auto found = pricing.find(interval, budget)) {
      // Branch and bound is to find some of its own.
      EXPECT_FALSE(pricing.is_impossible());
    }
    const auto prices = pricing.bounding_prices(budget);
    return find_exactly(space, {.allowed = pricing.allowed(),
                                .interval_cycles = interval,
                                .budget = budget,
                                .exchanges = problem.may_use_lut_memory,
                                .prices = prices,
                                .max_steps = max_steps});
  }
};

template <class Call>
void for_exact_cases(const Call& call) {
  constexpr std::uint64_t kFirst = 5000;
  constexpr std::uint64_t kCases = 200;
  for (std::uint64_t seed = kFirst; seed < kFirst + kCases; ++seed) {
    SCOPED_TRACE(seed);
    Rng rng(seed);
    hw::Graph graph = seed % 8 == 7 ? test::residual(2) : test::random_chain(rng, 4);
    ExactCase each{.problem = test::tight(std::move(graph), rng), .space = {}};
    each.space = SpaceBuilder(each.problem).build(each.problem.graph.topological_order());
    if (each.space.least_interval_cycles() < 2) continue;  // nothing is shorter
    each.shortest = test::BruteForce(each.problem, each.space).shortest().value_or(0);
    ASSERT_GT(each.shortest, 0);
    call(each);
  }
}

TEST(FindExactly, FindsWhatThereIs) {
  for_exact_cases([](const ExactCase& each) {
    const Answer answer = each.answer(each.shortest);
    ASSERT_EQ(answer.verdict, Verdict::Found);
    EXPECT_LE(interval_cycles(each.space, answer.assignment), each.shortest);
    const Demand budget = each.problem.budget(each.shortest);
    Demand demand = demand_of(each.space, answer.assignment);
    if (each.problem.may_use_lut_memory) demand = demand.exchanged(budget);
    EXPECT_TRUE(demand.within(budget));
  });
}

TEST(FindExactly, ProvesThatThereIsNothing) {
  for_exact_cases([](const ExactCase& each) {
    const double interval = each.shortest - 1;
    if (interval < each.space.least_interval_cycles()) return;  // some layer has no choice
    EXPECT_EQ(each.answer(interval).verdict, Verdict::Impossible);
  });
}

TEST(FindExactly, GivesUpAfterItsSteps) {
  const Problem problem = test::problem_of(test::residual());
  const ExactCase each{.problem = problem,
                       .space = SpaceBuilder(problem).build(problem.graph.topological_order())};
  const Answer answer = each.answer(each.space.least_interval_cycles(), 2);
  EXPECT_EQ(answer.verdict, Verdict::Unknown);
  EXPECT_EQ(answer.steps, 3);
}

// Nothing fits a budget of nothing, but prices of nothing do not show it.
TEST(FindExactly, GivesUpWhenTimeIsOver) {
  const Problem problem = test::problem_of(test::residual(8));
  const Space space = SpaceBuilder(problem).build(problem.graph.topological_order());
  std::vector<std::vector<std::uint32_t>> all;
  for (const SpaceNode& node : space.nodes) {
    auto& choices = all.emplace_back(node.layer->choices.size());
    std::iota(choices.begin(), choices.end(), 0U);
  }
  const std::vector<Demand> free{{}};  // prices that bound nothing
  int asked = 0;
  const Answer answer = find_exactly(space, {.allowed = all,
                                             .interval_cycles = 1e9,
                                             .budget = {},
                                             .prices = free,
                                             .max_steps = std::int64_t{1} << 60,
                                             .is_over = [&] { return ++asked == 3; }});
  EXPECT_EQ(answer.verdict, Verdict::Unknown);
  EXPECT_EQ(asked, 3);
}

}  // namespace
}  // namespace sluice::dse
