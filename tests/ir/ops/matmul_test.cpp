// SPDX-License-Identifier: Apache-2.0
#include "sluice/ir/ops/matmul.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/infer.hpp"

namespace sluice::ir {
namespace {

using test::dims;
using test::inferred_shape;
using test::refusal;
using ::testing::HasSubstr;

TEST(GemmRule, TransposesSwapTheDimensions) {
  EXPECT_EQ(inferred_shape(Gemm{}, {dims({2, 3}), dims({3, 4})}), dims({2, 4}));
  EXPECT_EQ(inferred_shape(Gemm{.trans_a = true, .trans_b = true}, {dims({3, 2}), dims({4, 3})}),
            dims({2, 4}));
  EXPECT_THAT(refusal(Gemm{.trans_b = true}, {dims({2, 3}), dims({3, 4})}),
              HasSubstr("2x3 and 3x4"));
}

TEST(GemmRule, OnlyMatricesAreMultiplied) {
  EXPECT_THAT(refusal(Gemm{}, {dims({1, 2, 3}), dims({3, 4})}), HasSubstr("cannot be multiplied"));
}

TEST(GemmRule, CBroadcastsOneWayOnly) {
  EXPECT_EQ(inferred_shape(Gemm{}, {dims({2, 3}), dims({3, 4}), dims({2, 1})}), dims({2, 4}));
  EXPECT_EQ(inferred_shape(Gemm{}, {dims({2, 3}), dims({3, 4}), dims({})}), dims({2, 4}));
  EXPECT_THAT(refusal(Gemm{}, {dims({2, 3}), dims({3, 4}), dims({3, 2, 4})}), HasSubstr("input C"));
  EXPECT_THAT(refusal(Gemm{}, {dims({1, 3}), dims({3, 4}), dims({2, 4})}), HasSubstr("input C"));
}

TEST(GemmRule, AllInputsHaveOneType) {
  EXPECT_THAT(refusal(Gemm{}, {dims({2, 3}), dims({3, 4}), {dims({4}), DType::Int32}}),
              HasSubstr("one element type"));
}

TEST(MatMulRule, LeadingDimensionsBroadcast) {
  EXPECT_EQ(inferred_shape(MatMul{}, {dims({5, 1, 2, 3}), dims({4, 3, 6})}), dims({5, 4, 2, 6}));
}

TEST(MatMulRule, VectorsLoseTheirDimension) {
  EXPECT_EQ(inferred_shape(MatMul{}, {dims({3}), dims({3})}), dims({}));
  EXPECT_EQ(inferred_shape(MatMul{}, {dims({3}), dims({2, 3, 4})}), dims({2, 4}));
  EXPECT_EQ(inferred_shape(MatMul{}, {dims({2, 4, 3}), dims({3})}), dims({2, 4}));
}

TEST(MatMulRule, ScalarsAndMismatchesAreRefused) {
  EXPECT_THAT(refusal(MatMul{}, {dims({}), dims({3})}), HasSubstr("cannot be multiplied"));
  EXPECT_THAT(refusal(MatMul{}, {dims({2, 3}), dims({4, 3})}), HasSubstr("cannot be multiplied"));
  EXPECT_THAT(refusal(MatMul{}, {dims({2, 2, 3}), dims({3, 3, 3})}), HasSubstr("do not broadcast"));
}

}  // namespace
}  // namespace sluice::ir
