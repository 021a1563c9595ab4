// SPDX-License-Identifier: Apache-2.0
#include "tests/support/tflite_one_op.hpp"

namespace sluice::importer::tflite {
namespace {

using test::Builtin;
using test::op_names;
using test::read_one_op;
using test::TfliteModel;

TEST(TfliteBinary, VectorConstantMeetsTheChannels) {
  const auto graph = read_one_op({1, 4, 4, 3}, [](TfliteModel& m, int x) {
    m.op(Builtin::MUL, {x, m.floats("scale", {3}, {1, 2, 3})}, {m.output("y", {1, 4, 4, 3})});
  });
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_EQ(op_names(*graph), "Transpose Mul Transpose");
  EXPECT_EQ(test::constant_input(*graph, test::node_of<ir::Mul>(*graph), 1),
            Tensor::from<float>({1, 3, 1, 1}, {1, 2, 3}));
}

TEST(TfliteBinary, ComputedVectorMeetsTheChannels) {
  const auto graph = read_one_op({1, 4, 4, 3}, [](TfliteModel& m, int x) {
    m.op(Builtin::SUB, {x, m.input("shift", {3})}, {m.output("y", {1, 4, 4, 3})});
  });
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_EQ(op_names(*graph), "Transpose Unsqueeze Transpose Sub Transpose");
  EXPECT_EQ(test::int64_input<ir::Unsqueeze>(*graph, 1), (std::vector<std::int64_t>{0, 1, 2}));
}

TEST(TfliteBinary, ScalarsStayScalars) {
  const auto graph = read_one_op({1, 4, 4, 3}, [](TfliteModel& m, int x) {
    m.op(Builtin::DIV, {x, m.floats("by", {}, {2})}, {m.output("y", {1, 4, 4, 3})});
  });
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_EQ(test::constant_input(*graph, test::node_of<ir::Div>(*graph), 1), Tensor::scalar(2.0F));
}

TEST(TfliteBinary, OperandsThatAreNoImagesKeepTheirOrder) {
  const auto graph = read_one_op({2, 3}, [](TfliteModel& m, int x) {
    m.op(Builtin::MAXIMUM, {x, m.floats("least", {3}, {1, 2, 3})}, {m.output("y", {2, 3})});
  });
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_EQ(op_names(*graph), "Max");
}

}  // namespace
}  // namespace sluice::importer::tflite
