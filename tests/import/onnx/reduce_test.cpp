// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/onnx_model.hpp"

namespace sluice::importer::onnx {
namespace {

using test::read_one;

using test::integers;
using Ints = std::vector<std::int64_t>;

TEST(OnnxReduce, AxesAttributeBecomesAnInput) {
  for (const char* op_type : {"ReduceMax", "ReduceMean", "ReduceMin", "ReduceSum"}) {
    const auto read = read_one(11, op_type, 1, {{"axes", Ints{2, 3}}, {"keepdims", 0}});
    ASSERT_EQ(read.error, "");
    EXPECT_EQ(read.constant(1), integers({2, 3}));
  }
}

TEST(OnnxReduce, AxesAttributeEndsAtTheOpsetOfEachOperator) {
  EXPECT_NE(read_one(13, "ReduceSum", 1, {{"axes", Ints{2}}}).error, "");
  EXPECT_EQ(read_one(17, "ReduceMean", 1, {{"axes", Ints{2}}}).error, "");
  EXPECT_NE(read_one(18, "ReduceMean", 1, {{"axes", Ints{2}}}).error, "");
}

TEST(OnnxReduce, TakesKeepDimsAndNoop) {
  const auto read = read_one(18, "ReduceMax", 1, {{"keepdims", 0}, {"noop_with_empty_axes", 1}});
  ASSERT_EQ(read.error, "");
  EXPECT_FALSE(read.op<ir::ReduceMax>().keep_dims);
  EXPECT_TRUE(read.op<ir::ReduceMax>().noop_with_empty_axes);
}

TEST(OnnxArgMax, TakesAxisAndTies) {
  const auto read = read_one(13, "ArgMax", 1, {{"axis", 1}, {"select_last_index", 1}});
  ASSERT_EQ(read.error, "");
  EXPECT_EQ(read.op<ir::ArgMax>().axis, 1);
  EXPECT_TRUE(read.op<ir::ArgMax>().select_last_index);
}

TEST(OnnxSoftmax, FlattensFromAxisOneBeforeOpset13) {
  const auto old = read_one(11, "Softmax", 1);
  EXPECT_TRUE(old.op<ir::Softmax>().flatten);
  EXPECT_EQ(old.op<ir::Softmax>().axis, 1);
  const auto current = read_one(13, "Softmax", 1);
  EXPECT_FALSE(current.op<ir::Softmax>().flatten);
  EXPECT_EQ(current.op<ir::Softmax>().axis, -1);
}

}  // namespace
}  // namespace sluice::importer::onnx
