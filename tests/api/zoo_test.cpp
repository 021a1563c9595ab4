// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/zoo.hpp"

#include <gtest/gtest.h>

#include "tests/support/temp_folder.hpp"

#include "sluice/api/info.hpp"
#include "sluice/api/model.hpp"
#include "sluice/import/checkpoint.hpp"

namespace sluice::api {
namespace {

namespace fs = std::filesystem;

ZooExportOptions export_of(const char* network, fs::path output) {
  return {.network = network,
          .output = std::move(output),
          .checkpoint = {},
          .names = {},
          .options = {}};
}

TEST(Zoo, ListsEveryArchitecture) {
  const auto listing = zoo_list();
  ASSERT_TRUE(listing) << listing.error().text();
  EXPECT_EQ(listing->networks.size(), zoo::architectures().size());
  EXPECT_EQ(listing->networks[0].name, "shufflenetv2_x0_5");
  EXPECT_EQ(listing->networks[0].parameters, 1'366'792);
}

TEST(Zoo, AnExportedModelIsLoadedWithItsLayersNamed) {
  const TempFolder folder;
  for (const char* const name : {"tiny.onnx", "tiny.sluice"}) {
    const fs::path path = folder.path() / name;
    const auto report = zoo_export(export_of("diracdeltanet_tiny", path));
    ASSERT_TRUE(report) << report.error().text();
    EXPECT_EQ(report->output, name);
    EXPECT_EQ(report->network.classes, 10);
    const auto graph = load_model(path);
    ASSERT_TRUE(graph) << graph.error().text();
    EXPECT_EQ(graph->nodes.front().name, "conv1");
    EXPECT_EQ((*graph)[graph->nodes.front().inputs[1]].name, "conv1.weight");
    EXPECT_EQ(info(*graph).macs, report->network.macs);  // neither counts shifts
  }
}

TEST(Zoo, WeightsMakeTheRoundOverAFile) {
  const TempFolder folder;
  const fs::path weights = folder.path() / "w.safetensors";
  ZooExportOptions options = export_of("diracdeltanet_tiny", weights);
  options.options.seed = 5;
  ASSERT_TRUE(zoo_export(options));
  ZooExportOptions again = export_of("diracdeltanet_tiny", folder.path() / "again.safetensors");
  again.checkpoint = weights;
  const auto report = zoo_export(again);
  ASSERT_TRUE(report) << report.error().text();
  EXPECT_EQ(report->checkpoint, "w.safetensors");
  EXPECT_EQ(report->checkpoint_sha256.size(), 64U);
  const auto first = importer::read_checkpoint(weights);
  const auto second = importer::read_checkpoint(again.output);
  ASSERT_TRUE(first && second);
  ASSERT_EQ(first->tensors.size(), second->tensors.size());
  for (std::size_t i = 0; i < first->tensors.size(); ++i) {
    EXPECT_EQ(first->tensors[i].tensor, second->tensors[i].tensor);
  }
}

TEST(Zoo, OtherNamesAreForWeightsAlone) {
  const TempFolder folder;
  ZooExportOptions options = export_of("shufflenetv2_x0_5", folder.path() / "a.onnx");
  options.names = "torchvision";
  EXPECT_EQ(zoo_export(options).error().code, ErrorCode::InvalidArgument);
  options.output = folder.path() / "a.safetensors";
  ASSERT_TRUE(zoo_export(options));
  const auto checkpoint = importer::read_checkpoint(options.output);
  EXPECT_NE(checkpoint->find("conv5.0.weight"), nullptr);
}

TEST(Zoo, AFileOfAnotherKindIsRefusedBeforeAnythingIsBuilt) {
  const auto report = zoo_export(export_of("resnet20", "net.pth"));
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::InvalidArgument);
  EXPECT_NE(report.error().message.find("\"net.pth\""), std::string::npos);
}

TEST(Zoo, ACheckpointOfAnotherNetworkIsAnErrorWithItsName) {
  const TempFolder folder;
  const fs::path weights = folder.path() / "tiny.safetensors";
  ASSERT_TRUE(zoo_export(export_of("diracdeltanet_tiny", weights)));
  ZooExportOptions options = export_of("resnet20", folder.path() / "net.onnx");
  options.checkpoint = weights;
  const auto report = zoo_export(options);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::Verify);
  EXPECT_NE(report.error().where.find("tiny.safetensors"), std::string::npos);
  EXPECT_FALSE(fs::exists(options.output));
}

TEST(Zoo, SizingsAndBlocksAreReadFromText) {
  EXPECT_EQ(*sizing_from_string("upstream"), zoo::Sizing::Upstream);
  EXPECT_EQ(*sizing_from_string("even"), zoo::Sizing::Even);
  EXPECT_EQ(*sizing_from_string("full"), zoo::Sizing::Full);
  EXPECT_FALSE(sizing_from_string("odd"));
  EXPECT_EQ(*blocks_from_string("1,2,3"), (std::array<std::int64_t, 3>{1, 2, 3}));
  for (const char* const text : {"", "1,2", "1,2,3,4", "1,x,3", "1,,3"}) {
    EXPECT_FALSE(blocks_from_string(text)) << text;
  }
}

}  // namespace
}  // namespace sluice::api
