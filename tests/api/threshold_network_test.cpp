// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/threshold_network.hpp"

#include <algorithm>
#include <gtest/gtest.h>

#include "tests/api/digits_search.hpp"
#include "tests/support/temp_folder.hpp"

#include "sluice/api/eval.hpp"
#include "sluice/base/interrupt.hpp"
#include "sluice/sparse/zero_summary.hpp"

namespace sluice::api {
namespace {

std::vector<std::string> names_of(const ThresholdSpace& space, bool are_rectifiers) {
  std::vector<std::string> names;
  for (const ThresholdKnobInfo& knob : space.knobs) {
    if (knob.is_rectifier == are_rectifiers) names.push_back(knob.layer);
  }
  return names;
}

double zero_products_of(const ThresholdRun& run, const std::string& layer) {
  for (const auto& each : run.zeros.layers()) {
    if (each.name == layer) return sparse::totals_of(each.zeros.histogram()).sparsity();
  }
  return -1;
}

TEST(ThresholdNetwork, KnobsAreConvolutionsAndTheRectifiersBeforeThem) {
  const auto options = digits_search("fixed16");
  const auto network = ThresholdNetwork::open(options);
  ASSERT_TRUE(network) << network.error().text();
  const ThresholdSpace& space = (*network)->space();
  ASSERT_EQ(space.convolutions.size(), 6U);
  EXPECT_EQ(names_of(space, false).size(), 6U) << "the classifier's zeros are not skipped";
  const auto rectifiers = names_of(space, true);
  EXPECT_EQ(rectifiers.size(), 5U) << "nothing is convolved behind the last one";
  EXPECT_EQ(std::ranges::count(rectifiers, "/block2/Relu_1"), 0);
  EXPECT_TRUE(space.convolutions[0].rectifiers.empty()) << "it reads the image";
  const auto& behind_add = space.convolutions[3];  // /down/conv/Conv
  ASSERT_EQ(behind_add.rectifiers.size(), 1U);
  EXPECT_EQ(space.knobs[behind_add.rectifiers[0]].layer, "/block1/Relu_1");
  for (const ThresholdKnobInfo& knob : space.knobs) {
    EXPECT_GE(knob.levels.size(), 4U) << knob.layer;
    EXPECT_TRUE(std::ranges::is_sorted(knob.levels));
  }
}

TEST(ThresholdNetwork, EveryImageIsAnsweredOnceInADrawnOrder) {
  const auto options = digits_search("fixed16");
  const auto network = ThresholdNetwork::open(options);
  ASSERT_TRUE(network);
  auto run = (*network)->begin({});
  ASSERT_TRUE(run) << run.error().text();
  ASSERT_TRUE((*network)->go_on(*run, 32, {}));
  EXPECT_EQ(run->images.size(), 32U);
  ASSERT_TRUE((*network)->go_on(*run, 100, {}));
  auto images = run->images;
  EXPECT_FALSE(std::ranges::is_sorted(images));
  std::ranges::sort(images);
  for (std::size_t i = 0; i < 100; ++i) EXPECT_EQ(images[i], static_cast<std::int64_t>(i));
}

TEST(ThresholdNetwork, WithoutThresholdsItAnswersAsEvalDoes) {
  const TempFolder temp;
  const auto options = digits_search("fixed8");
  const auto network = ThresholdNetwork::open(options);
  ASSERT_TRUE(network);
  auto run = (*network)->begin({});
  ASSERT_TRUE(run);
  ASSERT_TRUE((*network)->go_on(*run, 100, {}));
  EvalOptions evaluated;
  const ImageNetworkOptions& images = options;
  static_cast<ImageNetworkOptions&>(evaluated) = images;
  evaluated.journal = temp.path() / "journal";
  const auto report = eval(evaluated);
  ASSERT_TRUE(report) << report.error().text();
  EXPECT_EQ(std::ranges::count(run->right, true), report->rows[0].top1);
}

TEST(ThresholdNetwork, ThresholdsMakeZeros) {
  for (const char* format : {"fixed16", "exact int8"}) {
    const auto options = digits_search(format);
    const auto network = ThresholdNetwork::open(options);
    ASSERT_TRUE(network) << network.error().text();
    auto before = (*network)->begin({});
    ASSERT_TRUE(before) << before.error().text();
    ASSERT_TRUE((*network)->go_on(*before, 16, {}));
    for (const Thresholds& thresholds : {Thresholds{{{"/down/conv/Conv", 0.05F}}, {}},
                                         Thresholds{{}, {{"/block1/Relu_1", 0.5F}}}}) {
      auto after = (*network)->begin(thresholds);
      ASSERT_TRUE(after) << after.error().text();
      ASSERT_TRUE((*network)->go_on(*after, 16, {}));
      EXPECT_GT(zero_products_of(*after, "/down/conv/Conv"),
                zero_products_of(*before, "/down/conv/Conv") + 0.02)
          << format << " " << key_of(thresholds);
    }
  }
}

TEST(ThresholdNetwork, WeightsBelowTheThresholdInTheFileAreZeroInTheFormat) {
  const auto options = digits_search("fixed8");
  const auto network = ThresholdNetwork::open(options);
  ASSERT_TRUE(network);
  const Thresholds thresholds{{{"/down/conv/Conv", 0.03F}}, {}};
  auto run = (*network)->begin(thresholds);
  ASSERT_TRUE(run);
  ir::Graph pruned = (*network)->images().graph();
  ASSERT_TRUE(set_thresholds(pruned, thresholds));
  const auto weights_of = [](const ir::Graph& graph) {
    const auto node = std::ranges::find(graph.nodes, "/down/conv/Conv", &ir::Node::name);
    return graph[node->inputs[1]].constant->data<float>();
  };
  const auto expected = weights_of(pruned);
  const auto found = weights_of(run->network.graph);
  ASSERT_EQ(expected.size(), found.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (expected[i] == 0) {
      EXPECT_EQ(found[i], 0);
    }
  }
}

TEST(ThresholdNetwork, NotesAreTakenOnlyWhereTheyAreAskedFor) {
  const auto options = digits_search("fixed16");
  const auto network = ThresholdNetwork::open(options);
  ASSERT_TRUE(network);
  auto run = (*network)->begin({});
  ASSERT_TRUE(run);
  ASSERT_TRUE((*network)->go_on(*run, 16, {.zeros = false}));
  EXPECT_EQ(run->zeros.layers()[0].zeros.inputs().numbers, 0U);
  EXPECT_TRUE(run->scores.empty());
  ASSERT_TRUE((*network)->go_on(*run, 32, {.zeros = true, .scores = true}));
  EXPECT_EQ(run->zeros.layers()[0].zeros.inputs().numbers, 16U * 64);
  ASSERT_EQ(run->scores.size(), 16U);
  EXPECT_EQ(run->scores[0].size(), 10U);
}

TEST(ThresholdNetwork, SeveralFormatsAndQuantizedNetworksAreRefused) {
  auto options = digits_search("fixed16");
  options.formats = *numeric::parse_formats("fixed8,fixed16");
  const auto network = ThresholdNetwork::open(options);
  ASSERT_FALSE(network);
  EXPECT_EQ(network.error().code, ErrorCode::InvalidArgument);
}

TEST(ThresholdNetwork, ALayerThatIsNotThereIsNamed) {
  const auto options = digits_search("fixed16");
  const auto network = ThresholdNetwork::open(options);
  ASSERT_TRUE(network);
  const auto run = (*network)->begin({{{"/down/conv/Con", 0.1F}}, {}});
  ASSERT_FALSE(run);
  EXPECT_NE(run.error().message.find("/down/conv/Conv"), std::string::npos);
}

TEST(ThresholdNetwork, AnInterruptEndsARun) {
  const auto options = digits_search("fixed16");
  const auto network = ThresholdNetwork::open(options);
  ASSERT_TRUE(network);
  auto run = (*network)->begin({});
  ASSERT_TRUE(run);
  request_interrupt();
  const Status status = (*network)->go_on(*run, 100, {});
  clear_interrupt();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::Interrupted);
}

}  // namespace
}  // namespace sluice::api
