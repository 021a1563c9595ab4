// SPDX-License-Identifier: Apache-2.0
#include "sluice/dse/anneal.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <numeric>

#include "tests/dse/small_networks.hpp"

namespace sluice::dse {
namespace {

Assignment slowest(const Space& space) {
  Assignment result;
  for (const SpaceNode& node : space.nodes) {
    result.choices.push_back(static_cast<std::uint32_t>(node.layer->choices.size() - 1));
  }
  return result;
}

std::vector<std::vector<std::uint32_t>> all_of(const Space& space) {
  std::vector<std::vector<std::uint32_t>> result;
  for (const SpaceNode& node : space.nodes) {
    auto& all = result.emplace_back(node.layer->choices.size());
    std::iota(all.begin(), all.end(), 0U);
  }
  return result;
}

TEST(Mapping, KeepsUpItsDemand) {
  const Problem problem = test::problem_of(test::residual());
  const Space space = test::space_of(problem);
  Mapping mapping(space, slowest(space));
  Rng rng(1);
  for (int change = 0; change < 1000; ++change) {
    const auto node = static_cast<std::size_t>(rng.below(space.nodes.size()));
    const auto choices = space.nodes[node].layer->choices.size();
    mapping.choose(node, static_cast<std::uint32_t>(rng.below(choices)));
  }
  const Demand demand = demand_of(space, mapping.assignment());
  for (std::size_t s = 0; s < kNumScarce; ++s) {
    EXPECT_NEAR(mapping.demand().of[s], demand.of[s], 1e-6) << kScarceNames[s];
  }
  EXPECT_EQ(mapping.interval_cycles(), interval_cycles(space, mapping.assignment()));
}

double dsps_over(const Demand& demand, double budget) {
  return std::max(demand.of[kDsp] / budget - 1, 0.0);
}

TEST(Anneal, FindsWhatIsNotOverdrawn) {
  const Problem problem = test::problem_of(test::residual());
  const Space space = test::space_of(problem);
  Assignment fastest = slowest(space);
  std::ranges::fill(fastest.choices, 0U);
  const auto over = [](const Demand& demand) { return dsps_over(demand, 12); };
  ASSERT_GT(over(demand_of(space, fastest)), 0);
  Rng rng(0);
  const auto found = anneal(space, all_of(space), fastest, over, rng).assignment;
  ASSERT_TRUE(found);
  EXPECT_EQ(over(demand_of(space, *found)), 0);
}

TEST(Anneal, FindsNothingWhereThereIsNothing) {
  const Problem problem = test::problem_of(test::residual());
  const Space space = test::space_of(problem);
  const auto over = [](const Demand& demand) { return dsps_over(demand, 2); };
  Rng rng(0);
  EXPECT_FALSE(anneal(space, all_of(space), slowest(space), over, rng).assignment);
}

TEST(Anneal, ChoosesOnlyWhatIsAllowed) {
  const Problem problem = test::problem_of(test::residual());
  const Space space = test::space_of(problem);
  auto allowed = all_of(space);
  Assignment start;
  for (auto& list : allowed) {
    list.resize((list.size() + 1) / 2);
    start.choices.push_back(list.front());
  }
  Rng rng(0);
  const double budget = demand_of(space, start).of[kDsp] * 0.7;
  const auto over = [&](const Demand& demand) { return dsps_over(demand, budget); };
  const auto found = anneal(space, allowed, start, over, rng).assignment;
  ASSERT_TRUE(found);
  for (std::size_t n = 0; n < allowed.size(); ++n) {
    EXPECT_NE(std::ranges::find(allowed[n], found->choices[n]), allowed[n].end());
  }
}

}  // namespace
}  // namespace sluice::dse
