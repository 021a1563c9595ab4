// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/config/operation.hpp"

#include <gmock/gmock.h>

#include "tests/hw/config/every_kind.hpp"

namespace sluice::hw {
namespace {

using ::testing::HasSubstr;

Result<Operation> read(const Json& layer, const Operation* like = nullptr) {
  static Notes notes;
  const JsonReader reader(layer);
  const auto parameters = reader.at("parameters");
  return read_operation(reader, Fields(*parameters, false, notes), like);
}

TEST(Operations, HaveTheTypesTheyAreReadBy) {
  const Graph graph = test::graph_of_every_kind();
  for (const Node& node : graph.nodes()) {
    const auto kind = kind_of(node.layer.operation);
    ASSERT_TRUE(kind) << node.name;
    const auto operation = read(test::layer_of_every_kind(node.name));
    ASSERT_TRUE(operation) << operation.error().text();
    EXPECT_EQ(kind_of(*operation)->type, kind->type);
    EXPECT_EQ(kind_of(*operation)->op_type, kind->op_type);
  }
}

TEST(Operations, ThatFilesDoNotKnowAreRefused) {
  EXPECT_THAT(kind_of(Shuffle{}).error().text(), HasSubstr("no type for this layer"));
  Convolution transposed;
  transposed.spread = {2, 2, 1};
  EXPECT_FALSE(kind_of(transposed));
}

TEST(Operations, OfUnknownTypesAreRefused) {
  Json layer = test::layer_of_every_kind("relu");
  layer["type"] = "ACTIVATION";
  EXPECT_THAT(read(layer).error().text(), HasSubstr("/type: layers of type \"ACTIVATION\""));
  layer = test::layer_of_every_kind("add");
  layer["op_type"] = "ad";
  EXPECT_THAT(read(layer).error().text(), HasSubstr("did you mean \"add\"?"));
}

TEST(Operations, TakeFromTheModelWhatFilesDoNotSay) {
  const Operation like = Join{Eltwise::Add, true, {}};
  const auto operation = read(test::layer_of_every_kind("add"), &like);
  ASSERT_TRUE(operation);
  EXPECT_TRUE(std::get<Join>(*operation).broadcasts);
  const Operation reshape = Passing{};
  EXPECT_TRUE(
      std::holds_alternative<Passing>(*read(test::layer_of_every_kind("reshape"), &reshape)));
}

TEST(Operations, ThatRepeatDoSoAWholeNumberOfTimes) {
  Json layer = test::layer_of_every_kind("resize");
  layer["parameters"]["scale"][1] = 1.5;
  EXPECT_THAT(read(layer).error().text(), HasSubstr("1.5 is no whole factor"));
  layer["parameters"]["scale"] = {1, 2};
  EXPECT_THAT(read(layer).error().text(), HasSubstr("has 2 factors, 4 are needed"));
}

TEST(Operations, HaveABiasOrNone) {
  Json layer = test::layer_of_every_kind("conv");
  layer["parameters"]["has_bias"] = 2;
  EXPECT_THAT(read(layer).error().text(), HasSubstr("must be 0 or 1"));
}

}  // namespace
}  // namespace sluice::hw
