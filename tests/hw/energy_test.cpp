// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/energy.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "tests/hw/sample_layers.hpp"
#include "tests/hw/unit_coefficients.hpp"
#include "tests/support/temp_folder.hpp"

#include "sluice/base/file.hpp"
#include "sluice/hw/split.hpp"

namespace sluice::hw {
namespace {

using ::testing::HasSubstr;

const FeatureMap kMap{8, 8, 1, 4};

// A picojoule for everything, 1000 µW for a LUT.
EnergyCoefficients ones() {
  return {"made up", 1, 1, 1, 1, 1000};
}

Device small_device() {
  Device device;
  device.resources = {.lut = 100, .ff = 200, .dsp = 10, .bram18 = 20, .uram = 0};
  device.clock_mhz = 100;
  return device;
}

EnergyProxy proxy_of(const Partition& partition) {
  const Device device = small_device();
  const EnergyCoefficients by = ones();
  return energy_proxy(partition, estimate(partition, test::uniform(0)), {device, by, 100});
}

Json document() {
  return {{"format", "sluice.energy/1"},     {"provenance", "made up"},
          {"multiply_pj_per_square_bit", 1}, {"add_pj_per_bit", 2},
          {"on_chip_pj_per_bit", 3},         {"off_chip_pj_per_bit", 4},
          {"static_uw_per_lut", 5.5}};
}

TEST(EnergyCoefficients, AreReadKeyByKey) {
  const auto by = EnergyCoefficients::parse(document());
  ASSERT_TRUE(by) << by.error().text();
  EXPECT_EQ(by->provenance, "made up");
  EXPECT_EQ(by->multiply_pj_per_square_bit, 1);
  EXPECT_EQ(by->add_pj_per_bit, 2);
  EXPECT_EQ(by->on_chip_pj_per_bit, 3);
  EXPECT_EQ(by->off_chip_pj_per_bit, 4);
  EXPECT_EQ(by->static_uw_per_lut, 5.5);
}

TEST(EnergyCoefficients, AreRefusedWithTheirPlace) {
  const auto error_with = [](const char* key, const Json& value) {
    Json changed = document();
    changed[key] = value;
    const auto read = EnergyCoefficients::parse(changed);
    return read ? std::string() : read.error().text();
  };
  EXPECT_THAT(error_with("add_pj_per_bits", 1), HasSubstr("\"add_pj_per_bit\""));
  EXPECT_EQ(error_with("add_pj_per_bit", -1), "/add_pj_per_bit: must not be negative, is -1");
  EXPECT_THAT(error_with("off_chip_pj_per_bit", "1"), HasSubstr("/off_chip_pj_per_bit"));
  EXPECT_THAT(error_with("format", "sluice.energy/2"), HasSubstr("\"sluice.energy/1\""));
  Json lacking = document();
  lacking.erase("static_uw_per_lut");
  EXPECT_FALSE(EnergyCoefficients::parse(lacking));
  const TempFolder temp;
  const auto path = temp.path() / "mine.json";
  ASSERT_TRUE(write_file(path, "{}"));
  EXPECT_THAT(EnergyCoefficients::read(path).error().text(), HasSubstr("mine.json"));
}

// The published figures of 45 nm, for 8 and 32 bits, 8 KiB of SRAM and DRAM.
TEST(EnergyCoefficients, ThatComeWithTheProgramAreThePublishedOnes) {
  const auto by = default_energy_coefficients();
  ASSERT_TRUE(by) << by.error().text();
  EXPECT_DOUBLE_EQ(by->multiply_pj_per_square_bit * 8 * 8, 0.2);
  EXPECT_NEAR(by->multiply_pj_per_square_bit * 32 * 32, 3.1, 0.11);
  EXPECT_DOUBLE_EQ(by->add_pj_per_bit * 32, 0.1);
  EXPECT_NEAR(by->add_pj_per_bit * 8, 0.03, 0.006);
  EXPECT_DOUBLE_EQ(by->on_chip_pj_per_bit * 64, 10);
  EXPECT_DOUBLE_EQ(by->off_chip_pj_per_bit * 32, 640);
  EXPECT_THAT(by->provenance, HasSubstr("not fitted to any board"));
}

// 64 positions · 4 channels · 2 filters, words and weights of 16 bits, sums of 32.
TEST(LayerWork, OfAPointwiseConvolution) {
  const LayerWork work = work_of(test::convolution(kMap, 2, 1), ones());
  EXPECT_EQ(work.products, 512);
  EXPECT_EQ(work.product_pj, 512 * (16 * 16 + 32));
  // A weight a product; four products a sum, which is written and read each time.
  EXPECT_EQ(work.on_chip_bits, 512 * 16 + 2 * 512 * 32);
}

TEST(LayerWork, SumsSideBySideNeedNoMemory) {
  const LayerWork work = work_of(test::convolution(kMap, 2, 1, 0, 1, {.coarse_in = 4}), ones());
  EXPECT_EQ(work.products, 512);
  EXPECT_EQ(work.on_chip_bits, 512 * 16);
}

// A window's words go through eight FIFOs, the zeros around the map with them.
TEST(LayerWork, OfWindows) {
  const Layer layer = test::convolution(kMap, 2, 3, 1);
  const LayerWork work = work_of(layer, ones());
  EXPECT_EQ(work.products, 512 * 9);
  const double windows = 2.0 * 10 * 10 * 4 * 8 * 16;
  EXPECT_EQ(work.on_chip_bits, 512 * 9 * 16 + 2 * 512 * 9 * 32 + windows);
  Layer outside = layer;
  outside.inputs[0].is_off_chip = true;
  const double lines = 2.0 * 10 * 10 * 4 * 2 * 16;
  EXPECT_EQ(work_of(outside, ones()).on_chip_bits, work.on_chip_bits - lines);
  EXPECT_EQ(work_of(test::pooling(kMap, 2, 2), ones()).on_chip_bits, 2 * 256 * 3 * 16);
}

TEST(LayerWork, OfZerosThatAreSkipped) {
  Layer layer = test::convolution(kMap, 2, 1);
  const double dense = work_of(layer, ones()).products;
  layer.as<Convolution>()->sparsity = std::make_shared<const Sparsity>(
      Sparsity{.values = {0.75, 0.75, 0.75, 0.75}, .is_pointwise = true});
  EXPECT_EQ(work_of(layer, ones()).products, dense / 4);
}

TEST(LayerWork, OfTheOtherLayersThatMultiplyOrWait) {
  const auto work = [](const Operation& operation) {
    Layer layer = test::layer_of(kMap, operation);
    if (joins(layer)) layer.inputs.resize(2);
    return work_of(layer, ones());
  };
  EXPECT_EQ(work(InnerProduct{.filters = 10}).products, 256 * 10);
  EXPECT_EQ(work(ChannelAffine{}).product_pj, 256 * (16 * 16 + 16));
  EXPECT_EQ(work(ChannelAffine{.has_scale = false}).products, 0);
  EXPECT_EQ(work(Join{.op = Eltwise::Mul}).products, 256);
  EXPECT_EQ(work(Join{}).products, 0);
  EXPECT_EQ(work(Join{}).on_chip_bits, 2 * 2 * 256 * 16);
  EXPECT_EQ(work(GlobalPooling{}).on_chip_bits, 2 * 256 * 32);
  EXPECT_EQ(work(Elementwise{}).on_chip_bits, 0);
}

TEST(Energy, TheShareIsTheMeanOverWhatTheDeviceHas) {
  const Device device = small_device();
  EXPECT_EQ(used_share({.lut = 50, .ff = 50, .dsp = 10, .bram18 = 5}, device),
            (0.5 + 0.25 + 1 + 0.25) / 4);
  EXPECT_EQ(used_share({.lut = 50}, Device{}), 0);
}

TEST(Energy, OfAPartitionIsTheSumOfItsParts) {
  const Partition partition{.graph = test::chain({test::convolution(kMap, 2, 1)})};
  const EnergyProxy proxy = proxy_of(partition);
  EXPECT_DOUBLE_EQ(proxy.products_uj, 512 * (16 * 16 + 32) * 1e-6);
  EXPECT_DOUBLE_EQ(proxy.on_chip_uj, (512 * 16 + 2 * 512 * 32) * 1e-6);
  EXPECT_DOUBLE_EQ(proxy.off_chip_uj, (256 + 128) * 16 * 1e-6);
  const PartitionEstimate found = estimate(partition, test::uniform(0));
  EXPECT_EQ(found.resources.dsp, 1);
  const double share = (found.resources.dsp / 10 + found.resources.bram18 / 20) / 4;
  EXPECT_DOUBLE_EQ(proxy.static_uj, 1000 * 100 * share * found.cycles / 100e6);
  EXPECT_DOUBLE_EQ(proxy.total_uj(),
                   proxy.products_uj + proxy.on_chip_uj + proxy.off_chip_uj + proxy.static_uj);
}

TEST(Energy, PassesCostAgainAndBatchesShareTheirWeights) {
  Partition partition{.graph = test::chain({test::convolution(kMap, 2, 1)}), .batch_size = 8};
  const EnergyProxy once = proxy_of(partition);
  partition.reloading_layer = "n0";
  partition.reloading_factor = 3;
  const EnergyProxy thrice = proxy_of(partition);
  EXPECT_DOUBLE_EQ(thrice.products_uj, 3 * once.products_uj);
  EXPECT_DOUBLE_EQ(thrice.on_chip_uj, 3 * once.on_chip_uj);
  EXPECT_DOUBLE_EQ(thrice.off_chip_uj, 3 * once.off_chip_uj + 2 * 8 * 16 / 8.0 * 1e-6);
}

TEST(Energy, OfANetworkIsThatOfItsPartitions) {
  const Partition whole{.graph = test::chain({test::convolution(kMap, 4, 1), test::relu(kMap)})};
  const auto [first, second] = split_at(whole, {0, 1});
  HardwareNetwork network{"two", whole.graph, {first, second}, 3};
  update(network);
  const Device device = small_device();
  const EnergyCoefficients by = ones();
  const EnergyTerms terms{device, by, 100};
  const NetworkEstimate found = estimate(network, test::uniform(0), {.clock_mhz = 100});
  EXPECT_DOUBLE_EQ(energy_proxy(network, found, terms).total_uj(),
                   energy_proxy(network.partitions[0], found.partitions[0], terms).total_uj() +
                       energy_proxy(network.partitions[1], found.partitions[1], terms).total_uj());
}

}  // namespace
}  // namespace sluice::hw
