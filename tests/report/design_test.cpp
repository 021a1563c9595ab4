// SPDX-License-Identifier: Apache-2.0
#include "sluice/report/design.hpp"

#include <algorithm>
#include <cmath>
#include <gmock/gmock.h>

#include "tests/report/small_design.hpp"

namespace sluice::report {
namespace {

const LayerFigures& layer(const PartitionFigures& partition, std::string_view name) {
  return *std::ranges::find(partition.layers, name, &LayerFigures::name);
}

TEST(Design, TheSlowestLayerIsTheBottleneck) {
  const DesignFigures design = test::small_design();
  const PartitionFigures& partition = design.partitions[0];
  const LayerFigures& slowest = layer(partition, "conv1");
  EXPECT_TRUE(slowest.is_bottleneck);
  EXPECT_DOUBLE_EQ(slowest.share, 1);
  EXPECT_DOUBLE_EQ(slowest.cycles, partition.interval_cycles);
  EXPECT_FALSE(layer(partition, "conv2").is_bottleneck);
}

TEST(Design, ModulesTogetherTakeWhatTheLayerTakes) {
  const auto design = figures_of(test::small_network(), test::small_device(), hw::test::uniform(1));
  for (const LayerFigures& each : design.partitions[0].layers) {
    hw::Resources sum;
    for (const ModuleFigures& module : each.modules) sum += module.resources;
    EXPECT_EQ(sum, each.resources) << each.name;
  }
}

TEST(Design, FramesASecondAreTheBatchOverItsCycles) {
  hw::HardwareNetwork network = test::small_network();
  network.batch_size = network.partitions[0].batch_size = 16;
  const auto design = figures_of(network, test::small_device(), hw::test::uniform(0), 50);
  EXPECT_DOUBLE_EQ(design.cycles, design.partitions[0].cycles);
  EXPECT_DOUBLE_EQ(design.latency_s, design.cycles / 50e6);
  EXPECT_DOUBLE_EQ(design.fps, 16 / design.latency_s);
  EXPECT_DOUBLE_EQ(design.gops, design.operations * design.fps / 1e9);
}

TEST(Design, SeveralPartitionsAreLoadedOneAfterAnother) {
  hw::HardwareNetwork network = test::small_network();
  network.partitions.push_back(network.partitions[0]);
  const auto design = figures_of(network, test::small_device(), hw::test::uniform(0));
  EXPECT_DOUBLE_EQ(design.reconfiguration_s, 0.2);
  EXPECT_DOUBLE_EQ(design.latency_s, design.cycles / 100e6 + 0.2);
}

TEST(Design, WhatIsComputedAgainInEachPassIsNoWork) {
  hw::HardwareNetwork network = test::small_network();
  const auto once = figures_of(network, test::small_device(), hw::test::uniform(0)).operations;
  network.partitions[0].reloading_layer = "conv2";
  network.partitions[0].reloading_factor = 2;
  const auto design = figures_of(network, test::small_device(), hw::test::uniform(0));
  const double before = layer(design.partitions[0], "conv1").operations;
  EXPECT_DOUBLE_EQ(design.operations, before + 2 * (once - before));
}

TEST(Design, EdgesCarryTheirWordsInAnInterval) {
  const PartitionFigures partition = test::small_design().partitions[0];
  for (const EdgeFigures& edge : partition.edges) {
    EXPECT_NEAR(
        edge.words_per_cycle * static_cast<double>(edge.streams) * partition.interval_cycles,
        8 * 8 * 4, 1e-6);
    EXPECT_EQ(edge.buffer_depth > 0, partition.layers[edge.to].name == "sum");
  }
  ASSERT_EQ(partition.reads.size(), 1);
  EXPECT_EQ(partition.layers[partition.reads[0].layer].name, "conv1");
  ASSERT_EQ(partition.writes.size(), 1);
  EXPECT_EQ(partition.layers[partition.writes[0].layer].name, "sum");
}

TEST(Design, WeightsAreOnChipUnlessTheyAreStreamed) {
  const PartitionFigures partition = test::small_design().partitions[0];
  EXPECT_DOUBLE_EQ(layer(partition, "conv1").weight_bits, 4 * 4 * 9 * 16);
  EXPECT_DOUBLE_EQ(layer(partition, "conv1").weight_bits_off_chip, 0);
  EXPECT_DOUBLE_EQ(layer(partition, "sum").weight_bits, 0);
}

TEST(Design, WhatTheDeviceLacksIsNamedWithItsNumbers) {
  hw::Device device = test::small_device();
  device.resources.dsp = 2;
  device.memory_gbps = 0.01;
  const auto design = figures_of(test::small_network(), device, hw::test::uniform(0));
  ASSERT_EQ(design.violations.size(), 2);
  EXPECT_THAT(to_text(design.violations[0]), testing::HasSubstr("dsp, the device has 2"));
  EXPECT_THAT(to_text(design.violations[1]), testing::HasSubstr("memory Gbit/s, the device has"));
  EXPECT_TRUE(test::small_design().violations.empty());
}

TEST(Design, CoefficientsNobodyMeasuredSaySo) {
  EXPECT_THAT(test::small_design().provenance,
              testing::HasSubstr("made up; analytic, no measured error"));
  Json document = hw::test::uniform_document(0);
  document["fit"] = {{"toolchain", "t"},
                     {"device", "d"},
                     {"samples", 7},
                     {"lut_error_percent", 12.5},
                     {"ff_error_percent", 3.0}};
  const auto fitted = hw::Coefficients::parse(document);
  ASSERT_TRUE(fitted);
  EXPECT_THAT(provenance_of(*fitted),
              testing::HasSubstr("7 modules by t for d, median error 12.5 %"));
}

TEST(Design, EnergyIsAddedPartitionByPartition) {
  const hw::EnergyCoefficients ones{"made up", 1, 1, 1, 1, 1};
  const hw::HardwareNetwork network = test::small_network();
  const hw::Coefficients by = hw::test::uniform(0);
  DesignFigures design = test::small_design();
  EXPECT_EQ(design.energy_proxy_uj, 0);
  EXPECT_EQ(design.energy_provenance, "");
  set_energy(design, network, by, ones);
  const hw::Partition& partition = network.partitions[0];
  const hw::Device device = test::small_device();
  const double expected =
      hw::energy_proxy(partition, hw::estimate(partition, by), {device, ones, 100}).total_uj();
  EXPECT_GT(expected, 0);
  EXPECT_DOUBLE_EQ(design.partitions[0].energy_proxy_uj, expected);
  EXPECT_DOUBLE_EQ(design.energy_proxy_uj, expected);
  EXPECT_THAT(design.energy_provenance, testing::HasSubstr("not joules of a board: made up"));
}

TEST(Design, RoofOfDspsIsTwoOperationsABlockAndClock) {
  EXPECT_DOUBLE_EQ(dsp_roof_gops(test::small_design()), 2 * 10 * 0.1);
}

TEST(Percent, OfNothing) {
  EXPECT_EQ(percent(1, 4), "25.0 %");
  EXPECT_EQ(percent(0, 0), "none");
  EXPECT_EQ(percent(1, 0), "has none");
  EXPECT_TRUE(std::isinf(utilisation(1, 0)));
}

}  // namespace
}  // namespace sluice::report
