// SPDX-License-Identifier: Apache-2.0
#include "tests/support/tflite_one_op.hpp"

namespace sluice::importer::tflite {
namespace {

using test::Builtin;
using test::message;
using test::op_names;
using test::read_one_op;
using test::TfliteModel;
using Format = fb::FullyConnectedOptionsWeightsFormat;

Result<ir::Graph> fully_connected(const TfliteModel::Ints& shape, bool keep_dims = false,
                                  Format format = Format::DEFAULT) {
  return read_one_op(shape, [&](TfliteModel& m, int x) {
    const auto w = m.floats("w", {2, 3}, {1, 2, 3, 4, 5, 6});
    m.op(Builtin::FULLY_CONNECTED, {x, w, m.floats("b", {2}, {1, 2})}, {m.output("y", {1, 2})},
         fb::CreateFullyConnectedOptions(m.fbb(), fb::ActivationFunctionType::NONE, format,
                                         keep_dims));
  });
}

TEST(TfliteMatmul, MatrixGoesStraightIntoAGemm) {
  const auto graph = fully_connected({4, 3});
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_EQ(op_names(*graph), "Gemm");
  EXPECT_TRUE(test::op_of<ir::Gemm>(*graph).trans_b);
}

TEST(TfliteMatmul, OtherShapesAreFlattenedToTheDepthOfTheWeights) {
  const auto graph = fully_connected({2, 2, 3});
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_EQ(op_names(*graph), "Reshape Gemm");
  EXPECT_EQ(test::int64_input<ir::Reshape>(*graph, 1), (std::vector<std::int64_t>{-1, 3}));
}

TEST(TfliteMatmul, KeptDimensionsAreFlattenedAndMadeAgain) {
  const auto graph = fully_connected({2, 2, 3}, true);
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_EQ(op_names(*graph), "Reshape Gemm Reshape");
}

TEST(TfliteMatmul, ShuffledWeightsAreRefused) {
  EXPECT_EQ(message(fully_connected({4, 3}, false, Format::SHUFFLED4x16INT8)),
            "has shuffled 8-bit weights; convert the model to float32 weights");
}

}  // namespace
}  // namespace sluice::importer::tflite
