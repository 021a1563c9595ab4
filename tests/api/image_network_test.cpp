// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/image_network.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/quantized_model.hpp"
#include "tests/support/temp_folder.hpp"

#include "sluice/api/builtin.hpp"
#include "sluice/api/model.hpp"
#include "sluice/data/subset.hpp"
#include "sluice/ir/text.hpp"

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

TEST(ImageNetwork, RangesAreOfTheImagesThatAreRunWhereValuesAreLookedAt) {
  ImageNetworkOptions options = digits_options();
  options.calibration.clear();
  options.formats = *numeric::parse_formats("fixed8");
  const auto scores = *ImageNetwork::open(options, {});
  EXPECT_EQ(scores->calibration_images().size(), 32U);  // drawn from all there are
  const auto values = *ImageNetwork::open(options, {}, ImageUse::Values);
  EXPECT_EQ(values->calibration_images(), data::first_images(values->data(), 20));
  ASSERT_EQ(values->notes().size(), 1U);
  EXPECT_THAT(values->notes()[0], HasSubstr("the very images"));
  ImageBatches batches = values->calibration_batches("calibrating");
  EXPECT_EQ((*batches.next())[0].shape()[0], 16);
}

// A network whose output has a batch of another size than its images.
std::filesystem::path transposing_model(const TempFolder& temp) {
  const auto graph = ir::parse(
      "graph \"transposing\" {\n"
      "  input %x: float32[?x1x28x28] as float32[1x1x28x28]\n"
      "  %y: float32[28x1x1x28] = Transpose(%x) {permutation=[2, 1, 0, 3]} \"transpose\"\n"
      "  output %y\n"
      "}\n");
  EXPECT_TRUE(graph) << graph.error().text();
  EXPECT_TRUE(write_model(*graph, temp.path() / "transposing.sluice"));
  return temp.path() / "transposing.sluice";
}

TEST(ImageNetwork, ScoresMustBeTheFirstOutputWhereTheyAreLookedAt) {
  const TempFolder temp;
  ImageNetworkOptions options = digits_options();
  options.model = transposing_model(temp);
  const auto network = ImageNetwork::open(options, {numeric::Format()});
  ASSERT_FALSE(network);
  EXPECT_EQ(network.error().code, ErrorCode::Verify);
  EXPECT_THAT(network.error().text(), HasSubstr("scores of 16 images"));
  const auto values = ImageNetwork::open(options, {numeric::Format()}, ImageUse::Values);
  EXPECT_TRUE(values) << values.error().text();
}

TEST(ImageNetwork, TheGraphOfTheFileIsNotPrepared) {
  const ImageNetworkOptions options = digits_options();
  const auto network = *ImageNetwork::open(options, {numeric::Format()});
  EXPECT_EQ(ir::print(network->graph_of_file()), ir::print(*load_model(options.model, {16, {}})));
  EXPECT_NE(ir::print(network->graph_of_file()), ir::print(network->graph()));
}

TEST(ImageNetwork, AQuantizedNetworkTakesNoFormats) {
  const ir::Graph quantized = *read_model(test::quantized_model_file());
  ImageNetworkOptions options;
  EXPECT_TRUE(check_formats(quantized, options));
  options.exact_formats = *quant::parse_integer_formats("int8");
  EXPECT_THAT(check_formats(quantized, options).error().text(), HasSubstr("leave --exact away"));
  options.formats = *numeric::parse_formats("fixed8");
  const Status status = check_formats(quantized, options);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::InvalidArgument);
  EXPECT_THAT(status.error().text(), HasSubstr("leave --formats and --exact away"));
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

TEST(ImageNetwork, ImagesComeInTheOrderOfAList) {
  const ImageNetworkOptions options = digits_options();
  const auto network = *ImageNetwork::open(options, {numeric::Format()});
  std::vector<std::int64_t> order(20);
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = 19 - static_cast<std::int64_t>(i);
  data::Loader loader = network->loader(order, 16, 18);
  const auto batch = loader.next();
  ASSERT_TRUE(batch && *batch);
  EXPECT_EQ((*batch)->indices, (std::vector<std::int64_t>{3, 2}));
  const auto end = loader.next();
  ASSERT_TRUE(end);
  EXPECT_FALSE(*end);
}

TEST(ImageNetwork, AChangedNetworkIsQuantizedAnew) {
  ImageNetworkOptions options = digits_options();
  options.formats.clear();
  options.exact_formats = *quant::parse_integer_formats("int8");
  const auto network = *ImageNetwork::open(options, {numeric::Format()});
  const RunFormat& row = network->rows()[0];
  const auto once = network->quantized(row);
  ASSERT_TRUE(once) << once.error().text();
  const auto same = network->quantized(row, network->graph());
  ASSERT_TRUE(same) << same.error().text();
  EXPECT_EQ(ir::print(*same), ir::print(**once));
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
