// SPDX-License-Identifier: Apache-2.0
// Published networks: each becomes hardware by the rules that it is for, or is refused where it is
// known to be.
#include <algorithm>
#include <map>

#include "tests/conformance/hw/imported.hpp"
#include "tests/support/data_folder.hpp"

#include "sluice/hw/build/build.hpp"

namespace sluice::hw {
namespace {

std::vector<std::filesystem::path> models_of(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const auto extension = entry.path().extension();
    const bool is_model = extension == ".onnx" || extension == ".tflite" || extension == ".xz";
    if (is_model) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

class PublishedNetworks : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(test::data_folder() / "models")) {
      GTEST_SKIP() << "no folder " << test::data_folder() << ": set SLUICE_DATA";
    }
  }
};

// The words that leave a layer for another are those that come there, but of a factor a channel.
void expect_words_to_fit(const Graph& graph) {
  for (const Node& to : graph.nodes()) {
    const auto* join = to.layer.as<Join>();
    for (std::size_t p = 0; p < to.predecessors.size(); ++p) {
      const Node& from = graph[to.predecessors[p]];
      const auto place = std::ranges::find(from.successors, *graph.find(to.name));
      const auto port = static_cast<std::size_t>(place - from.successors.begin());
      const FeatureMap made =
          map_out(from.layer, from.layer.outputs.size() > 1 ? port : std::size_t{0});
      const bool repeats = join != nullptr && join->broadcasts && p == 1;
      const FeatureMap read = map_in(to.layer, p);
      EXPECT_EQ(made.words(), repeats ? read.channels : read.words()) << from.name << to.name;
    }
  }
}

std::vector<std::string> names_of(const std::vector<Unmappable>& refused) {
  std::vector<std::string> names;
  for (const Unmappable& each : refused) {
    EXPECT_FALSE(each.why.empty() || each.remedy.empty()) << each.node;
    names.push_back(each.op + " " + each.node.substr(0, 32));
  }
  return names;
}

TEST_F(PublishedNetworks, BuildOrAreRefusedAsKnown) {
  // The boxes' coordinates, behind the convolutions of the head.
  const std::map<std::string, std::vector<std::string>> known{
      {"yolov8n_full_integer_quant_224.tflite",
       {"Concat model_10/tf.concat_16/concat", "Softmax model_10/tf.nn.softmax/wa/model.",
        "Mul model_10/tf.math.multiply_242/Mu", "Sub model_10/tf.math.subtract/Sub",
        "Add model_10/tf.math.add_75/Add", "Sub model_10/tf.math.subtract_1/Sub"}}};
  std::size_t built = 0;
  for (const auto& file : models_of(test::data_folder() / "models")) {
    SCOPED_TRACE(file);
    const auto network = imported(file, Rules::Sluice);
    ASSERT_TRUE(network) << network.error().text();
    const auto expected = known.find(file.filename().string());
    const auto refused = names_of(unmappable(*network, {}));
    EXPECT_EQ(refused, expected == known.end() ? std::vector<std::string>() : expected->second);
    const auto graph = build_graph(*network, {});
    EXPECT_EQ(graph.has_value(), refused.empty());
    if (!graph) continue;
    expect_words_to_fit(*graph);
    ++built;
  }
  EXPECT_EQ(built, 20U);
}

TEST_F(PublishedNetworks, OfSearchesBuildByBothRules) {
  const auto files = models_of(test::data_folder() / "golden/search-models");
  EXPECT_EQ(files.size(), 20U);
  for (const auto& file : files) {
    for (const Rules rules : {Rules::Sluice, Rules::FpgaConvNet}) {
      SCOPED_TRACE(file);
      const auto network = imported(file, rules);
      ASSERT_TRUE(network) << network.error().text();
      const auto graph = build_graph(*network, {.rules = rules});
      ASSERT_TRUE(graph) << graph.error().text();
      if (rules == Rules::Sluice) expect_words_to_fit(*graph);
    }
  }
}

}  // namespace
}  // namespace sluice::hw
