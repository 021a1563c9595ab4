// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/executor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/exact/one_op.hpp"

namespace sluice::exact {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Real x, quantized, halved on a coarser grid, back to real numbers, made absolute.
struct Network {
  ir::Graph graph;
  ir::ValueId x, codes, halved, real, y;

  Network() {
    x = graph.add_input("x", DType::Float32, {4});
    const auto add = [&](const char* name, ir::Op op, ir::ValueId of,
                         const std::optional<Quantization>& quantization,
                         std::optional<Arithmetic> arithmetic) {
      const ir::NodeId node = graph.add_node(name, std::move(op), {of});
      graph[node].arithmetic = arithmetic;
      graph[graph[node].outputs[0]].quantization = quantization;
      return graph[node].outputs[0];
    };
    codes = add("codes", ir::Identity{}, x, int8(1), Arithmetic::TfliteDouble);
    halved = add("halved", ir::Identity{}, codes, int8(2), Arithmetic::TfliteDouble);
    real = add("real", ir::Identity{}, halved, std::nullopt, std::nullopt);
    y = add("y", ir::Abs{}, real, std::nullopt, std::nullopt);
    graph.outputs = {y, halved};
    const std::vector<Shape> shapes{{4}};
    EXPECT_TRUE(ir::infer_types(graph, shapes, runtime::reference::evaluate));
  }

  [[nodiscard]] std::vector<Tensor> outputs(const Options& options) const {
    const auto executor = make_reference_executor(graph, options);
    EXPECT_TRUE(executor) << executor.error().text();
    auto result = (*executor)->run(std::vector{Tensor::from<float>({4}, {-3, -1, 1.5F, 5})});
    EXPECT_TRUE(result) << result.error().text();
    return *std::move(result);
  }
};

TEST(ExactExecutor, RunsNodesAsTheyRecord) {
  const auto outputs = Network().outputs({});
  EXPECT_THAT(numeric::to_integers(outputs[1]), ElementsAre(-1, 0, 1, 3));
  EXPECT_EQ(outputs[0], Tensor::from<float>({4}, {2, 0, 2, 6}));
}

// −3/2, −1/2, 2/2 and 5/2; 1.5 was 2 before.
TEST(ExactExecutor, OptionsComeBeforeRecords) {
  const Network network;
  const auto halved = [&](Arithmetic arithmetic) {
    return numeric::to_integers(network.outputs({arithmetic})[1]);
  };
  EXPECT_THAT(halved(Arithmetic::TfliteSingle), ElementsAre(-1, 0, 1, 3));
  EXPECT_THAT(halved(Arithmetic::TfliteFloat64), ElementsAre(-2, -1, 1, 3));
  EXPECT_THAT(halved(Arithmetic::Xnnpack), ElementsAre(-1, 0, 1, 3));
  EXPECT_THAT(halved(Arithmetic::Onnx), ElementsAre(-2, 0, 1, 2));
}

TEST(ExactExecutor, ObserversSeeCodes) {
  const Network network;
  std::vector<DType> seen;
  const runtime::Observer observer{
      {network.codes, network.real},
      [&](ir::ValueId, std::int64_t, const Tensor& value) { seen.push_back(value.dtype()); }};
  const auto executor = make_reference_executor(network.graph);
  ASSERT_TRUE(executor) << executor.error().text();
  ASSERT_TRUE((*executor)->run(std::vector{Tensor(DType::Float32, {4})}, &observer));
  EXPECT_THAT(seen, ElementsAre(DType::Int8, DType::Float32));
}

TEST(ExactExecutor, ARefusalNamesTheNode) {
  const auto y = run_op(ir::Erf{}, {{{1}, {0}, int8(1)}}, int8(1), Arithmetic::TfliteDouble);
  ASSERT_FALSE(y);
  EXPECT_EQ(y.error().code, ErrorCode::Unsupported);
  EXPECT_EQ(y.error().where, "node \"n\" (Erf)");
}

TEST(ExactExecutor, AGraphThatBreaksAnInvariantIsRefused) {
  Network network;
  network.graph[network.halved].type.reset();
  const auto executor = make_reference_executor(network.graph);
  ASSERT_FALSE(executor);
  EXPECT_EQ(executor.error().code, ErrorCode::Verify);
  network = {};
  network.graph[network.halved].quantization->zero_points[0] = 128;
  EXPECT_FALSE(make_reference_executor(network.graph));
}

TEST(ExactExecutor, InputsMustBeOfTheGraphsTypes) {
  const auto executor = make_reference_executor(Network().graph);
  ASSERT_TRUE(executor) << executor.error().text();
  const auto outputs = (*executor)->run(std::vector{Tensor(DType::Int8, {4})});
  ASSERT_FALSE(outputs);
  EXPECT_THAT(outputs.error().message, HasSubstr("expects float32 4, got int8 4"));
}

}  // namespace
}  // namespace sluice::exact
