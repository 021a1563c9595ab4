// SPDX-License-Identifier: Apache-2.0
#include "sluice/import/tflite/quantization.hpp"

#include <filesystem>
#include <limits>

#include "tests/support/tflite_one_op.hpp"

namespace sluice::importer::tflite {
namespace {

using numeric::Arithmetic;
using numeric::Quantization;
using test::Builtin;
using test::message;
using test::op_names;
using test::TfliteModel;

struct Parameters {
  std::vector<float> scales;
  std::vector<std::int64_t> zero_points;
  std::int32_t dimension = 0;
};

constexpr std::byte kContent{1};

// Of a constant, unless `shape` is an activation's.
Result<Quantization> read(const Parameters& p, Shape shape = {2, 3}, bool is_constant = true) {
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(fb::CreateQuantizationParametersDirect(builder, nullptr, nullptr, &p.scales,
                                                        &p.zero_points, p.dimension));
  TensorInfo info{.name = "w", .dtype = DType::Int8, .shape = std::move(shape)};
  if (is_constant) info.content = std::span(&kContent, 1);
  info.quantization = flatbuffers::GetRoot<fb::QuantizationParameters>(builder.GetBufferPointer());
  return quantization_of(info);
}

TEST(TfliteQuantization, OneScaleServesTheTensor) {
  const auto result = read({{0.5F}, {1}, 7});
  ASSERT_TRUE(result) << result.error().text();
  EXPECT_EQ(*result, (Quantization{DType::Int8, {0.5F}, {1}}));
}

TEST(TfliteQuantization, ScalesGoAlongTheirDimension) {
  const auto columns = read({{1, 2, 3}, {}, 1});
  ASSERT_TRUE(columns) << columns.error().text();
  EXPECT_EQ(*columns, (Quantization{DType::Int8, {1, 2, 3}, {0, 0, 0}, 1}));
  const auto last = read({{1, 2, 3}, {}, -1});
  ASSERT_TRUE(last) << last.error().text();
  EXPECT_EQ(last->axis, 1);
}

TEST(TfliteQuantization, AListsOnlyDimensionIsTheFirst) {
  const auto bias = read({{1, 2, 3}, {}, 3}, {3});
  ASSERT_TRUE(bias) << bias.error().text();
  EXPECT_EQ(bias->axis, 0);
}

TEST(TfliteQuantization, NumbersOfScalesMustFit) {
  for (const Parameters& p :
       {Parameters{{1, 2, 3}, {}, 0}, Parameters{{1, 2}, {}, 5}, Parameters{{1, 2}, {0}, 0}}) {
    const auto result = read(p);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::Verify);
    EXPECT_EQ(result.error().where, "tensor \"w\"");
  }
}

TEST(TfliteQuantization, ActivationsHaveOneScale) {
  const auto result = read({{1, 2, 3}, {}, 1}, {2, 3}, false);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::Unsupported);
}

TEST(TfliteQuantization, ScalesThatAreNoneAreRefused) {
  for (const float scale : {0.0F, -1.0F, std::numeric_limits<float>::quiet_NaN(),
                            std::numeric_limits<float>::infinity()}) {
    EXPECT_FALSE(read({{scale}, {}}));
  }
  EXPECT_FALSE(read({{1}, {300}}));
}

// A hostile file may put 8-byte integers at any multiple of 4, as fuzzing found.
TEST(TfliteQuantization, ZeroPointsMayLieAnywhere) {
  const std::filesystem::path file = "tests/data/fuzz/tflite/misaligned_zero_points.tflite";
  ASSERT_TRUE(std::filesystem::exists(file));
  const auto graph = importer::read_tflite(file);
  ASSERT_FALSE(graph);
  EXPECT_EQ(graph.error().code, ErrorCode::Verify) << graph.error().text();
}

// A layer of codes: x int8 at 0.5, y int8 at 0.25 around 3.
struct QuantizedLayer {
  TfliteModel m;
  std::int32_t x = m.quantized_input("x", {1, 2}, fb::TensorType::INT8, 0.5F, -1);
  std::int32_t w = m.quantized_constant("w", {1, 2}, std::vector<std::int8_t>{4, -2}, 0.5F);
  std::int32_t y = m.quantized_output("y", {1, 1}, fb::TensorType::INT8, 0.25F, 3);

  void fully_connected(std::int32_t bias,
                       fb::ActivationFunctionType activation = fb::ActivationFunctionType::NONE) {
    m.op(Builtin::FULLY_CONNECTED, {x, w, bias}, {y},
         fb::CreateFullyConnectedOptions(m.fbb(), activation));
  }
};

TEST(TfliteQuantization, ALayerOfCodesKeepsThem) {
  QuantizedLayer layer;
  layer.fully_connected(layer.m.quantized_constant("b", {1}, std::vector<std::int32_t>{7}, 0.25F));
  const auto graph = layer.m.read();
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_EQ(op_names(*graph), "Gemm");
  const ir::Node& node = graph->nodes[0];
  EXPECT_EQ(node.arithmetic, Arithmetic::TfliteFloat64);
  EXPECT_EQ((*graph)[node.inputs[0]].quantization, (Quantization{DType::Int8, {0.5F}, {-1}}));
  EXPECT_EQ((*graph)[node.inputs[1]].quantization, (Quantization{DType::Int8, {0.5F}, {0}}));
  EXPECT_EQ((*graph)[node.inputs[2]].quantization, (Quantization{DType::Int32, {0.25F}, {0}}));
  EXPECT_EQ((*graph)[node.outputs[0]].quantization, (Quantization{DType::Int8, {0.25F}, {3}}));
}

TEST(TfliteQuantization, AFusedActivationHasTheOutputsQuantization) {
  QuantizedLayer layer;
  layer.fully_connected(-1, fb::ActivationFunctionType::RELU6);
  const auto graph = layer.m.read();
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_EQ(op_names(*graph), "Gemm Clip");
  EXPECT_EQ((*graph)[graph->nodes[0].outputs[0]].quantization,
            (*graph)[graph->nodes[1].outputs[0]].quantization);
}

TEST(TfliteQuantization, ABiasWithoutAScaleIsRefused) {
  QuantizedLayer layer;
  layer.fully_connected(layer.m.ints("b", {7}));
  EXPECT_EQ(message(layer.m.read()),
            "is the bias of a quantized layer and must be a constant of int32 with a scale; "
            "convert the model again");
}

TEST(TfliteQuantization, WeightsAreTransposedWithTheirScales) {
  TfliteModel m;
  const auto x = m.quantized_input("x", {1, 4, 4, 2}, fb::TensorType::INT8, 0.5F, 0);
  const auto w = m.quantized_constant("w", {1, 1, 1, 2}, std::vector<std::int8_t>{4, -2},
                                      std::vector<float>{1, 2}, 3);
  m.op(Builtin::DEPTHWISE_CONV_2D, {x, w, -1},
       {m.quantized_output("y", {1, 4, 4, 2}, fb::TensorType::INT8, 1, 0)},
       fb::CreateDepthwiseConv2DOptions(m.fbb(), fb::Padding::SAME, 1, 1, 1));
  const auto graph = m.read();
  ASSERT_TRUE(graph) << graph.error().text();
  const ir::Node& conv = test::node_of<ir::Conv>(*graph);
  EXPECT_EQ((*graph)[conv.inputs[1]].quantization, (Quantization{DType::Int8, {1, 2}, {0, 0}, 0}));
  EXPECT_EQ(conv.arithmetic, Arithmetic::TfliteDouble);
}

TEST(TfliteQuantization, MovedCodesKeepTheirQuantization) {
  TfliteModel m;
  const auto x = m.quantized_input("x", {2, 3}, fb::TensorType::UINT8, 0.5F, 7);
  m.op(Builtin::RESHAPE, {x, m.ints("shape", {6})},
       {m.quantized_output("y", {6}, fb::TensorType::UINT8, 0.5F, 7)});
  const auto graph = m.read();
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_EQ((*graph)[graph->outputs[0]].quantization, (Quantization{DType::UInt8, {0.5F}, {7}}));
  EXPECT_FALSE(graph->nodes[0].arithmetic.has_value());
}

TEST(TfliteQuantization, MovedCodesCannotChangeTheirScale) {
  TfliteModel m;
  const auto x = m.quantized_input("x", {2, 3}, fb::TensorType::UINT8, 0.5F, 7);
  m.op(Builtin::RESHAPE, {x, m.ints("shape", {6})},
       {m.quantized_output("y", {6}, fb::TensorType::UINT8, 0.25F, 7)});
  EXPECT_EQ(message(m.read()),
            "moves elements between tensors of different scale or zero point; convert the model "
            "again");
}

TEST(TfliteQuantization, OperatorsOfFloatsRefuseCodes) {
  TfliteModel m;
  const auto x = m.quantized_input("x", {2}, fb::TensorType::INT8, 0.5F, 7);
  m.op(Builtin::EXP, {x}, {m.quantized_output("y", {2}, fb::TensorType::INT8, 1, 0)});
  EXPECT_EQ(message(m.read()),
            "is read for float32 tensors only; convert the model so that it is not quantized");
}

TEST(TfliteQuantization, SixteenBitsAreRefused) {
  TfliteModel m;
  const auto x = m.quantized_input("x", {2}, fb::TensorType::INT16, 0.5F, 0);
  m.op(Builtin::RELU, {x}, {m.quantized_output("y", {2}, fb::TensorType::INT16, 1, 0)});
  EXPECT_EQ(message(m.read()),
            "is quantized to 16 bits; convert the model to 8 bits, or without quantization");
}

TEST(TfliteQuantization, QuantizeAndDequantizeAreIdentities) {
  TfliteModel m;
  const auto x = m.input("x", {2});
  const auto codes = m.quantized_tensor("codes", {2}, fb::TensorType::INT8, 0.5F, 3);
  const auto others = m.quantized_tensor("others", {2}, fb::TensorType::UINT8, 0.25F, 128);
  m.op(Builtin::QUANTIZE, {x}, {codes});
  m.op(Builtin::QUANTIZE, {codes}, {others});
  m.op(Builtin::DEQUANTIZE, {others}, {m.output("y", {2})});
  const auto graph = m.read();
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_EQ(op_names(*graph), "Identity Identity Identity");
  EXPECT_FALSE((*graph)[graph->outputs[0]].quantization.has_value());
}

TEST(TfliteQuantization, EightBitWeightsOfAFloatLayerBecomeFloat) {
  TfliteModel m;
  const auto x = m.input("x", {1, 2});
  const auto w = m.quantized_constant("w", {1, 2}, std::vector<std::int8_t>{4, -2}, 0.5F);
  m.op(Builtin::FULLY_CONNECTED, {x, w, -1}, {m.output("y", {1, 1})},
       fb::CreateFullyConnectedOptions(m.fbb()));
  const auto graph = m.read();
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_EQ(op_names(*graph), "Gemm");
  EXPECT_EQ(test::constant_input(*graph, graph->nodes[0], 1), Tensor::from<float>({1, 2}, {2, -1}));
}

TEST(TfliteQuantization, CodesWithScalesAChannelCannotBeReshaped) {
  TfliteModel m;
  const auto x = m.quantized_constant("x", {1, 3, 2}, std::vector<std::int8_t>(6, 1),
                                      std::vector<float>{0.5F, 0.25F}, 2);
  const auto w = m.quantized_constant("w", {4, 2}, std::vector<std::int8_t>(8, 1), 0.5F);
  const auto y = m.quantized_output("y", {3, 4}, fb::TensorType::INT8, 1, 0);
  m.op(Builtin::FULLY_CONNECTED, {x, w, -1}, {y}, fb::CreateFullyConnectedOptions(m.fbb()));
  EXPECT_EQ(message(m.read()),
            "moves elements between tensors of different scale or zero point; convert the model "
            "again");
}

// A quantized layer and a Dequantize of the same weights, in either order.
Result<ir::Graph> read_weights_twice(bool layer_first) {
  TfliteModel m;
  const auto x = m.quantized_input("x", {1, 2}, fb::TensorType::INT8, 0.5F, 0);
  const auto w = m.quantized_constant("w", {1, 2}, std::vector<std::int8_t>{4, -2}, 0.5F);
  const auto wide = m.output("wide", {1, 2});
  const auto y = m.quantized_output("y", {1, 1}, fb::TensorType::INT8, 1, 0);
  if (!layer_first) m.op(Builtin::DEQUANTIZE, {w}, {wide});
  m.op(Builtin::FULLY_CONNECTED, {x, w, -1}, {y}, fb::CreateFullyConnectedOptions(m.fbb()));
  if (layer_first) m.op(Builtin::DEQUANTIZE, {w}, {wide});
  return m.read();
}

TEST(TfliteQuantization, WeightsOfAQuantizedLayerCanBeDequantizedToo) {
  const auto graph = read_weights_twice(true);
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_EQ(op_names(*graph), "Gemm Identity");
  EXPECT_EQ(message(read_weights_twice(false)),
            "is read by a quantized layer and by one of float32; convert the model again");
}

TEST(TfliteQuantization, DequantizedWeightsAreAConstant) {
  TfliteModel m;
  const auto x = m.input("x", {2});
  const auto wide = m.tensor("wide", {2});
  m.op(Builtin::DEQUANTIZE, {m.quantized_constant("w", {2}, std::vector<std::int8_t>{4, -2}, 0.5F)},
       {wide});
  m.op(Builtin::ADD, {x, wide}, {m.output("y", {2})});
  const auto graph = m.read();
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_EQ(op_names(*graph), "Add");
}

}  // namespace
}  // namespace sluice::importer::tflite
