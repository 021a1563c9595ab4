// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/onnx_model.hpp"

namespace sluice::importer::onnx {
namespace {

using test::read_one;

TEST(OnnxBinary, AreRead) {
  for (const char* op_type : {"Add", "Div", "Equal", "Max", "Min", "Mul", "PRelu", "Pow", "Sub"}) {
    const auto read = read_one(13, op_type, 2);
    ASSERT_EQ(read.error, "");
    EXPECT_EQ(ir::op_name(read.node().op), op_type);
  }
  EXPECT_EQ(read_one(13, "Where", 3).error, "");
}

TEST(OnnxSum, BecomesAChainOfAddsFromTheLeft) {
  const auto read = read_one(13, "Sum", 3);
  ASSERT_EQ(read.error, "");
  ASSERT_EQ(read.graph.nodes.size(), 2U);
  EXPECT_EQ(read.graph[read.graph.nodes[0].inputs[0]].name, "x0");
  EXPECT_EQ(read.graph[read.graph.nodes[0].inputs[1]].name, "x1");
  EXPECT_EQ(read.node().inputs[0], read.graph.nodes[0].outputs[0]);
  EXPECT_EQ(read.graph[read.node().inputs[1]].name, "x2");
}

TEST(OnnxSum, OfOneTensorIsThatTensor) {
  EXPECT_TRUE(ir::is<ir::Identity>(read_one(13, "Sum", 1).node().op));
}

}  // namespace
}  // namespace sluice::importer::onnx
