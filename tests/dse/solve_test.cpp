// SPDX-License-Identifier: Apache-2.0
#include "sluice/dse/solve.hpp"

#include <gtest/gtest.h>

#include "tests/dse/brute_force.hpp"
#include "tests/dse/small_networks.hpp"

#include "sluice/base/threads.hpp"

namespace sluice::dse {
namespace {

Space space_of(const Problem& problem) {
  return SpaceBuilder(problem).build(problem.graph.topological_order());
}

// Prices alone do not tell each of these apart; branch and bound does.
TEST(Solver, FindsOrProvesWithEnoughSteps) {
  const Effort effort{.exact_steps = 10'000'000};
  std::int64_t evaluations = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    SCOPED_TRACE(seed);
    Rng rng(seed);
    const Problem problem = test::tight(test::random_chain(rng, 4), rng);
    const Space space = space_of(problem);
    const double shortest = *test::BruteForce(problem, space).shortest();
    for (const double interval : {shortest - 1, shortest, shortest + 1}) {
      Solver solver(space, problem.may_use_lut_memory, effort);
      const Verdict wanted = interval < shortest ? Verdict::Impossible : Verdict::Found;
      EXPECT_EQ(solver.solve(interval, problem.budget(interval)).verdict, wanted) << interval;
      evaluations += solver.status().evaluations;
    }
  }
  EXPECT_GT(evaluations, 0);
}

// Of what is possible but hard: with annealing alone, more is found than by prices; and what is
// found does not depend on the threads.
TEST(Solver, AnnealsToTheSameAtAnyNumberOfThreads) {
  const Effort effort{.starts = 8, .seed = 7};
  const int before = num_threads();
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE(seed);
    Rng rng(seed);
    const Problem problem = test::tight(test::residual(4), rng);
    const Space space = space_of(problem);
    const double interval = space.least_interval_cycles() * 1.2;
    std::vector<std::vector<std::uint32_t>> found;
    for (const int threads : {1, 3}) {
      set_num_threads(threads);
      Solver solver(space, problem.may_use_lut_memory, effort);
      found.push_back(solver.solve(interval, problem.budget(interval)).assignment.choices);
    }
    EXPECT_EQ(found[0], found[1]);
  }
  set_num_threads(before);
}

TEST(Solver, TriesNothingMoreWhenTimeIsOver) {
  const Effort effort{.exact_steps = 1000, .starts = 8, .is_over = [] { return true; }};
  Rng rng(3);
  const Problem problem = test::tight(test::residual(4), rng);
  const Space space = space_of(problem);
  Solver solver(space, problem.may_use_lut_memory, effort);
  const double interval = space.least_interval_cycles();
  (void)solver.solve(interval, problem.budget(interval));
  EXPECT_EQ(solver.status().evaluations, 0);
}

}  // namespace
}  // namespace sluice::dse
