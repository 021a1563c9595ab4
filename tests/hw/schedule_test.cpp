// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/schedule.hpp"

#include <gtest/gtest.h>

#include "tests/hw/sample_layers.hpp"

#include "sluice/hw/split.hpp"

namespace sluice::hw {
namespace {

HardwareNetwork convolution_by_convolution() {
  const Partition whole{.graph = test::chain({test::convolution(test::kSmallMap, 2, 1),
                                              test::convolution(test::kSmallMap, 4, 1)})};
  const auto [first, second] = split_at(whole, {0, 1});
  HardwareNetwork result{"two", whole.graph, {first, second}, 3};
  update(result);
  return result;
}

TEST(Schedule, HasTwelveNumbersAPartition) {
  EXPECT_EQ(schedule_csv(schedule(convolution_by_convolution())),
            "0,1,1,0,0,0,1,1,3,32,32,4\n"
            "1,1,1,0,0,0,1,1,3,32,64,8\n");
}

TEST(Schedule, FollowsTheWords) {
  HardwareNetwork network = convolution_by_convolution();
  std::swap(network.partitions[0], network.partitions[1]);
  const auto found = schedule(network);
  EXPECT_EQ(found[0].partition, 1);
  EXPECT_EQ(found[0].output_to, 0);
  EXPECT_EQ(found[1].partition, 0);
  EXPECT_EQ(found[1].input_from, 1);
  EXPECT_TRUE(check_schedule(network, found));
}

std::string problem(const HardwareNetwork& network, const std::vector<ScheduleEntry>& entries) {
  const Status status = check_schedule(network, entries);
  return status ? "" : status.error().text();
}

TEST(Schedule, IsChecked) {
  const HardwareNetwork network = convolution_by_convolution();
  const auto good = schedule(network);
  EXPECT_EQ(problem(network, good), "");
  EXPECT_EQ(problem(network, {good[1], good[0]}),
            "partition 1: comes before partition 0, which it reads");
  EXPECT_EQ(problem(network, {good[0]}), "partition 1: is missing");
  EXPECT_EQ(problem(network, {good[0], good[0]}), "partition 0: comes twice");
  auto bad = good;
  bad[1].partition = 2;
  EXPECT_EQ(problem(network, bad), "partition 2: is not one of the network's 2");
  bad = good;
  bad[1].batch_size = 4;
  EXPECT_EQ(problem(network, bad), "partition 1: has a batch of 4, the network of 3");
  bad = good;
  bad[1].input_words = 31;
  EXPECT_EQ(problem(network, bad), "partition 1: reads 31 words, partition 0 makes 32");
  bad = good;
  bad[1].ports_in = 2;
  EXPECT_EQ(problem(network, bad), "partition 1: has 2 inputs, partition 0 has 1 outputs");
  bad = good;
  bad[1].input_address = 8;
  EXPECT_EQ(problem(network, bad), "partition 1: reads from 8, partition 0 writes to 0");
}

TEST(Schedule, NamesPartitionsThatWaitForOneAnother) {
  HardwareNetwork network{.graph =
                              test::chain({test::relu(test::kSmallMap), test::relu(test::kSmallMap),
                                           test::relu(test::kSmallMap)})};
  Partition outer;
  test::add(outer.graph, test::relu(test::kSmallMap));
  outer.graph.add(network.graph[2]);
  outer.graph[1].predecessors.clear();
  Partition inner;
  inner.graph.add(network.graph[1]);
  inner.graph[0].predecessors.clear();
  inner.graph[0].successors.clear();
  network.partitions = {outer, inner};
  EXPECT_EQ(problem(network, schedule(network)),
            "partition 0: comes before partition 1, which it reads");
}

}  // namespace
}  // namespace sluice::hw
