// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/hardware.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "sluice/api/builtin.hpp"

namespace sluice::api {
namespace {

TEST(Hardware, RulesAreNamedAsCompatNamesThem) {
  EXPECT_EQ(*rules_from_string("none"), hw::Rules::Sluice);
  EXPECT_EQ(*rules_from_string("fpgaconvnet"), hw::Rules::FpgaConvNet);
  EXPECT_EQ(rules_from_string("chisel").error().code, ErrorCode::InvalidArgument);
}

TEST(Hardware, CoefficientsAreTheProgramsUnlessAFileIsNamed) {
  EXPECT_THAT(coefficients_from({})->provenance(), testing::HasSubstr("synthesis of rtl/"));
  EXPECT_EQ(coefficients_from("/nowhere.json").error().code, ErrorCode::Io);
}

TEST(Hardware, TheWholeNetworkIsOnePartitionOfTheBatch) {
  const auto digits = builtin_digits();
  ASSERT_TRUE(digits);
  const auto model = load_for_hardware(digits->model, {}, hw::Rules::Sluice);
  ASSERT_TRUE(model) << model.error().text();
  auto graph = hw::build_graph(*model, {});
  ASSERT_TRUE(graph) << graph.error().text();
  const std::size_t layers = graph->size();
  const auto network = whole_network("digits", *std::move(graph), 8, hw::Rules::Sluice);
  ASSERT_EQ(network.partitions.size(), 1);
  EXPECT_EQ(network.partitions[0].batch_size, 8);
  EXPECT_EQ(network.graph.size(), layers);
}

TEST(Hardware, FiguresHaveTheirEnergy) {
  const auto graph = hardware_graph(builtin_digits()->model, {}, hw::Rules::Sluice);
  ASSERT_TRUE(graph) << graph.error().text();
  const auto network = whole_network("digits", *graph, 1, hw::Rules::Sluice);
  const auto figures =
      figures_of(network, *hw::find_device("zcu104"), *coefficients_from({}), {.clock_mhz = 100});
  ASSERT_TRUE(figures) << figures.error().text();
  EXPECT_EQ(figures->clock_mhz, 100);
  EXPECT_GT(figures->energy_proxy_uj, 0);
  EXPECT_EQ(figures->energy_proxy_uj, figures->partitions[0].energy_proxy_uj);
  EXPECT_NE(figures->energy_provenance, "");
}

TEST(Hardware, DevicesAreToldApartByAllThatASearchDependsOn) {
  const hw::Device zedboard = *hw::find_device("zedboard");
  hw::Device faster = zedboard;
  faster.memory_gbps *= 2;
  hw::Device smaller = zedboard;
  smaller.resources.lut -= 1;
  EXPECT_EQ(identity_of(zedboard), identity_of(*hw::find_device("zedboard")));
  EXPECT_NE(identity_of(zedboard), identity_of(faster));
  EXPECT_NE(identity_of(zedboard), identity_of(smaller));
}

TEST(Hardware, AModelWithoutHintsIsBuiltByTheRulesAlone) {
  const auto options = build_options(builtin_digits()->model, hw::Rules::FpgaConvNet);
  ASSERT_TRUE(options);
  EXPECT_EQ(options->rules, hw::Rules::FpgaConvNet);
  EXPECT_TRUE(options->hints.empty());
}

TEST(Hardware, AModelThatIsNotThereIsNamed) {
  const auto model = load_for_hardware("/nowhere.onnx", {}, hw::Rules::Sluice);
  ASSERT_FALSE(model);
  EXPECT_THAT(model.error().text(), testing::HasSubstr("/nowhere.onnx"));
}

}  // namespace
}  // namespace sluice::api
