// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/onnx_model.hpp"

namespace sluice::importer::onnx {
namespace {

using test::read_one;

TEST(OnnxGemm, TakesFactorsAndTranspositions) {
  const auto read =
      read_one(11, "Gemm", 3, {{"alpha", 0.5F}, {"beta", 2.0F}, {"transA", 1}, {"transB", 1}});
  ASSERT_EQ(read.error, "");
  EXPECT_EQ(read.op<ir::Gemm>().alpha, 0.5F);
  EXPECT_EQ(read.op<ir::Gemm>().beta, 2.0F);
  EXPECT_TRUE(read.op<ir::Gemm>().trans_a);
  EXPECT_TRUE(read.op<ir::Gemm>().trans_b);
}

TEST(OnnxMatMul, IsRead) {
  EXPECT_TRUE(ir::is<ir::MatMul>(read_one(13, "MatMul", 2).node().op));
}

}  // namespace
}  // namespace sluice::importer::onnx
