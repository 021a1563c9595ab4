// SPDX-License-Identifier: Apache-2.0
#include "sluice/dse/choices.hpp"

#include <algorithm>
#include <gtest/gtest.h>

#include "tests/dse/small_networks.hpp"
#include "tests/hw/layers/random_layers.hpp"

#include "sluice/hw/layers/weights.hpp"

namespace sluice::dse {
namespace {

hw::Layer wide_convolution() {
  hw::Layer layer{.map = {6, 6, 1, 16}};
  layer.operation = test::convolution(16);
  return layer;
}

Problem boundless() {
  return test::problem_of({});
}

// Layers by chance, unfolded, of a kind that networks have.
template <class Call>
void for_layers(const Call& call) {
  hw::test::for_random_layers(7, 12, [&](auto&, hw::Layer& layer) {
    layer.folding = {};
    call(layer);
  });
}

TEST(Choices, AreNeverBetteredByAnotherBetweenTheSameStreams) {
  const Problem problem = boundless();
  for_layers([&](const hw::Layer& layer) {
    const LayerChoices all = choices_of(layer, problem);
    for (const Choice& each : all.choices) {
      const auto betters = [&](const Choice& other) {
        return &other != &each && other.in == each.in && other.out == each.out &&
               other.latency_cycles <= each.latency_cycles && other.demand.within(each.demand);
      };
      EXPECT_TRUE(std::ranges::none_of(all.choices, betters));
    }
  });
}

TEST(Choices, HaveFoldingsThatAreFeasible) {
  const Problem problem = boundless();
  for_layers([&](const hw::Layer& layer) {
    const hw::FoldingValues values = hw::folding_values(layer);
    const auto has = [](const std::vector<std::int64_t>& list, std::int64_t value) {
      return std::ranges::find(list, value) != list.end();
    };
    for (const Choice& each : choices_of(layer, problem).choices) {
      EXPECT_TRUE(has(values.coarse_in, each.folding.coarse_in));
      EXPECT_TRUE(has(values.coarse_group, each.folding.coarse_group));
      EXPECT_TRUE(has(values.fine, each.folding.fine));
      if (values.is_coupled) {
        EXPECT_EQ(each.folding.coarse_out, each.folding.coarse_in);
      } else {
        EXPECT_TRUE(has(values.coarse_out, each.folding.coarse_out));
      }
    }
  });
}

// What is left out is no loss.
TEST(Choices, AreAsGoodAsAnyFolding) {
  const Problem problem = boundless();
  hw::Layer layer = wide_convolution();
  const LayerChoices all = choices_of(layer, problem);
  const hw::FoldingValues values = hw::folding_values(layer);
  for (const std::int64_t in : values.coarse_in) {
    for (const std::int64_t out : values.coarse_out) {
      for (const std::int64_t fine : values.fine) {
        layer.folding = {in, out, 1, fine};
        const double cycles = hw::latency_cycles(layer);
        const Demand demand(hw::resources_of(layer, test::ones()));
        EXPECT_TRUE(std::ranges::any_of(all.choices, [&](const Choice& each) {
          return all.in_streams[each.in] == in && all.out_streams[each.out] == out &&
                 each.latency_cycles <= cycles && each.demand.within(demand);
        }));
      }
    }
  }
}

TEST(Choices, TakeWhatTheLayerDoes) {
  const Problem problem = boundless();
  for_layers([&](hw::Layer layer) {
    for (const Choice& each : choices_of(layer, problem).choices) {
      layer.folding = each.folding;
      layer.weights = each.weights;
      const hw::WeightMemory memory = hw::weight_memory(layer);
      const double cycles = hw::latency_cycles(layer);
      EXPECT_EQ(each.latency_cycles, cycles);
      EXPECT_EQ(each.demand, Demand(hw::resources_of(layer, test::ones()),
                                    memory.streamed_bits_per_cycle() * cycles));
    }
  });
}

TEST(Choices, NameTheStreamsOfTheirFoldings) {
  const Problem problem = boundless();
  for_layers([&](hw::Layer layer) {
    const LayerChoices all = choices_of(layer, problem);
    for (const Choice& each : all.choices) {
      layer.folding = each.folding;
      EXPECT_EQ(all.in_streams[each.in], hw::streams_in(layer));
      EXPECT_EQ(all.out_streams[each.out], hw::streams_out(layer));
    }
  });
}

TEST(Choices, ComeFastestFirst) {
  const LayerChoices all = choices_of(wide_convolution(), boundless());
  EXPECT_TRUE(std::ranges::is_sorted(all.choices, {}, &Choice::latency_cycles));
  EXPECT_EQ(all.least_latency_cycles, all.choices.front().latency_cycles);
}

TEST(Choices, TakeNoLessThanTheLeastOfEach) {
  const LayerChoices all = choices_of(wide_convolution(), boundless());
  for (const Choice& each : all.choices) EXPECT_TRUE(all.least.within(each.demand));
}

bool any_in_uram(const LayerChoices& all) {
  return std::ranges::any_of(all.choices, [](const Choice& each) { return each.weights.in_uram; });
}

bool any_off_chip(const LayerChoices& all) {
  return std::ranges::any_of(all.choices,
                             [](const Choice& each) { return each.weights.blocks_off_chip > 0; });
}

TEST(Choices, PutWeightsIntoUltraRamOnlyWhereThereIsAny) {
  Problem problem = boundless();
  EXPECT_TRUE(any_in_uram(choices_of(wide_convolution(), problem)));
  problem.device.resources.uram = 0;
  EXPECT_FALSE(any_in_uram(choices_of(wide_convolution(), problem)));
  problem.device.resources.uram = 10;
  problem.ceilings.uram = 0;
  EXPECT_FALSE(any_in_uram(choices_of(wide_convolution(), problem)));
}

TEST(Choices, ReadWeightsFromOutsideOnlyWhereThatMayBe) {
  Problem problem = boundless();
  EXPECT_TRUE(any_off_chip(choices_of(wide_convolution(), problem)));
  problem.may_stream_weights = false;
  EXPECT_FALSE(any_off_chip(choices_of(wide_convolution(), problem)));
  problem.may_stream_weights = true;
  problem.device.memory_gbps = 0;
  EXPECT_FALSE(any_off_chip(choices_of(wide_convolution(), problem)));
}

TEST(Choices, AreLeftOutIfTheDeviceDoesNotHoldThem) {
  Problem problem = boundless();
  problem.device.resources.dsp = 4;
  const LayerChoices all = choices_of(wide_convolution(), problem);
  ASSERT_FALSE(all.choices.empty());
  for (const Choice& each : all.choices) EXPECT_LE(each.demand.of[kDsp], 4);
}

TEST(Choices, AreNoneOnADeviceOfNothing) {
  Problem problem = boundless();
  problem.device.resources = {};
  EXPECT_TRUE(choices_of(wide_convolution(), problem).choices.empty());
}

// ---- regrouping

TEST(RegroupCosts, AreNothingForAsManyStreams) {
  const Problem problem = boundless();
  RegroupCosts costs(problem);
  EXPECT_EQ(costs.of(wide_convolution(), 4, 4), Demand());
}

TEST(RegroupCosts, AreThoseOfARegroupingLayer) {
  const Problem problem = boundless();
  RegroupCosts costs(problem);
  const hw::Layer layer = wide_convolution();
  hw::Layer regroup{.map = hw::map_out(layer), .operation = hw::Regroup{}};
  for (const std::int64_t from : {1, 2, 4, 8, 16}) {
    for (const std::int64_t to : {1, 2, 4, 8, 16}) {
      if (from == to) continue;
      regroup.folding = {.coarse_in = from, .coarse_out = to};
      EXPECT_EQ(costs.of(layer, from, to), Demand(hw::resources_of(regroup, test::ones())))
          << from << " to " << to;
    }
  }
}

TEST(RegroupCosts, AreOfTheWordsThatLeave) {
  const Problem problem = boundless();
  RegroupCosts costs(problem);
  hw::Layer narrow = wide_convolution();
  narrow.as<hw::Convolution>()->output.width_bits = 4;
  EXPECT_LT(costs.of(narrow, 1, 4).of[kFf], costs.of(wide_convolution(), 1, 4).of[kFf]);
}

}  // namespace
}  // namespace sluice::dse
