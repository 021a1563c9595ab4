// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/onnx_model.hpp"

namespace sluice::importer::onnx {
namespace {

using test::read_one;

TEST(OnnxQuantizeLinear, TakesEveryAttribute) {
  const auto read = read_one(
      23, "QuantizeLinear", 2,
      {{"axis", 0}, {"block_size", 2}, {"output_dtype", 3}, {"precision", 1}, {"saturate", 0}});
  ASSERT_EQ(read.error, "");
  const auto& op = read.op<ir::QuantizeLinear>();
  EXPECT_EQ(op.axis, 0);
  EXPECT_EQ(op.block_size, 2);
  EXPECT_EQ(op.output_dtype, DType::Int8);
  EXPECT_EQ(op.precision, DType::Float32);
  EXPECT_FALSE(op.saturate);
}

TEST(OnnxQuantizeLinear, WithoutAnOutputTypeItIsUint8) {
  const auto read = read_one(13, "QuantizeLinear", 2);
  ASSERT_EQ(read.error, "");
  EXPECT_EQ(read.op<ir::QuantizeLinear>().output_dtype, DType::UInt8);
  EXPECT_FALSE(read.op<ir::QuantizeLinear>().precision);
}

TEST(OnnxDequantizeLinear, TakesEveryAttribute) {
  const auto read =
      read_one(23, "DequantizeLinear", 2, {{"axis", -1}, {"block_size", 4}, {"output_dtype", 10}});
  ASSERT_EQ(read.error, "");
  const auto& op = read.op<ir::DequantizeLinear>();
  EXPECT_EQ(op.axis, -1);
  EXPECT_EQ(op.block_size, 4);
  EXPECT_EQ(op.output_dtype, DType::Float16);
}

}  // namespace
}  // namespace sluice::importer::onnx
