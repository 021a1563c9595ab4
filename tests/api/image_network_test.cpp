// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/image_network.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sluice/api/builtin.hpp"

namespace sluice::api {
namespace {

using testing::HasSubstr;

// The built-in network on its first test images.
ImageNetworkOptions digits_options() {
  const Builtin builtin = *builtin_digits();
  ImageNetworkOptions options;
  options.model = builtin.model;
  options.data = builtin.test;
  options.calibration = builtin.calibration;
  options.preprocess = "mnist";
  options.limit = 20;
  options.calibration_images = 32;
  options.quiet = true;
  return options;
}

std::vector<std::string> names_of(const ImageNetwork& network) {
  std::vector<std::string> names;
  for (const RunFormat& row : network.rows()) names.push_back(row.name);
  return names;
}

TEST(ImageNetwork, RowsAreTheVerbsOwnUnlessOptionsNameSome) {
  ImageNetworkOptions options = digits_options();
  const std::vector<numeric::Format> own = *numeric::parse_formats("float32,fixed8");
  EXPECT_THAT(names_of(**ImageNetwork::open(options, own)),
              testing::ElementsAre("float32", "fixed8"));
  options.exact_formats = *quant::parse_integer_formats("q8");
  EXPECT_THAT(names_of(**ImageNetwork::open(options, own)), testing::ElementsAre("exact q8"));
  options.formats = *numeric::parse_formats("mxint8");
  EXPECT_THAT(names_of(**ImageNetwork::open(options, own)),
              testing::ElementsAre("mxint8", "exact q8"));
}

TEST(ImageNetwork, GraphsAreGivenAsTheyRun) {
  ImageNetworkOptions options = digits_options();
  options.formats = *numeric::parse_formats("float32,fixed8");
  options.exact_formats = *quant::parse_integer_formats("int8");
  const auto network = *ImageNetwork::open(options, {});
  const auto has_snap = [](const ir::Graph& graph) {
    return std::ranges::any_of(graph.nodes, [](const ir::Node& node) {
      return std::holds_alternative<ir::Snap>(node.op);
    });
  };
  EXPECT_FALSE(has_snap(network->make(network->rows()[0])->graph));
  EXPECT_TRUE(has_snap(network->make(network->rows()[1])->graph));
  EXPECT_TRUE(ir::is_quantized(network->make(network->rows()[2])->graph));
}

TEST(ImageNetwork, CalibrationImagesAreOpenedOnlyWhereARowNeedsThem) {
  ImageNetworkOptions options = digits_options();
  options.calibration = "/nowhere";
  const auto network = ImageNetwork::open(options, {numeric::Format()});
  ASSERT_TRUE(network) << network.error().text();
  EXPECT_EQ((*network)->calibration(), "");
  options.formats = *numeric::parse_formats("fixed8");
  EXPECT_FALSE(ImageNetwork::open(options, {}));
}

TEST(ImageNetwork, BatchesBecomeInputsAndAreScored) {
  const ImageNetworkOptions options = digits_options();
  const auto network = *ImageNetwork::open(options, {numeric::Format()});
  const auto runnable = network->make(network->rows()[0]);
  ASSERT_TRUE(runnable);
  data::Loader loader = network->loader(16);
  const auto batch = loader.next();
  ASSERT_TRUE(batch && *batch);
  EXPECT_EQ((*batch)->labels.size(), 4U);  // the last of 20 images
  const std::vector<Tensor> inputs{network->input_of(**batch)};
  EXPECT_EQ(inputs[0].shape()[0], 16);
  const auto outputs = runnable->executor->run(inputs);
  ASSERT_TRUE(outputs);
  const auto accuracy = network->accuracy_of(**batch, (*outputs)[0]);
  ASSERT_TRUE(accuracy);
  EXPECT_EQ(accuracy->count, 4);
  EXPECT_GE(accuracy->top1, 3);
}

TEST(ImageNetwork, NoImagesAndUnknownPreprocessingAreRefused) {
  ImageNetworkOptions options = digits_options();
  options.preprocess = "mnits";
  const auto network = ImageNetwork::open(options, {});
  ASSERT_FALSE(network);
  EXPECT_THAT(network.error().text(), HasSubstr("mnist"));
}

TEST(ImageNetwork, ASkippedImageIsNotedOnce) {
  const ImageNetworkOptions options = digits_options();
  const auto network = *ImageNetwork::open(options, {numeric::Format()});
  const std::vector<data::SkippedImage> skipped{
      {3, Error{ErrorCode::Parse, "is cut off", "3.png"}}};
  network->note_skipped(skipped);
  network->note_skipped(skipped);
  ASSERT_EQ(network->notes().size(), 1U);
  EXPECT_THAT(network->notes()[0], HasSubstr("3.png"));
}

}  // namespace
}  // namespace sluice::api
