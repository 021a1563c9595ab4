// SPDX-License-Identifier: Apache-2.0
#include "sluice/export/onnx/qdq_form.hpp"

#include <gmock/gmock.h>

#include "tests/support/net.hpp"
#include "tests/support/quantized_net.hpp"

#include "sluice/exact/executor.hpp"
#include "sluice/ir/text.hpp"
#include "sluice/passes/fold_qdq.hpp"

namespace sluice::exporter::onnx {
namespace {

using numeric::Arithmetic;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// The QDQ form of the graph, a valid one without quantizations.
ir::Graph unfolded(const ir::Graph& graph) {
  auto result = qdq_form(graph);
  EXPECT_TRUE(result) << result.error().text();
  if (!result) return {};
  const auto status = ir::verify(*result);
  EXPECT_TRUE(status) << status.error().text();
  EXPECT_FALSE(ir::is_quantized(*result));
  return *std::move(result);
}

std::string text(const ir::Graph& graph) {
  return ir::print(graph, {.max_elements = 1'000'000});
}

// Forth and back gives the graph as it was.
void expect_back(const ir::Graph& graph) {
  ir::Graph folded = unfolded(graph);
  ASSERT_TRUE(passes::fold_qdq(folded));
  EXPECT_EQ(text(folded), text(graph));
}

std::vector<std::string_view> operators(const ir::Graph& graph) {
  std::vector<std::string_view> names;
  names.reserve(graph.nodes.size());
  for (const ir::Node& node : graph.nodes) names.push_back(ir::op_name(node.op));
  return names;
}

// A convolution of `channels` filters over x, its outputs most of them inside the range.
ir::ValueId conv(test::QuantizedNet& net, ir::ValueId x, Shape weights, bool per_channel) {
  const std::int64_t channels = weights[0];
  const std::int64_t depth = weights[1] * weights[2] * weights[3];
  const ir::ValueId w = per_channel
                            ? net.weights_per_channel(std::move(weights), DType::Int8, 0, false)
                            : net.codes(std::move(weights), {DType::Int8, {0.02F}, {0}});
  return net.add(ir::Conv{}, {x, w, net.bias({channels}, x, w)}, net.grid_after(x, w, depth));
}

TEST(QdqForm, LayersAreBetweenTheTwoQuantizers) {
  test::QuantizedNet net(1);
  const ir::ValueId x = net.input({1, 3, 6, 6});
  const ir::Graph graph = net.finish({conv(net, x, {4, 3, 3, 3}, false)});
  const ir::Graph result = unfolded(graph);
  EXPECT_THAT(operators(result), ElementsAre("DequantizeLinear", "DequantizeLinear",
                                             "DequantizeLinear", "Conv", "QuantizeLinear"));
  EXPECT_EQ(result[result.outputs[0]].name, graph[graph.outputs[0]].name);
  EXPECT_EQ(result.type(result.outputs[0]).dtype, DType::Int8);
  EXPECT_EQ(result[result.nodes[3].outputs[0]].name, "Conv/real");
  EXPECT_EQ(result.nodes[3].name, "Conv");
}

class QdqFormOf : public testing::TestWithParam<std::tuple<DType, bool>> {};

TEST_P(QdqFormOf, LayersFoldBack) {
  const auto [dtype, per_channel] = GetParam();
  test::QuantizedNet net(2, Arithmetic::Onnx, dtype);
  const ir::ValueId x = net.input({1, 3, 8, 8}, net.grid(dtype));
  const ir::ValueId a = conv(net, x, {4, 3, 3, 3}, per_channel);
  const ir::ValueId relu = net.add_like(ir::Relu{}, {a});
  const ir::ValueId b = conv(net, relu, {4, 4, 3, 3}, per_channel);
  const ir::ValueId clip = net.add(ir::Clip{}, {b, net.scalar(0), net.scalar(6)}, net.grid(dtype));
  const ir::ValueId sum = net.add(ir::Add{}, {clip, clip}, net.grid(dtype));
  const ir::ValueId pooled =
      net.add(ir::AveragePool{{.kernel = {2, 2}, .strides = {2, 2}}}, {sum}, net.grid(dtype));
  const ir::ValueId flat = net.add_like(ir::Flatten{}, {pooled});
  const ir::ValueId w = net.codes({16, 10}, {DType::Int8, {0.01F}, {0}});
  const ir::ValueId y = net.add(ir::Gemm{}, {flat, w, net.bias({10}, flat, w)}, net.grid(dtype));
  expect_back(net.finish({net.add(ir::Softmax{}, {y}, net.grid(dtype, 1.0 / 256)), clip}));
}

INSTANTIATE_TEST_SUITE_P(Codes, QdqFormOf,
                         testing::Combine(testing::Values(DType::Int8, DType::UInt8, DType::Int16),
                                          testing::Bool()));

// A Relu or Clip on the grid of the layer before it needs no quantizer between them.
TEST(QdqForm, RectifiersOfTheSameGridFollowOnRealNumbers) {
  test::QuantizedNet net(3, Arithmetic::Onnx);
  const ir::ValueId x = net.input({1, 3, 8, 8});
  const ir::ValueId a = net.add_like(ir::Relu{}, {conv(net, x, {4, 3, 3, 3}, false)});
  const ir::Graph graph = net.finish({net.add_like(ir::Clip{}, {a, net.scalar(1)})});
  EXPECT_THAT(operators(unfolded(graph)),
              ElementsAre("DequantizeLinear", "DequantizeLinear", "DequantizeLinear", "Conv",
                          "Relu", "Clip", "QuantizeLinear"));
  expect_back(graph);
}

TEST(QdqForm, MovesFoldBack) {
  test::QuantizedNet net(4, Arithmetic::Onnx);
  const ir::ValueId x = net.input({1, 4, 6, 6});
  const ir::ValueId pooled = net.add_like(ir::MaxPool{{.kernel = {2, 2}, .strides = {2, 2}}}, {x});
  const ir::ValueId moved = net.add_like(ir::Transpose{{0, 1, 3, 2}}, {pooled});
  const ir::ValueId both = net.add_like(ir::Concat{1}, {moved, moved});
  const ir::ValueId padded =
      net.add_like(ir::Pad{}, {both, net.integers({0, 0, 1, 1, 0, 0, 1, 1})});
  const ir::ValueId shape = net.integers({1, -1});
  expect_back(net.finish({net.add_like(ir::Reshape{}, {padded, shape})}));
}

TEST(QdqForm, PartsFoldBack) {
  test::QuantizedNet net(5, Arithmetic::Onnx);
  const ir::ValueId x = net.input({1, 4, 6, 6});
  const ir::NodeId split = net.graph().add_node("split", ir::Split{1}, {x}, 2);
  const std::vector<ir::ValueId> parts = net.graph()[split].outputs;
  for (const ir::ValueId part : parts) net.graph()[part].quantization = net.grid_of(x);
  net.graph()[split].arithmetic = Arithmetic::Onnx;
  const ir::ValueId y = net.add(ir::Add{}, {parts[0], parts[1]}, net.grid());
  expect_back(net.finish({y, parts[1]}));
}

// Identity between reals and codes, and between codes.
TEST(QdqForm, IdentitiesBecomeTheQuantizers) {
  test::QuantizedNet net(6, Arithmetic::Onnx);
  const ir::ValueId real = net.graph().add_input("real", DType::Float32, {1, 3, 6, 6});
  const ir::ValueId x = net.add(ir::Identity{}, {real}, net.grid());
  const ir::ValueId again = net.add(ir::Identity{}, {x}, net.grid(DType::UInt8));
  const ir::ValueId y = conv(net, again, {4, 3, 3, 3}, true);
  net.add(ir::Identity{}, {y}, std::nullopt);
  ir::Graph& graph = net.graph();
  graph.nodes.back().arithmetic.reset();
  const ir::Graph result = net.finish({graph.nodes.back().outputs[0]});
  EXPECT_THAT(operators(unfolded(result)),
              ElementsAre("QuantizeLinear", "DequantizeLinear", "QuantizeLinear",
                          "DequantizeLinear", "DequantizeLinear", "DequantizeLinear", "Conv",
                          "QuantizeLinear", "DequantizeLinear"));
  expect_back(result);
}

// What reads codes and gives reals stays so.
TEST(QdqForm, RealResultsStayReal) {
  test::QuantizedNet net(7, Arithmetic::Onnx);
  const ir::ValueId x = net.input({1, 3, 6, 6});
  const ir::ValueId y = conv(net, x, {4, 3, 3, 3}, true);
  ir::Graph& graph = net.graph();
  graph[y].quantization.reset();
  graph.nodes.back().arithmetic.reset();
  expect_back(net.finish({y}));
}

TEST(QdqForm, CodesOf32BitsThatNodesMakeAreRefused) {
  test::QuantizedNet net(8, Arithmetic::Onnx);
  const ir::ValueId x = net.input({3});
  const ir::Graph made =
      net.finish({net.add(ir::Identity{}, {x}, numeric::Quantization{DType::Int32, {0.5F}, {0}})});
  const auto result = qdq_form(made);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::Unsupported);
  EXPECT_EQ(result.error().where, "value \"Identity\"");
  EXPECT_THAT(result.error().message, HasSubstr("write the network as .sluice"));

  test::QuantizedNet other(9, Arithmetic::Onnx);
  const ir::ValueId a = other.input({3});
  const ir::ValueId b = other.codes({3}, {DType::Int32, {0.5F}, {7}});
  EXPECT_FALSE(qdq_form(other.finish({other.add(ir::Add{}, {a, b}, other.grid())})));
}

// The width is lost, the codes are the same.
TEST(QdqForm, NarrowCodesAreCutOffOnRealNumbers) {
  test::QuantizedNet net(10, Arithmetic::Onnx);
  const ir::ValueId x = net.input({1, 3, 8, 8});
  const ir::ValueId y = conv(net, x, {4, 3, 3, 3}, true);
  numeric::Quantization narrow = net.grid_of(y);
  narrow.zero_points = {-4};
  narrow.bits = 5;
  net.graph()[y].quantization = narrow;
  const ir::ValueId relu = net.add(ir::Relu{}, {y}, narrow);
  const ir::Graph graph = net.finish({net.add(ir::Identity{}, {relu}, net.grid()), relu});
  ir::Graph folded = unfolded(graph);
  EXPECT_THAT(operators(folded),
              ElementsAre("DequantizeLinear", "DequantizeLinear", "DequantizeLinear", "Conv",
                          "Relu", "Clip", "QuantizeLinear", "DequantizeLinear", "QuantizeLinear"));
  ASSERT_TRUE(passes::fold_qdq(folded));
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    const auto inputs = test::random_code_inputs(graph, seed);
    test::expect_near(test::outputs_of(exact::make_reference_executor(folded, {}), inputs),
                      test::outputs_of(exact::make_reference_executor(graph, {}), inputs), 0);
  }
}

TEST(QdqForm, AccumulatorsAreRefused) {
  test::QuantizedNet net(11, Arithmetic::Onnx);
  const ir::ValueId y = conv(net, net.input({1, 3, 6, 6}), {4, 3, 3, 3}, false);
  ir::Graph graph = net.finish({y});
  graph.nodes[0].accumulator = numeric::Accumulator{.bits = 24};
  const auto result = qdq_form(graph);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().where, "node \"Conv\" (Conv)");
  EXPECT_THAT(result.error().message, HasSubstr("adds up in 24 bits"));
}

}  // namespace
}  // namespace sluice::exporter::onnx
