// SPDX-License-Identifier: Apache-2.0
#include "sluice/dse/explore.hpp"

#include <gmock/gmock.h>

#include "tests/dse/small_networks.hpp"

#include "sluice/dse/verify.hpp"

namespace sluice::dse {
namespace {

Problem small() {
  Problem problem = test::problem_of(test::residual(8));
  problem.device.resources.dsp = 60;
  problem.batch_size = 64;
  return problem;
}

std::string text_of(const Solution& solution) {
  std::string result;
  for (const hw::Partition& partition : solution.network.partitions) {
    for (const hw::Node& node : partition.graph.nodes()) {
      const hw::Folding& by = node.layer.folding;
      for (const std::int64_t each : {by.coarse_in, by.coarse_out, by.coarse_group, by.fine,
                                      node.layer.weights.blocks_off_chip}) {
        result += std::to_string(each) + " ";
      }
      result += node.name + "\n";
    }
  }
  return result + std::to_string(solution.estimate.frames_per_s);
}

TEST(Explore, FindsARightSolution) {
  const Problem problem = small();
  const Exploration found = explore(problem);
  ASSERT_TRUE(found.best);
  EXPECT_EQ(violations(problem, found.best->network, found.best->estimate.partitions),
            std::vector<std::string>{});
  EXPECT_TRUE(found.lacking.empty());
}

TEST(Explore, FindsTheSameTwice) {
  const Problem problem = small();
  EXPECT_EQ(text_of(*explore(problem).best), text_of(*explore(problem).best));
}

TEST(Explore, ProvesAnIntervalOfASinglePartition) {
  const Exploration found = explore(small());
  ASSERT_TRUE(found.best);
  const double least = found.best->least_interval_cycles;
  EXPECT_GT(least, 0);
  EXPECT_LE(least, found.best->estimate.partitions[0].interval_cycles);
}

TEST(Explore, KeepsTheRequiredRateWithFewerResources) {
  Problem problem = small();
  const double fastest = explore(problem).best->estimate.frames_per_s;
  problem.objective = Objective::Resources;
  double before = 1e9;
  for (const double share : {1.0, 0.5, 0.1}) {
    problem.required_fps = fastest * share;
    const Exploration found = explore(problem);
    ASSERT_TRUE(found.best);
    EXPECT_GE(found.best->estimate.frames_per_s, problem.required_fps);
    const double taken = found.best->estimate.partitions[0].resources.dsp;
    EXPECT_LE(taken, before);
    before = taken;
  }
}

TEST(Explore, SaysHowFastItWouldBeIfMoreIsRequired) {
  Problem problem = small();
  problem.objective = Objective::Resources;
  problem.required_fps = 1e12;
  const Exploration found = explore(problem);
  EXPECT_FALSE(found.best);
  EXPECT_THAT(found.lacking, testing::ElementsAre(testing::HasSubstr("1e+12 fps are required")));
}

TEST(Explore, NamesTheResourceOfWhichThereIsTooLittle) {
  Problem problem = small();
  problem.device.resources.dsp = 2;  // three layers multiply
  const Exploration found = explore(problem);
  EXPECT_FALSE(found.best);
  EXPECT_THAT(found.lacking, testing::ElementsAre(
                                 "3 dsp are needed even without any parallelism, 2 may be taken"));
}

// Block RAMs are few, but weights may come from outside.
TEST(Explore, NamesNoResourceThatIsEnough) {
  Problem problem = test::problem_of(test::residual(16));
  problem.device.resources.bram18 = 8;
  EXPECT_TRUE(explore(problem).best);
  problem.device.resources.dsp = 2;
  EXPECT_EQ(explore(problem).lacking.size(), 1U);
}

TEST(Explore, NamesEachResourceOfADeviceOfNothing) {
  Problem problem = small();
  problem.device.resources = {};
  const Exploration found = explore(problem);
  EXPECT_FALSE(found.best);
  EXPECT_THAT(found.lacking,
              testing::IsSupersetOf({testing::HasSubstr(" lut are"), testing::HasSubstr(" ff are"),
                                     testing::HasSubstr(" dsp are")}));
}

TEST(Explore, OfLeastEnergyTakesNoMoreThanTheFastest) {
  Problem problem = small();
  hw::EnergyCoefficients energy;
  energy.static_uw_per_lut = 1;
  energy.off_chip_pj_per_bit = 1;
  problem.energy = &energy;
  const hw::EnergyTerms terms{problem.device, energy, problem.clock_mhz, problem.rules};
  const auto energy_of = [&](const Solution& solution) {
    return hw::energy_proxy(solution.network, solution.estimate, terms).total_uj();
  };
  const Exploration fastest = explore(problem);
  problem.objective = Objective::Energy;
  const Exploration least = explore(problem);
  ASSERT_TRUE(least.best);
  EXPECT_LT(energy_of(*least.best), energy_of(*fastest.best));
  // What is required costs more.
  problem.required_fps = fastest.best->estimate.frames_per_s * 0.9;
  const Exploration fast = explore(problem);
  ASSERT_TRUE(fast.best);
  EXPECT_GE(fast.best->estimate.frames_per_s, problem.required_fps);
  EXPECT_GE(energy_of(*fast.best), energy_of(*least.best));
  problem.required_fps *= 10;
  EXPECT_THAT(explore(problem).lacking, testing::ElementsAre(testing::HasSubstr("are required")));
}

// Small networks need no luck.
TEST(Explore, EndsOnceNothingFasterIsPossible) {
  const Exploration found = explore(small(), {.budget_s = 1000});
  ASSERT_TRUE(found.best);
  EXPECT_EQ(found.ended, Ended::Proven);
  EXPECT_TRUE(found.best->is_proven());
}

// A chain whose prices leave a gap, which a second round closes.
Problem hard() {
  for (std::uint64_t seed = 0;; ++seed) {
    Rng rng(seed);
    Problem problem = test::tight(test::random_chain(rng, 5), rng);
    const Exploration quick = explore(problem, {.rounds = 1});
    if (!quick.best || quick.ended != Ended::Rounds) continue;
    if (explore(problem, {.rounds = 2}).ended == Ended::Proven) return problem;
  }
}

TEST(Explore, ProvesMoreWithEachRound) {
  const Problem problem = hard();
  const Exploration one = explore(problem, {.rounds = 1});
  const Exploration two = explore(problem, {.rounds = 2});
  EXPECT_EQ(one.rounds, 1);
  EXPECT_EQ(two.ended, Ended::Proven);
  EXPECT_GE(two.best->estimate.frames_per_s, one.best->estimate.frames_per_s);
  EXPECT_GT(two.best->least_interval_cycles, one.best->least_interval_cycles);
}

TEST(Explore, GoesOnFromACheckpointToTheSameEnd) {
  const Problem problem = hard();
  std::optional<Checkpoint> saved;
  const Exploration whole = explore(problem, {.save = [&](const Checkpoint& checkpoint) {
                                      if (!saved) saved = checkpoint;
                                    }});
  ASSERT_TRUE(saved);
  EXPECT_EQ(saved->rounds, 1);
  const Exploration resumed = explore(problem, {.resumed = saved});
  EXPECT_EQ(resumed.rounds, whole.rounds);
  EXPECT_EQ(text_of(*resumed.best), text_of(*whole.best));
}

TEST(Explore, CancelledReturnsTheBestSoFar) {
  const Problem problem = hard();
  const Exploration quick = explore(problem, {.rounds = 1});
  bool has_begun = false;  // the second round
  const Exploration found =
      explore(problem, {.is_cancelled = [&] { return has_begun; },
                        .save = [&](const Checkpoint&) { has_begun = true; }});
  EXPECT_EQ(found.ended, Ended::Cancelled);
  ASSERT_TRUE(found.best);
  EXPECT_EQ(text_of(*found.best), text_of(*quick.best));
}

TEST(Explore, CancelledAtOnceSaysNotThatAnythingIsLacking) {
  const Exploration found = explore(small(), {.is_cancelled = [] { return true; }});
  EXPECT_EQ(found.ended, Ended::Cancelled);
  EXPECT_FALSE(found.best);
  EXPECT_TRUE(found.lacking.empty());
}

TEST(Explore, EndsWithItsBudget) {
  const Exploration found = explore(small(), {.budget_s = 0});
  EXPECT_EQ(found.ended, Ended::Budget);
  EXPECT_FALSE(found.best);
}

TEST(Explore, ReportsWhatItFoundAndProved) {
  SearchStatus last;
  const Exploration found =
      explore(hard(), {.report = [&](const SearchStatus& status) { last = status; }});
  EXPECT_GE(last.interval_cycles, last.least_interval_cycles);
  EXPECT_LE(last.least_interval_cycles, found.best->least_interval_cycles);
}

TEST(ParetoFront, HasNoPointThatBettersAnother) {
  const Problem problem = small();
  const std::vector<std::size_t> kinds{0, 2};
  const auto front = pareto_front(problem, kinds);
  ASSERT_GE(front.size(), 3U);
  for (const Solution& a : front) {
    for (const Solution& b : front) {
      if (&a == &b) continue;
      bool betters = a.estimate.frames_per_s >= b.estimate.frames_per_s;
      for (const std::size_t kind : kinds) {
        const auto count = hw::kResourceKinds[kind].count;
        betters = betters && a.estimate.partitions[0].resources.*count <=
                                 b.estimate.partitions[0].resources.*count;
      }
      EXPECT_FALSE(betters);
    }
  }
}

TEST(ParetoFront, HasTheFastestFirst) {
  const auto front = pareto_front(small(), {0, 2});
  EXPECT_TRUE(std::ranges::is_sorted(front, std::ranges::greater{}, [](const Solution& each) {
    return each.estimate.frames_per_s;
  }));
}

TEST(ParetoFront, IsNothingWhereNothingFits) {
  Problem problem = small();
  problem.device.resources = {};
  EXPECT_TRUE(pareto_front(problem, {0}).empty());
}

}  // namespace
}  // namespace sluice::dse
