// SPDX-License-Identifier: Apache-2.0
#include "tests/support/tflite_one_op.hpp"

namespace sluice::importer::tflite {
namespace {

using test::Builtin;
using test::op_names;
using test::read_one_op;
using test::TfliteModel;

std::string ops_of(Builtin code) {
  const auto graph = read_one_op({2, 3}, [&](TfliteModel& m, int x) {
    m.op(code, {x}, {m.output("y", {2, 3})});
  });
  return graph ? op_names(*graph) : graph.error().text();
}

TEST(TfliteUnary, EachFunctionHasItsOperator) {
  EXPECT_EQ(ops_of(Builtin::ABS), "Abs");
  EXPECT_EQ(ops_of(Builtin::ELU), "Elu");
  EXPECT_EQ(ops_of(Builtin::EXP), "Exp");
  EXPECT_EQ(ops_of(Builtin::GELU), "Gelu");
  EXPECT_EQ(ops_of(Builtin::HARD_SWISH), "HardSwish");
  EXPECT_EQ(ops_of(Builtin::LOG), "Log");
  EXPECT_EQ(ops_of(Builtin::LOGISTIC), "Sigmoid");
  EXPECT_EQ(ops_of(Builtin::NEG), "Neg");
  EXPECT_EQ(ops_of(Builtin::RELU), "Relu");
  EXPECT_EQ(ops_of(Builtin::RELU_0_TO_1), "Clip");
  EXPECT_EQ(ops_of(Builtin::RSQRT), "Sqrt Div");
  EXPECT_EQ(ops_of(Builtin::SQRT), "Sqrt");
  EXPECT_EQ(ops_of(Builtin::SQUARE), "Mul");
  EXPECT_EQ(ops_of(Builtin::TANH), "Tanh");
}

TEST(TfliteUnary, LeakyReluNeedsItsSlope) {
  EXPECT_NE(ops_of(Builtin::LEAKY_RELU).find("has no options"), std::string::npos);
}

TEST(TfliteUnary, ImagesAreWorkedOnChannelsFirst) {
  const auto graph = read_one_op({1, 2, 3, 4}, [](TfliteModel& m, int x) {
    m.op(Builtin::RELU, {x}, {m.output("y", {1, 2, 3, 4})});
  });
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_EQ(op_names(*graph), "Transpose Relu Transpose");
}

}  // namespace
}  // namespace sluice::importer::tflite
