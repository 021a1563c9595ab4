// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/estimate.hpp"

#include <algorithm>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "tests/support/temp_folder.hpp"

#include "sluice/api/builtin.hpp"
#include "sluice/api/hardware.hpp"
#include "sluice/base/file.hpp"
#include "sluice/base/sha256.hpp"
#include "sluice/hw/config/fpgaconvnet.hpp"
#include "sluice/hw/design.hpp"

namespace sluice::api {
namespace {

using testing::HasSubstr;

EstimateOptions estimate_digits_on(std::string device) {
  return {.model = builtin_digits()->model, .device = std::move(device)};
}

// The built-in network as it is without a design, with `streams` out of its first layer.
hw::HardwareNetwork digits_network(std::int64_t streams, hw::Rules rules) {
  auto model = load_for_hardware(builtin_digits()->model, {}, rules);
  auto graph = hw::build_graph(*model, {.rules = rules});
  auto network = whole_network("digits", *std::move(graph), 1, rules);
  for (hw::NodeId id = 0; id < network.partitions[0].graph.size(); ++id) {
    hw::Layer& layer = network.partitions[0].graph[id].layer;
    if (layer.as<hw::Convolution>() == nullptr) continue;
    layer.folding.coarse_out = streams;
    break;
  }
  hw::update(network, rules);
  return network;
}

TEST(Estimate, WithoutADesignEachLayerHasTheLeastParallelism) {
  const auto report = estimate(estimate_digits_on("zcu104"));
  ASSERT_TRUE(report) << report.error().text();
  ASSERT_EQ(report->figures.partitions.size(), 1);
  for (const auto& layer : report->figures.partitions[0].layers) {
    EXPECT_EQ(layer.folding, hw::Folding{}) << layer.name;
  }
  EXPECT_TRUE(check_fits(report->figures));
}

TEST(Estimate, ADesignBringsDeviceClockAndFolding) {
  const TempFolder folder;
  hw::Design about{.model_name = "digits.onnx",
                   .model_sha256 = *sha256_file(builtin_digits()->model),
                   .device = "zedboard",
                   .clock_mhz = 120,
                   .batch_size = 4,
                   .coefficients = "any"};
  auto network = digits_network(2, hw::Rules::Sluice);
  const auto path = folder.path() / "design.json";
  ASSERT_TRUE(write_file(path, dump_json(to_json(design_of(network, about)))));
  EstimateOptions options = estimate_digits_on("");
  options.design = path;
  const auto report = estimate(options);
  ASSERT_TRUE(report) << report.error().text();
  EXPECT_EQ(report->figures.device.name, "zedboard");
  EXPECT_DOUBLE_EQ(report->figures.clock_mhz, 120);
  EXPECT_TRUE(report->notes.empty());
  EXPECT_TRUE(std::ranges::any_of(report->figures.partitions[0].layers, [](const auto& layer) {
    return !layer.is_squeeze && layer.folding.coarse_out == 2;
  }));
}

TEST(Estimate, TakesFpgaConvNetsConfigurations) {
  const TempFolder folder;
  const auto text = hw::write_fpgaconvnet(digits_network(2, hw::Rules::Sluice));
  ASSERT_TRUE(text) << text.error().text();
  const auto path = folder.path() / "config.json";
  ASSERT_TRUE(write_file(path, *text));
  EstimateOptions options = estimate_digits_on("zcu104");
  options.config = path;
  const auto report = estimate(options);
  ASSERT_TRUE(report) << report.error().text();
  EXPECT_TRUE(std::ranges::any_of(report->figures.partitions[0].layers, [](const auto& layer) {
    return !layer.is_squeeze && layer.folding.coarse_out == 2;
  }));
}

TEST(Estimate, WhatDoesNotFitIsSaidInNumbers) {
  const auto report = estimate(estimate_digits_on("unit"));
  ASSERT_TRUE(report) << report.error().text();
  const auto status = check_fits(report->figures);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::Infeasible);
  EXPECT_THAT(status.error().text(), HasSubstr("lut, the device has 1"));
}

TEST(Estimate, NeedsADevice) {
  EXPECT_THAT(estimate(estimate_digits_on("")).error().text(), HasSubstr("--device"));
}

TEST(Estimate, DrawingsAreKnownByTheirNames) {
  for (const char* name : {"a.svg", "a.PNG", "a.pdf", "a.html"})
    EXPECT_TRUE(check_drawing_name(name));
  EXPECT_EQ(check_drawing_name("a.dot").error().code, ErrorCode::InvalidArgument);
}

TEST(Estimate, PagesAreWrittenWithOrWithoutGraphviz) {
  const TempFolder folder;
  auto report = estimate(estimate_digits_on("zcu104"));
  ASSERT_TRUE(report) << report.error().text();
  const auto path = folder.path() / "design.html";
  ASSERT_TRUE(write_drawing(*report, path));
  const auto page = MappedFile::open(path);
  ASSERT_TRUE(page);
  EXPECT_THAT(std::string(page->text()), HasSubstr("Roofline"));
}

TEST(Level, IsNamed) {
  EXPECT_EQ(*level_from_string("modules"), Level::Modules);
  EXPECT_THAT(level_from_string("layer").error().text(), HasSubstr("did you mean \"layers\""));
}

}  // namespace
}  // namespace sluice::api
