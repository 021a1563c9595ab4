// SPDX-License-Identifier: Apache-2.0
#include "sluice/import/tflite/dequantize.hpp"

#include <limits>

#include "tests/support/tflite_one_op.hpp"

namespace sluice::importer::tflite {
namespace {

using test::Builtin;
using test::op_names;
using test::TfliteModel;

struct Parameters {
  std::vector<float> scales;
  std::vector<std::int64_t> zero_points;
  std::int32_t dimension = 0;
};

Result<Tensor> numbers(const Tensor& codes, const Parameters& p) {
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(fb::CreateQuantizationParametersDirect(builder, nullptr, nullptr, &p.scales,
                                                        &p.zero_points, p.dimension));
  return dequantized(codes,
                     *flatbuffers::GetRoot<fb::QuantizationParameters>(builder.GetBufferPointer()));
}

const Tensor kCodes = Tensor::from<std::int8_t>({2, 3}, {-128, 0, 1, 2, 3, 127});

TEST(TfliteDequantize, OneScaleServesTheTensor) {
  const auto result = numbers(kCodes, {{0.5F}, {1}});
  ASSERT_TRUE(result) << result.error().text();
  EXPECT_EQ(*result, Tensor::from<float>({2, 3}, {-64.5F, -0.5F, 0, 0.5F, 1, 63}));
}

TEST(TfliteDequantize, ScalesGoAlongTheirDimension) {
  const auto rows = numbers(kCodes, {{1, 2}, {0, 0}, 0});
  ASSERT_TRUE(rows) << rows.error().text();
  EXPECT_EQ(*rows, Tensor::from<float>({2, 3}, {-128, 0, 1, 4, 6, 254}));
  const auto columns = numbers(kCodes, {{1, 2, 3}, {}, 1});
  ASSERT_TRUE(columns) << columns.error().text();
  EXPECT_EQ(*columns, Tensor::from<float>({2, 3}, {-128, 0, 3, 2, 6, 381}));
}

TEST(TfliteDequantize, NumbersOfScalesMustFit) {
  EXPECT_FALSE(numbers(kCodes, {{1, 2, 3}, {}, 0}));
  EXPECT_FALSE(numbers(kCodes, {{1, 2}, {}, 5}));
  EXPECT_FALSE(numbers(kCodes, {{1, 2}, {0}, 0}));
}

TEST(TfliteDequantize, ScalesThatAreNoneAreRefused) {
  EXPECT_FALSE(numbers(kCodes, {{0}, {}}));
  EXPECT_FALSE(numbers(kCodes, {{-1}, {}}));
  EXPECT_FALSE(numbers(kCodes, {{std::numeric_limits<float>::quiet_NaN()}, {}}));
  EXPECT_FALSE(numbers(kCodes, {{1}, {300}}));
}

TEST(TfliteDequantize, EightBitWeightsOfAFloatLayerBecomeFloat) {
  TfliteModel m;
  const auto x = m.input("x", {1, 2});
  const auto w = m.quantized_constant("w", {1, 2}, {4, -2}, 0.5F);
  m.op(Builtin::FULLY_CONNECTED, {x, w, -1}, {m.output("y", {1, 1})},
       fb::CreateFullyConnectedOptions(m.fbb()));
  const auto graph = m.read();
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_EQ(op_names(*graph), "Gemm");
  EXPECT_EQ(test::constant_input(*graph, graph->nodes[0], 1), Tensor::from<float>({1, 2}, {2, -1}));
}

TEST(TfliteDequantize, DequantizedWeightsAreAConstant) {
  TfliteModel m;
  const auto x = m.input("x", {2});
  const auto wide = m.tensor("wide", {2});
  m.op(Builtin::DEQUANTIZE, {m.quantized_constant("w", {2}, {4, -2}, 0.5F)}, {wide});
  m.op(Builtin::ADD, {x, wide}, {m.output("y", {2})});
  const auto graph = m.read();
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_EQ(op_names(*graph), "Add");
}

}  // namespace
}  // namespace sluice::importer::tflite
