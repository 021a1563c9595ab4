// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/network.hpp"

#include <gtest/gtest.h>

#include "tests/hw/sample_layers.hpp"
#include "tests/hw/unit_coefficients.hpp"

#include "sluice/hw/split.hpp"

namespace sluice::hw {
namespace {

// Two layers of 32 words, one on the device after the other.
HardwareNetwork relu_by_relu() {
  const Partition whole{
      .graph = test::chain({test::relu(test::kSmallMap), test::relu(test::kSmallMap)})};
  const auto [first, second] = split_at(whole, {0, 1});
  HardwareNetwork result{"two", whole.graph, {first, second}, 3};
  update(result);
  return result;
}

TEST(Network, RunsPartitionsOneAfterAnother) {
  const auto found = estimate(relu_by_relu(), test::uniform(0), {.reconfiguration_s = 0.5});
  EXPECT_EQ(found.cycles, 2 * (3 * 32 + 1));  // a word leaves a cycle after it has come
  EXPECT_EQ(found.reconfigurations, 2);
  EXPECT_EQ(found.latency_s, 194 / 200e6 + 1);
  EXPECT_EQ(found.frames_per_s, 3 / found.latency_s);
}

TEST(Network, RunsPartitionsAtOnceOnDevicesOfTheirOwn) {
  const auto found = estimate(relu_by_relu(), test::uniform(0),
                              {.reconfiguration_s = 0.5, .execution = Execution::Pipelined});
  EXPECT_EQ(found.cycles, 3 * 32 + 2);
  EXPECT_EQ(found.reconfigurations, 0);
  EXPECT_EQ(found.latency_s, 98 / 200e6);
}

TEST(Network, IsNotConfiguredAnewForOnePartition) {
  HardwareNetwork network = relu_by_relu();
  network.partitions.pop_back();
  const auto found = estimate(network, test::uniform(0), {.reconfiguration_s = 0.5});
  EXPECT_EQ(found.reconfigurations, 0);
  EXPECT_EQ(found.latency_s, 97 / 200e6);
}

TEST(Network, WaitsForAllPassesButTheLast) {
  HardwareNetwork network = relu_by_relu();
  network.partitions[0].reloading_factor = 2;
  const auto found = estimate(network, test::uniform(0), {.execution = Execution::Pipelined});
  EXPECT_EQ(found.cycles, (3 * 32 + 1) + (3 * 32 + 2));
}

TEST(Network, KeepsABatchOfInputsAndOfAllPassesOutputsInMemory) {
  HardwareNetwork network = relu_by_relu();
  EXPECT_EQ(estimate(network, test::uniform(0)).memory_words, 3 * 32 + 3 * 32);
  network.partitions[0].reloading_factor = 2;
  EXPECT_EQ(estimate(network, test::uniform(0)).memory_words, 3 * 32 + 3 * 32 * 2);
}

TEST(Network, DropsPartitionsWithoutLayers) {
  HardwareNetwork network = relu_by_relu();
  network.partitions.insert(network.partitions.begin(), Partition{});
  network.batch_size = 7;
  update(network);
  ASSERT_EQ(network.partitions.size(), 2);
  EXPECT_EQ(network.partitions[0].batch_size, 7);
}

TEST(Network, CountsWordsOfPortsThatAreNotConnected) {
  EXPECT_EQ(words_in(test::chain({test::join(test::kSmallMap)})), 2 * 32);
  EXPECT_EQ(words_in(test::chain({test::relu(test::kSmallMap), test::join(test::kSmallMap)})),
            2 * 32);
  EXPECT_EQ(words_out(test::chain({test::split(test::kSmallMap)})), 2 * 32);
}

TEST(Network, HasItsBranchEdgesOnce) {
  const Graph graph = test::residual(test::kSmallMap, {test::relu(test::kSmallMap)});
  EXPECT_EQ(branch_edges(graph), (std::vector<Edge>{{0, 1}, {0, 2}, {1, 2}}));
}

}  // namespace
}  // namespace sluice::hw
