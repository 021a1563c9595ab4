// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/network.hpp"

#include <algorithm>
#include <gtest/gtest.h>

#include "sluice/api/builtin.hpp"
#include "sluice/api/model.hpp"

namespace sluice::api {
namespace {

ir::Graph digits() {
  return *load_model(builtin_digits()->model);
}

std::int64_t count_batch_norms(const ir::Graph& graph) {
  return std::ranges::count_if(
      graph.nodes, [](const ir::Node& node) { return ir::is<ir::BatchNormalization>(node.op); });
}

Tensor ramp() {
  Tensor image(DType::Float32, {1, 1, 8, 8});
  auto pixels = image.mutable_data<float>();
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<float>(i) / 64;
  return image;
}

quant::BatchSource one_batch() {
  return [done = false]() mutable -> Result<std::vector<Tensor>> {
    if (done) return std::vector<Tensor>{};
    done = true;
    return std::vector<Tensor>{ramp()};
  };
}

TEST(Engine, NamesGoBothWaysAndNearMissesAreOffered) {
  EXPECT_EQ(*engine_from_string(to_string(Engine::Reference)), Engine::Reference);
  const auto typo = engine_from_string("fats");
  ASSERT_FALSE(typo);
  EXPECT_NE(typo.error().message.find("did you mean \"fast\""), std::string::npos);
}

TEST(Compat, OnlyTheKnownSystemIsTaken) {
  EXPECT_EQ(*compat_from_string("fpgaconvnet"), quant::Compat::Fpgaconvnet);
  EXPECT_FALSE(compat_from_string("fpgaconvent"));
}

TEST(Prepare, FoldsBatchNormUnlessThePublishedSystemIsToBeEqualled) {
  ir::Graph folded = digits();
  ASSERT_GT(count_batch_norms(folded), 0);
  ASSERT_TRUE(prepare(folded, quant::Compat::None));
  EXPECT_EQ(count_batch_norms(folded), 0);
  ir::Graph kept = digits();
  ASSERT_TRUE(prepare(kept, quant::Compat::Fpgaconvnet));
  EXPECT_EQ(count_batch_norms(kept), count_batch_norms(digits()));
}

TEST(MakeExecutor, RefusesANetworkThatNeedsMoreMemoryThanTheLimit) {
  ir::Graph graph = digits();
  ASSERT_TRUE(prepare(graph, quant::Compat::None));
  for (const Engine engine : {Engine::Fast, Engine::Reference}) {
    const auto refused = make_executor(graph, numeric::Float32Format{}, nullptr,
                                       {.engine = engine, .memory_limit_bytes = 300});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::Unsupported);
    EXPECT_NE(refused.error().message.find("--memory-limit"), std::string::npos);
    EXPECT_TRUE(make_executor(graph, numeric::Float32Format{}, nullptr,
                              {.engine = engine, .memory_limit_bytes = 1'000'000}));
  }
}

TEST(MakeExecutor, TheEnginesAgreeInEveryFormat) {
  ir::Graph graph = digits();
  ASSERT_TRUE(prepare(graph, quant::Compat::None));
  for (const char* name : {"float32", "fixed16", "bfp8-channel", "q16", "mxint8"}) {
    const auto format = numeric::parse_format(name);
    ASSERT_TRUE(format) << name;
    std::vector<Tensor> scores;
    for (const Engine engine : {Engine::Fast, Engine::Reference}) {
      auto executor = make_executor(graph, *format, one_batch(), {.engine = engine});
      ASSERT_TRUE(executor) << executor.error().text();
      auto outputs = (*executor)->run(std::vector<Tensor>{ramp()});
      ASSERT_TRUE(outputs) << outputs.error().text();
      scores.push_back(outputs->at(0));
    }
    for (std::size_t i = 0; i < 10; ++i) {
      // Sums in another order may land one code of an 8-bit format apart.
      EXPECT_NEAR(scores[0].data<float>()[i], scores[1].data<float>()[i], 0.35) << name;
    }
  }
}

TEST(MakeExecutor, FormatThatNeedsRangesIsRefusedWithoutCalibration) {
  ir::Graph graph = digits();
  ASSERT_TRUE(prepare(graph, quant::Compat::None));
  const quant::BatchSource nothing = [] {
    return Result<std::vector<Tensor>>(std::vector<Tensor>{});
  };
  const auto executor = make_executor(graph, *numeric::parse_format("fixed8"), nothing, {});
  ASSERT_FALSE(executor);
  EXPECT_EQ(executor.error().code, ErrorCode::InvalidArgument);
}

}  // namespace
}  // namespace sluice::api
