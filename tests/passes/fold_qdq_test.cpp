// SPDX-License-Identifier: Apache-2.0
#include "sluice/passes/fold_qdq.hpp"

#include <gmock/gmock.h>

#include "tests/support/net.hpp"

#include "sluice/exact/executor.hpp"
#include "sluice/numeric/element.hpp"
#include "sluice/passes/pipeline.hpp"

namespace sluice::passes {
namespace {

using ::testing::ElementsAre;

struct Grid {
  float scale = 1;
  std::int64_t zero_point = 0;
  DType dtype = DType::Int8;
};

// Networks in the QDQ form. Scales are powers of two and zero points even, so that float32 is exact
// and rounding before or after adding a zero point is the same.
class QdqNet : public test::Net {
 public:
  using test::Net::Net;

  std::vector<ir::ValueId> parameters(ir::ValueId x, const Grid& grid) {
    const Tensor zero_point = Tensor::scalar(grid.zero_point);
    return {x, scalar(grid.scale), constant(numeric::cast(zero_point, grid.dtype))};
  }
  ir::ValueId quantize(ir::ValueId x, const Grid& grid) {
    return add(ir::QuantizeLinear{}, parameters(x, grid));
  }
  ir::ValueId dequantize(ir::ValueId x, const Grid& grid) {
    return add(ir::DequantizeLinear{}, parameters(x, grid));
  }
  ir::ValueId both(ir::ValueId x, const Grid& grid) { return dequantize(quantize(x, grid), grid); }
  // A weight or bias as a file has it: codes and their DequantizeLinear.
  ir::ValueId codes(Shape shape, const Grid& grid) {
    const Tensor reals = test::random_tensor(std::move(shape), ++seed_, -100, 100);
    return dequantize(constant(numeric::cast(reals, grid.dtype)), grid);
  }
  ir::ValueId conv(ir::ValueId x, Shape weights, float x_scale) {
    const std::int64_t channels = weights[0];
    return add(ir::Conv{}, {x, codes(std::move(weights), {0x1p-7F}),
                            codes({channels}, {x_scale * 0x1p-7F, 0, DType::Int32})});
  }

 private:
  std::uint32_t seed_ = 100;
};

std::vector<std::string> operators(const ir::Graph& graph) {
  std::vector<std::string> names;
  names.reserve(graph.nodes.size());
  for (const ir::Node& node : graph.nodes) {
    const bool on_codes = graph[node.outputs[0]].quantization.has_value();
    names.push_back(std::string(ir::op_name(node.op)) + (on_codes ? " to codes" : ""));
  }
  return names;
}

// The graph folded; on codes it must compute what the QDQ form computes in float32.
ir::Graph qdq_folded(const ir::Graph& graph) {
  ir::Graph result = graph;
  const auto status = run_passes(result, clean_up_passes(), runtime::reference::evaluate);
  EXPECT_TRUE(status) << status.error().text();
  const auto inputs = test::random_inputs(graph);
  for (const auto make : {&exact::make_reference_executor, &exact::make_fast_executor}) {
    test::expect_near(test::outputs_of(make(result, {}), inputs),
                      test::reference_outputs(graph, inputs), 0);
  }
  return result;
}

constexpr Grid kIn{0x1p-6F, 4};
constexpr Grid kMiddle{0x1p-5F, -6};
constexpr Grid kOut{0x1p-4F, 10, DType::UInt8};

TEST(FoldQdq, LayersMakeCodes) {
  QdqNet net;
  const ir::ValueId x = net.both(net.input({2, 3, 6, 6}), kIn);
  const ir::ValueId y = net.both(net.conv(x, {4, 3, 3, 3}, kIn.scale), kMiddle);
  const ir::Graph result = qdq_folded(net.finish({net.both(net.add(ir::Relu{}, {y}), kOut)}));
  EXPECT_THAT(operators(result),
              ElementsAre("Identity to codes", "Conv to codes", "Relu to codes", "Identity"));
  const ir::Node& conv = result.nodes[1];
  EXPECT_EQ(conv.arithmetic, numeric::Arithmetic::Onnx);
  const auto& bias = *result[conv.inputs[2]].quantization;
  EXPECT_EQ(bias.dtype, DType::Int32);
  EXPECT_EQ(bias.scales, (std::vector<float>{0x1p-13F}));
}

// QuantizeLinear behind an activation, a reshape and a concatenation.
TEST(FoldQdq, QuantizationGoesThroughActivationsAndMoves) {
  QdqNet net;
  const ir::ValueId x = net.both(net.input({1, 3, 6, 6}), kIn);
  const ir::ValueId a =
      net.add(ir::Clip{}, {net.conv(x, {4, 3, 3, 3}, kIn.scale), net.scalar(0), net.scalar(6)});
  const ir::ValueId b = net.add(ir::Relu{}, {net.conv(x, {5, 3, 3, 3}, kIn.scale)});
  const ir::ValueId both = net.add(ir::Concat{1}, {a, b});
  const ir::ValueId y = net.both(net.add(ir::Flatten{}, {both}), kOut);
  const ir::Graph result = qdq_folded(net.finish({y}));
  EXPECT_THAT(operators(result),
              ElementsAre("Identity to codes", "Conv to codes", "Clip to codes", "Conv to codes",
                          "Relu to codes", "Concat to codes", "Flatten to codes", "Identity"));
}

TEST(FoldQdq, PartsOfCodesAreCodesWhereAllAre) {
  for (const bool are_all : {true, false}) {
    QdqNet net;
    const ir::ValueId x = net.both(net.input({1, 4, 6, 6}), kIn);
    const auto parts = net.add_many(ir::Split{1}, {x}, 2);
    const ir::ValueId a = net.both(parts[0], kIn);
    const ir::ValueId b = net.both(parts[1], are_all ? kIn : kMiddle);
    const ir::Graph result = qdq_folded(net.finish({net.both(net.add(ir::Add{}, {a, b}), kOut)}));
    const auto names = operators(result);
    EXPECT_EQ(names[1], are_all ? "Split to codes" : "Split");
    EXPECT_EQ(names.size(), are_all ? 4U : 6U);
  }
}

TEST(FoldQdq, MovesWithoutAQuantizerMakeCodes) {
  QdqNet net;
  const ir::ValueId x = net.both(net.input({1, 3, 6, 6}), kIn);
  const ir::ValueId pooled = net.add(ir::MaxPool{{.kernel = {2, 2}}}, {x});
  const ir::ValueId relu = net.add(ir::Relu{}, {net.add(ir::Transpose{{0, 1, 3, 2}}, {pooled})});
  const ir::Graph result =
      qdq_folded(net.finish({net.both(net.conv(relu, {2, 3, 1, 1}, kIn.scale), kOut)}));
  EXPECT_THAT(operators(result),
              ElementsAre("Identity to codes", "MaxPool to codes", "Transpose to codes",
                          "Relu to codes", "Conv to codes", "Identity"));
}

// As operators on codes between a quantizer and a dequantizer, which some exporters write.
TEST(FoldQdq, MovedCodesAreCodes) {
  QdqNet net;
  const ir::ValueId codes = net.quantize(net.input({1, 3, 6, 6}), kIn);
  const ir::ValueId moved = net.add(ir::MaxPool{{.kernel = {3, 3}}}, {codes});
  const ir::ValueId x = net.dequantize(net.add(ir::Transpose{{0, 1, 3, 2}}, {moved}), kIn);
  const ir::Graph result =
      qdq_folded(net.finish({net.both(net.conv(x, {2, 3, 2, 2}, kIn.scale), kOut)}));
  EXPECT_THAT(operators(result), ElementsAre("Identity to codes", "MaxPool to codes",
                                             "Transpose to codes", "Conv to codes", "Identity"));
}

TEST(FoldQdq, SumsAndMeansOfCodes) {
  QdqNet net;
  const ir::ValueId x = net.both(net.input({1, 3, 4, 4}), kIn);
  const ir::ValueId y = net.both(net.conv(x, {3, 3, 1, 1}, kIn.scale), kMiddle);
  const ir::ValueId sum = net.both(net.add(ir::Relu{}, {net.add(ir::Add{}, {x, y})}), kOut);
  const ir::ValueId mean = net.add(ir::GlobalAveragePool{}, {sum});
  const ir::Graph result =
      qdq_folded(net.finish({net.both(net.add(ir::Flatten{}, {mean}), kMiddle)}));
  EXPECT_THAT(operators(result),
              ElementsAre("Identity to codes", "Conv to codes", "Add to codes", "Relu to codes",
                          "GlobalAveragePool to codes", "Flatten to codes", "Identity"));
}

// What others read, or the graph gives, stays real.
TEST(FoldQdq, LeavesRealsThatOthersRead) {
  QdqNet net;
  const ir::ValueId x = net.both(net.input({1, 3, 4, 4}), kIn);
  const ir::ValueId y = net.conv(x, {3, 3, 1, 1}, kIn.scale);
  const ir::ValueId z = net.both(y, kOut);
  const ir::Graph result = qdq_folded(net.finish({net.add(ir::Neg{}, {y}), z}));
  EXPECT_THAT(operators(result),
              ElementsAre("Identity to codes", "Conv", "Identity to codes", "Identity", "Neg"));
}

TEST(FoldQdq, BiasesGoToTheAccumulatorsUnit) {
  QdqNet net;
  const ir::ValueId x = net.both(net.input({1, 2, 3, 3}), kIn);
  const ir::ValueId weights = net.codes({2, 2, 1, 1}, {0x1p-7F});
  const ir::ValueId bias = net.constant(Tensor::from<float>({2}, {{0x1p-12F, -0x1.8p-13F}}));
  ir::Graph graph = net.finish({net.both(net.add(ir::Conv{}, {x, weights, bias}), kOut)});
  ASSERT_TRUE(fold_qdq(graph));
  const ir::Node& conv = graph.nodes[1];
  ASSERT_TRUE(ir::is<ir::Conv>(conv.op));
  EXPECT_THAT(graph[conv.inputs[2]].constant->data<std::int32_t>(), ElementsAre(2, -2));
}

TEST(FoldQdq, BiasesBeyond32BitsStayReal) {
  QdqNet net;
  const ir::ValueId x = net.both(net.input({1, 2, 3, 3}), kIn);
  const ir::ValueId weights = net.codes({2, 2, 1, 1}, {0x1p-7F});
  const ir::ValueId bias = net.constant(Tensor::from<float>({2}, {{0x1p20F, 1}}));
  const ir::Graph result =
      qdq_folded(net.finish({net.both(net.add(ir::Conv{}, {x, weights, bias}), kOut)}));
  EXPECT_EQ(result.type(result.nodes[1].inputs[2]).dtype, DType::Float32);
}

// What the layer records goes before what its quantizer does.
TEST(FoldQdq, RecordedArithmeticsStay) {
  QdqNet net;
  const ir::ValueId x = net.both(net.input({1, 3, 6, 6}), kIn);
  const ir::ValueId y = net.both(net.conv(x, {4, 3, 3, 3}, kIn.scale), kMiddle);
  ir::Graph graph = net.finish({net.both(net.add(ir::Relu{}, {y}), kOut)});
  for (ir::Node& node : graph.nodes) {
    if (ir::is<ir::QuantizeLinear>(node.op)) node.arithmetic = numeric::Arithmetic::TfliteDouble;
    if (ir::is<ir::Conv>(node.op)) node.arithmetic = numeric::Arithmetic::Xnnpack;
  }
  ASSERT_TRUE(fold_qdq(graph));
  ASSERT_THAT(operators(graph),
              ElementsAre("Identity to codes", "Conv to codes", "Relu to codes", "Identity"));
  EXPECT_EQ(graph.nodes[0].arithmetic, numeric::Arithmetic::TfliteDouble);
  EXPECT_EQ(graph.nodes[1].arithmetic, numeric::Arithmetic::Xnnpack);
  EXPECT_EQ(graph.nodes[2].arithmetic, numeric::Arithmetic::TfliteDouble);
}

TEST(FoldQdq, ClipsToNarrowCodesAreTheirWidth) {
  for (const float highest : {31 * 0x1p-4F, 30 * 0x1p-4F}) {
    QdqNet net;
    const ir::ValueId x = net.both(net.input({1, 3, 4, 4}), kIn);
    const ir::ValueId y = net.conv(x, {3, 3, 1, 1}, kIn.scale);
    const ir::ValueId clipped =
        net.add(ir::Clip{}, {y, net.scalar(-32 * 0x1p-4F), net.scalar(highest)});
    const ir::Graph result = qdq_folded(net.finish({net.both(clipped, {0x1p-4F})}));
    const bool has_ends = highest == 31 * 0x1p-4F;
    EXPECT_EQ(result.nodes.size(), has_ends ? 3U : 4U);
    const auto& codes = *result[result.nodes.back().inputs[0]].quantization;
    EXPECT_EQ(codes.bits, has_ends ? std::optional(6) : std::nullopt);
  }
}

TEST(FoldQdq, CodesMayHaveASingleBit) {
  QdqNet net;
  const ir::ValueId x = net.both(net.input({1, 3, 4, 4}), kIn);
  const ir::ValueId clipped = net.add(
      ir::Clip{}, {net.conv(x, {3, 3, 1, 1}, kIn.scale), net.scalar(-0.25F), net.scalar(0)});
  const ir::Graph result = qdq_folded(net.finish({net.both(clipped, {0.25F})}));
  EXPECT_EQ(result[result.nodes.back().inputs[0]].quantization->bits, 1);
}

TEST(FoldQdq, WeightsOfRealLayersAreReal) {
  QdqNet net;
  const ir::Graph graph = net.finish({net.conv(net.input({1, 3, 4, 4}), {2, 3, 3, 3}, 1)});
  ir::Graph result = graph;
  ASSERT_TRUE(fold_qdq(result));
  EXPECT_FALSE(ir::is_quantized(result));
  EXPECT_THAT(operators(result), ElementsAre("Conv"));
  const auto inputs = test::random_inputs(graph);
  test::expect_near(test::reference_outputs(result, inputs), test::reference_outputs(graph, inputs),
                    0);
}

TEST(FoldQdq, ConstantsAreQuantized) {
  QdqNet net;
  const ir::ValueId x = net.both(net.input({1, 2, 3, 3}), kIn);
  const ir::ValueId weights = net.both(net.weight({2, 2, 1, 1}), {0x1p-7F});
  const ir::Graph result =
      qdq_folded(net.finish({net.both(net.add(ir::Conv{}, {x, weights}), kOut)}));
  EXPECT_THAT(operators(result), ElementsAre("Identity to codes", "Conv to codes", "Identity"));
  EXPECT_EQ(result[result.nodes[1].inputs[1]].constant->dtype(), DType::Int8);
}

// Several scales for one integer, scales that only a run knows, integers that are numbers too.
TEST(FoldQdq, LeavesWhatHasNoOneQuantization) {
  QdqNet net;
  const ir::ValueId codes = net.quantize(net.input({1, 4}), kIn);
  const ir::ValueId a = net.dequantize(codes, kIn);
  const ir::ValueId b = net.dequantize(codes, kMiddle);
  ir::Graph two = net.finish({net.add(ir::Add{}, {a, b})});
  ASSERT_TRUE(fold_qdq(two));
  EXPECT_FALSE(ir::is_quantized(two));

  QdqNet other;
  const ir::ValueId x = other.input({1, 4});
  const ir::ValueId scale = other.add(ir::Abs{}, {other.add(ir::ReduceMax{}, {x})});
  ir::Graph dynamic = other.finish(
      {other.add(ir::DequantizeLinear{}, {other.add(ir::QuantizeLinear{}, {x, scale}), scale})});
  ASSERT_TRUE(fold_qdq(dynamic));
  EXPECT_FALSE(ir::is_quantized(dynamic));

  QdqNet third;
  const ir::ValueId numbers = third.quantize(third.input({1, 4}), kIn);
  ir::Graph cast = third.finish(
      {third.dequantize(numbers, kIn), third.add(ir::Cast{DType::Float32}, {numbers})});
  ASSERT_TRUE(fold_qdq(cast));
  EXPECT_FALSE(ir::is_quantized(cast));
}

}  // namespace
}  // namespace sluice::passes
