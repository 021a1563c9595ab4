// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/network.hpp"

#include <algorithm>
#include <gtest/gtest.h>

#include "sluice/api/builtin.hpp"
#include "sluice/api/model.hpp"
#include "sluice/quant/emulate.hpp"

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

// x (uint8) → Relu → y on codes.
ir::Graph quantized() {
  ir::Graph graph;
  const ir::ValueId x = graph.add_input("x", DType::UInt8, {1, 4});
  const ir::ValueId y = graph[graph.add_node("relu", ir::Relu{}, {x})].outputs[0];
  for (const ir::ValueId id : {x, y}) {
    graph[id].type = ir::ValueType{DType::UInt8, {1, 4}};
    graph[id].quantization = numeric::Quantization{DType::UInt8, {0.5F}, {100}};
  }
  graph.outputs = {y};
  return graph;
}

TEST(MakeExecutor, RunsAQuantizedNetworkInItsIntegers) {
  const Tensor x = Tensor::from<std::uint8_t>({1, 4}, {0, 99, 100, 200});
  for (const Engine engine : {Engine::Fast, Engine::Reference}) {
    const auto executor = make_executor(quantized(), {}, {}, {.engine = engine});
    ASSERT_TRUE(executor) << executor.error().text();
    const auto outputs = (*executor)->run({&x, 1});
    ASSERT_TRUE(outputs) << outputs.error().text();
    EXPECT_EQ((*outputs)[0], Tensor::from<std::uint8_t>({1, 4}, {100, 100, 100, 200}));
  }
}

TEST(MakeExecutor, FormatsAreForFloatNetworksAndArithmeticsForQuantizedOnes) {
  const auto format = make_executor(quantized(), *numeric::parse_format("fixed8"), {}, {});
  ASSERT_FALSE(format);
  EXPECT_NE(format.error().message.find("runs in its own integers"), std::string::npos);
  const auto arithmetic =
      make_executor(digits(), {}, {}, {.arithmetic = numeric::Arithmetic::Xnnpack});
  ASSERT_FALSE(arithmetic);
  EXPECT_NE(arithmetic.error().message.find("--arithmetic"), std::string::npos);
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

// A ReLU6 on numbers in a format of quarters, whose codes reach from −8 to 7.75.
std::vector<float> after_relu6(const NetworkOptions& options) {
  ir::Graph graph;
  const ir::ValueId x = graph.add_input("x", DType::Float32, {1, 6});
  const ir::ValueId low = graph.add_constant("low", Tensor::scalar(0.0F));
  const ir::ValueId high = graph.add_constant("high", Tensor::scalar(6.0F));
  graph.outputs = {graph[graph.add_node("relu6", ir::Clip{}, {x, low, high})].outputs[0]};
  EXPECT_TRUE(set_types(graph, {}));
  auto executor = make_executor(graph, *numeric::parse_format("q4.2"), {}, options);
  EXPECT_TRUE(executor) << executor.error().text();
  const Tensor input = Tensor::from<float>({1, 6}, {-1, 0.3F, 0.45F, 0.55F, 1.1F, 7});
  const auto outputs = (*executor)->run({&input, 1});
  EXPECT_TRUE(outputs) << outputs.error().text();
  const auto data = (*outputs)[0].data<float>();
  return {data.begin(), data.end()};
}

TEST(MakeExecutor, ReluThresholdsSitBetweenTheSnaps) {
  EXPECT_EQ(after_relu6({}), (std::vector<float>{0, 0.25F, 0.5F, 0.5F, 1, 6}));
  // 0.45 and 0.55 are 0.5 before they are compared.
  EXPECT_EQ(after_relu6({.relu_threshold = 0.5F}), (std::vector<float>{0, 0, 0, 0, 1, 6}));
  EXPECT_EQ(after_relu6({.relu_threshold = 0.4F}), (std::vector<float>{0, 0, 0.5F, 0.5F, 1, 6}));
}

TEST(MakeExecutor, AThresholdTakesARelu6ItsCapWhereThePublishedSystemDoes) {
  const NetworkOptions options{.calibration = {.compat = quant::Compat::Fpgaconvnet},
                               .relu_threshold = 0.5F};
  EXPECT_EQ(after_relu6(options).back(), 7);
}

// Ranges are those of the network as it was, and weights are pruned as the format has them.
TEST(MakeExecutor, WeightThresholdsComeBehindTheFormat) {
  ir::Graph graph = digits();
  ASSERT_TRUE(prepare(graph, quant::Compat::None));
  const auto format = *numeric::parse_format("fixed8");
  const NetworkOptions options{.engine = Engine::Reference, .weight_threshold = 0.05F};
  const auto factory = [](ir::Graph made) {
    return runtime::make_reference_executor(std::move(made));
  };
  auto emulated = quant::emulate(graph, format, factory, one_batch());
  ASSERT_TRUE(emulated) << emulated.error().text();
  const auto pruned = sparse::prune_below(*emulated, {0.05F});
  ASSERT_TRUE(pruned) << pruned.error().text();
  EXPECT_GT(pruned->zeros_after(), pruned->zeros_before());
  const auto expected = runtime::make_reference_executor(*emulated);
  const auto executor = make_executor(graph, format, one_batch(), options);
  ASSERT_TRUE(executor) << executor.error().text();
  const std::vector<Tensor> input{ramp()};
  EXPECT_EQ((*executor)->run(input)->at(0), (*expected)->run(input)->at(0));
}

TEST(MakeExecutor, ThresholdsAreForFloatNetworks) {
  for (const NetworkOptions& options :
       {NetworkOptions{.weight_threshold = 0.1F}, NetworkOptions{.relu_threshold = 0.1F}}) {
    const auto refused = make_executor(quantized(), {}, {}, options);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("then quantize that"), std::string::npos);
  }
}

TEST(MakeExecutor, RefusesThresholdsThatAreNone) {
  ir::Graph graph = digits();
  EXPECT_FALSE(make_executor(graph, {}, {}, {.weight_threshold = -1.0F}));
  EXPECT_FALSE(make_executor(graph, {}, {}, {.relu_threshold = -1.0F}));
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
