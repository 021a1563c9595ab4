// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/prune.hpp"

#include <gmock/gmock.h>

#include "tests/support/temp_folder.hpp"

#include "sluice/api/builtin.hpp"
#include "sluice/api/model.hpp"
#include "sluice/base/file.hpp"

namespace sluice::api {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class PruneDigits : public testing::Test {
 protected:
  PruneOptions options(PruneWay way, const char* name = "out.sluice") const {
    return {
        .model = builtin_digits()->model, .way = std::move(way), .output = folder_.path() / name};
  }
  PruneSummary pruned(const PruneOptions& by) const {
    auto summary = prune(by);
    EXPECT_TRUE(summary) << summary.error().text();
    return summary ? *std::move(summary) : PruneSummary{};
  }
  std::string refused(const PruneOptions& by, ErrorCode code = ErrorCode::InvalidArgument) const {
    const auto summary = prune(by);
    EXPECT_FALSE(fs::exists(by.output));
    if (summary) return "no error";
    EXPECT_EQ(summary.error().code, code);
    return summary.error().text();
  }
  // Zeros in the weights of the file that was written.
  static std::int64_t zeros_in(const fs::path& file) {
    auto graph = load_model(file);
    EXPECT_TRUE(graph) << graph.error().text();
    const auto report = sparse::prune_below(*graph, {0.0F});
    EXPECT_TRUE(report);
    return report->zeros_before();
  }

  const TempFolder folder_;
};

TEST_F(PruneDigits, WritesWhatItReports) {
  for (const char* name : {"out.sluice", "out.onnx"}) {
    for (const PruneWay& way : {PruneWay(PruneBelow{{0.05F}}), PruneWay(PruneToSparsity{{0.5}}),
                                PruneWay(PruneToPattern{{{2, 4}}, sparse::Unfit::Skip})}) {
      const PruneOptions by = options(way, name);
      const PruneSummary summary = pruned(by);
      ASSERT_TRUE(summary.weights);
      EXPECT_GT(summary.weights->zeros_after(), 0);
      EXPECT_EQ(zeros_in(by.output), summary.weights->zeros_after());
      EXPECT_EQ(summary.model, "digits.onnx");
    }
  }
}

TEST_F(PruneDigits, TheNormalisationsAreNotFoldedBefore) {
  const PruneOptions by = options(PruneToSparsity{{0.5}});
  pruned(by);
  const auto graph = load_model(by.output);
  ASSERT_TRUE(graph);
  EXPECT_TRUE(std::ranges::any_of(
      graph->nodes, [](const ir::Node& node) { return ir::is<ir::BatchNormalization>(node.op); }));
}

TEST_F(PruneDigits, ShrinksChannels) {
  const PruneSummary summary = pruned(options(sparse::ChannelOptions{{0.25}}));
  ASSERT_TRUE(summary.channels);
  EXPECT_LT(summary.channels->parameters_after, summary.channels->parameters_before);
  EXPECT_EQ(summary.channels->groups.back().kept_because, "is an output of the network");
}

TEST_F(PruneDigits, GivesRelusThresholdsAloneAndBesideOtherWays) {
  PruneOptions by = options({});
  by.relu_thresholds = {0.5F};
  EXPECT_EQ(pruned(by).relus.size(), 6U);
  by.way = PruneBelow{{0.05F}};
  const PruneSummary both = pruned(by);
  EXPECT_EQ(both.relus.size(), 6U);
  EXPECT_TRUE(both.weights);
}

TEST_F(PruneDigits, SameInputSameBytes) {
  const PruneOptions a = options(PruneToSparsity{{0.5}}, "a.onnx");
  const PruneOptions b = options(PruneToSparsity{{0.5}}, "b.onnx");
  pruned(a);
  pruned(b);
  const auto first = MappedFile::open(a.output);
  const auto second = MappedFile::open(b.output);
  ASSERT_TRUE(first && second);
  EXPECT_TRUE(first->text() == second->text());
}

TEST_F(PruneDigits, AsksForSomethingToDo) {
  EXPECT_THAT(refused(options({})), HasSubstr("nothing to prune: give --threshold"));
}

TEST_F(PruneDigits, ErrorsNameTheFileAndLeaveNone) {
  EXPECT_THAT(
      refused(options(PruneToPattern{{{2, 4}}})),
      HasSubstr("digits.onnx: layer \"/stem/conv/Conv\": its sums go over 1 input channel"));
  EXPECT_THAT(refused(options(PruneBelow{{-1}})), HasSubstr("digits.onnx: a threshold"));
  EXPECT_THAT(refused(options(PruneBelow{{0}}, "out.tflite")), HasSubstr(".onnx or .sluice"));
}

TEST_F(PruneDigits, RefusesANetworkWithoutWeights) {
  const fs::path model = folder_.path() / "sigmoid.sluice";
  ir::Graph graph;
  const ir::ValueId x = graph.add_input("x", DType::Float32, {1, 2});
  graph.outputs = {graph[graph.add_node("sigmoid", ir::Sigmoid{}, {x})].outputs[0]};
  ASSERT_TRUE(set_types(graph, {}));
  ASSERT_TRUE(write_model(graph, model));
  for (const PruneWay& way :
       {PruneWay(PruneBelow{{0.1F}}), PruneWay(sparse::ChannelOptions{{0.5}})}) {
    PruneOptions by = options(way);
    by.model = model;
    EXPECT_THAT(refused(by, ErrorCode::Unsupported), HasSubstr("no layer that can be pruned"));
  }
  PruneOptions by = options({});
  by.model = model;
  by.relu_thresholds = {0.5F};
  EXPECT_THAT(pruned(by).notes, testing::ElementsAre(HasSubstr("has no ReLU")));
}

}  // namespace
}  // namespace sluice::api
