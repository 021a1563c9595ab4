// SPDX-License-Identifier: Apache-2.0
#include "tests/support/tflite_one_op.hpp"

namespace sluice::importer::tflite {
namespace {

using test::Builtin;
using test::message;
using test::op_names;
using test::read_one_op;
using test::TfliteModel;

TEST(TfliteTensor, ShapeOfAnImageIsReordered) {
  const auto graph = read_one_op({1, 2, 3, 4}, [](TfliteModel& m, int x) {
    m.op(Builtin::SHAPE, {x}, {m.output("y", {4}, fb::TensorType::INT32)},
         fb::CreateShapeOptions(m.fbb(), fb::TensorType::INT32));
  });
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_EQ(op_names(*graph), "Transpose Shape Gather Cast");
  EXPECT_EQ(test::int64_input<ir::Gather>(*graph, 1), (std::vector<std::int64_t>{0, 2, 3, 1}));
}

TEST(TfliteTensor, CastGoesToTheOutputsType) {
  const auto graph = read_one_op({2}, [](TfliteModel& m, int x) {
    m.op(Builtin::CAST, {x}, {m.output("y", {2}, fb::TensorType::BOOL)});
  });
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_EQ(test::op_of<ir::Cast>(*graph).to, DType::Bool);
}

TEST(TfliteTensor, HalfPrecisionWeightsAreWidenedAtOnce) {
  TfliteModel m;
  const auto x = m.input("x", {3});
  const std::vector<std::uint16_t> codes = {0x3c00, 0xc100, 0x0001};
  const auto half = m.constant("w", {3}, codes, fb::TensorType::FLOAT16);
  const auto wide = m.tensor("wide", {3});
  m.op(Builtin::DEQUANTIZE, {half}, {wide});
  m.op(Builtin::ADD, {x, wide}, {m.output("y", {3})});
  const auto graph = m.read();
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_EQ(op_names(*graph), "Add");
  EXPECT_EQ(test::constant_input(*graph, graph->nodes[0], 1),
            Tensor::from<float>({3}, {1.0F, -2.5F, 0x1p-24F}));
}

TEST(TfliteTensor, HalfPrecisionActivationsAreRefused) {
  TfliteModel m;
  const auto x = m.input("x", {3}, fb::TensorType::FLOAT16);
  m.op(Builtin::RELU, {x}, {m.output("y", {3}, fb::TensorType::FLOAT16)});
  const auto graph = m.read();
  ASSERT_FALSE(graph);
  EXPECT_EQ(graph.error().code, ErrorCode::Unsupported);
}

TEST(TfliteTensor, DequantizeOfIntegersIsRefused) {
  TfliteModel m;
  const auto x = m.input("x", {3}, fb::TensorType::INT32);
  m.op(Builtin::DEQUANTIZE, {x}, {m.output("y", {3})});
  EXPECT_EQ(message(m.read()), "makes float32 of int32, must make float32 of codes");
}

}  // namespace
}  // namespace sluice::importer::tflite
