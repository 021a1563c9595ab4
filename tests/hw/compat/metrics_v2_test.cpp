// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/compat/metrics_v2.hpp"

#include <gtest/gtest.h>

#include "tests/hw/sample_layers.hpp"
#include "tests/hw/unit_coefficients.hpp"

namespace sluice::hw::compat {
namespace {

// The window is whole after two rows, two words and its own: at a word a clock, ten cycles.
TEST(MetricsV2, StartANodeWhenItsWindowIsWhole) {
  const FeatureMap map{4, 4, 1, 1};
  const Partition partition{.graph = test::chain({test::relu(map), test::convolution(map, 1, 3)}),
                            .batch_size = 2};
  const MetricsV2 found = metrics_v2(partition, test::uniform(0));
  EXPECT_EQ(found.initial_input_rate, (std::vector<double>{1, 1}));
  EXPECT_EQ(found.start_cycle, (std::vector<double>{0, 10}));
  EXPECT_EQ(found.pipeline_depth_cycles, 10);
  // Four windows of nine products.
  EXPECT_EQ(found.cycles, 10 + 2 * 36);
}

TEST(MetricsV2, CountTheOperationsOfAllPasses) {
  const FeatureMap map{4, 4, 1, 2};
  Partition partition{.graph = test::chain({test::convolution(map, 2, 1)})};
  const MetricsV2 once = metrics_v2(partition, test::uniform(0));
  partition.reloading_layer = "n0";
  partition.reloading_factor = 3;
  const MetricsV2 found = metrics_v2(partition, test::uniform(0));
  EXPECT_EQ(found.operations, 3 * once.operations);
  EXPECT_EQ(found.cycles, 3 * once.cycles + 2 * 4);
}

TEST(MetricsV2, WeighTrafficByCompression) {
  const FeatureMap map{4, 4, 1, 2};
  Partition partition{.graph = test::chain({test::relu(map)})};
  partition.graph[0].layer.inputs[0].compression_ratio = 0.5;
  const Traffic traffic = metrics_v2(partition, test::uniform(0)).traffic;
  EXPECT_EQ(traffic.in, std::vector<double>{8});
  EXPECT_EQ(traffic.out, std::vector<double>{16});
}

}  // namespace
}  // namespace sluice::hw::compat
