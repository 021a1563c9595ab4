// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/partition.hpp"

#include <algorithm>
#include <gtest/gtest.h>

#include "tests/hw/sample_layers.hpp"
#include "tests/hw/unit_coefficients.hpp"

namespace sluice::hw {
namespace {

const FeatureMap kPartitionedMap{8, 8, 1, 4};

TEST(Partition, IsAsSlowAsItsSlowestLayer) {
  const Coefficients by = test::uniform(0);
  const Partition partition{.graph = test::chain({test::relu(kPartitionedMap),
                                                  test::convolution(kPartitionedMap, 2, 1)})};
  EXPECT_EQ(estimate(partition, by).interval_cycles, 64 * 4 * 2);
}

TEST(Partition, ReloadsItsLastLayerWithWeights) {
  Partition partition{
      .graph = test::chain({test::convolution(kPartitionedMap, 4, 3, 1),
                            test::convolution(kPartitionedMap, 6, 1), test::relu({8, 8, 1, 6})})};
  partition.reloading_layer = reloading_layer_of(partition);
  EXPECT_EQ(partition.reloading_layer, "n1");
  EXPECT_EQ(reloaded_words(partition), 4 * 6);
}

TEST(Partition, ReloadsNoLayerBeforeAJoin) {
  const Partition partition{
      .graph = test::residual(kPartitionedMap, {test::convolution(kPartitionedMap, 4, 3, 1)})};
  EXPECT_EQ(reloading_layer_of(partition), "");
}

TEST(Partition, LoadsWeightsBetweenPasses) {
  const Coefficients by = test::uniform(0);
  Partition partition{.graph = test::chain({test::convolution(kPartitionedMap, 2, 1)}),
                      .batch_size = 3};
  const double once = estimate(partition, by).cycles;
  partition.reloading_layer = "n0";
  partition.reloading_factor = 4;
  EXPECT_EQ(estimate(partition, by).cycles, 4 * once + 3 * 8);
}

// 64 positions, 4 channels in and 2 out, of 16 bits; 8 weights are loaded three times a batch.
TEST(Partition, MovesWordsInEveryPassAndWeightsBetweenThem) {
  const Coefficients by = test::uniform(0);
  Partition partition{.graph = test::chain({test::convolution(kPartitionedMap, 2, 1)}),
                      .batch_size = 3};
  const double once = memory_bits(partition, estimate(partition, by));
  EXPECT_DOUBLE_EQ(once, 64 * (4 + 2) * 16);
  partition.reloading_layer = "n0";
  partition.reloading_factor = 4;
  EXPECT_DOUBLE_EQ(memory_bits(partition, estimate(partition, by)), 4 * once + 3 * 8 * 16 / 3.0);
}

TEST(Partition, TakesAnIntervalMoreForEachFeatureMap) {
  const Coefficients by = test::uniform(0);
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Rng rng(seed);
    Partition partition{.graph = test::random_chain(rng)};
    update(partition);
    for (partition.batch_size = 1; partition.batch_size < 4; ++partition.batch_size) {
      const PartitionEstimate now = estimate(partition, by);
      Partition more = partition;
      ++more.batch_size;
      ASSERT_EQ(estimate(more, by).cycles - now.cycles, now.interval_cycles) << seed;
    }
  }
}

// The next larger of the values that a factor can have.
std::int64_t raised(std::int64_t now, const std::vector<std::int64_t>& values) {
  const auto next = std::ranges::upper_bound(values, now);
  return next == values.end() ? now : *next;
}

TEST(Partition, IsNoSlowerWithMoreParallelism) {
  const Coefficients by = test::uniform(0);
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    Rng rng(seed);
    Partition partition{.graph = test::random_chain(rng)};
    Partition more = partition;
    Layer& layer = more.graph[rng.below(more.graph.size())].layer;
    const FoldingValues values = folding_values(layer);
    Folding& folding = layer.folding;
    switch (rng.below(3)) {
      case 0:
        folding.coarse_in = raised(folding.coarse_in, values.coarse_in);
        break;
      case 1:
        if (!values.is_coupled) folding.coarse_out = raised(folding.coarse_out, values.coarse_out);
        break;
      default:
        folding.fine = raised(folding.fine, values.fine);
        break;
    }
    if (values.is_coupled) folding.coarse_out = folding.coarse_in;
    update(partition);
    update(more);
    ASSERT_LE(estimate(more, by).interval_cycles, estimate(partition, by).interval_cycles) << seed;
  }
}

TEST(Traffic, IsOfTheWordsAtTheEdge) {
  const Coefficients by = test::uniform(0);
  const Partition partition{
      .graph = test::chain({test::relu(kPartitionedMap), test::relu(kPartitionedMap)})};
  const Traffic traffic = estimate(partition, by).traffic;
  EXPECT_EQ(traffic.in, std::vector<double>{16});
  EXPECT_EQ(traffic.out, std::vector<double>{16});
  EXPECT_EQ(gbps(traffic.total(), 200), 6.4);
}

}  // namespace
}  // namespace sluice::hw
