// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/onnx_model.hpp"

namespace sluice::importer::onnx {
namespace {

using test::read_one;

using Ints = std::vector<std::int64_t>;

TEST(OnnxPool, NeedsAKernelShape) {
  for (const char* op_type : {"AveragePool", "MaxPool", "LpPool"}) {
    const auto read = read_one(13, op_type, 1);
    EXPECT_NE(read.error.find("\"kernel_shape\" is missing"), std::string::npos) << read.error;
  }
}

TEST(OnnxAveragePool, TakesCeilModeAndCountIncludePad) {
  const auto read =
      read_one(13, "AveragePool", 1,
               {{"kernel_shape", Ints{2, 2}}, {"ceil_mode", 1}, {"count_include_pad", 1}});
  ASSERT_EQ(read.error, "");
  EXPECT_TRUE(read.op<ir::AveragePool>().ceil_mode);
  EXPECT_TRUE(read.op<ir::AveragePool>().count_include_pad);
}

TEST(OnnxMaxPool, StorageOrderOneCountsColumnsFirst) {
  const auto read =
      read_one(13, "MaxPool", 1, {{"kernel_shape", Ints{2, 2}}, {"storage_order", 1}}, 2);
  ASSERT_EQ(read.error, "");
  EXPECT_TRUE(read.op<ir::MaxPool>().column_major_indices);
  EXPECT_EQ(read.node().outputs.size(), 2U);
}

TEST(OnnxLpPool, TakesTheNorm) {
  const auto read = read_one(13, "LpPool", 1, {{"kernel_shape", Ints{2, 2}}, {"p", 3}});
  ASSERT_EQ(read.error, "");
  EXPECT_EQ(read.op<ir::LpPool>().p, 3);
}

TEST(OnnxGlobalPools, AreRead) {
  EXPECT_EQ(read_one(13, "GlobalAveragePool", 1).error, "");
  EXPECT_EQ(read_one(13, "GlobalMaxPool", 1).error, "");
}

}  // namespace
}  // namespace sluice::importer::onnx
