// SPDX-License-Identifier: Apache-2.0
#include "sluice/ir/ops/matmul.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/infer.hpp"

namespace sluice::ir {
namespace {

using test::inferred_shape;
using test::refusal;
using ::testing::HasSubstr;

sluice::Shape s(std::initializer_list<std::int64_t> dims) {
  return dims;
}

TEST(GemmRule, TransposesSwapTheDimensions) {
  EXPECT_EQ(inferred_shape(Gemm{}, {s({2, 3}), s({3, 4})}), s({2, 4}));
  EXPECT_EQ(inferred_shape(Gemm{.trans_a = true, .trans_b = true}, {s({3, 2}), s({4, 3})}),
            s({2, 4}));
  EXPECT_THAT(refusal(Gemm{.trans_b = true}, {s({2, 3}), s({3, 4})}), HasSubstr("2x3 and 3x4"));
}

TEST(GemmRule, OnlyMatricesAreMultiplied) {
  EXPECT_THAT(refusal(Gemm{}, {s({1, 2, 3}), s({3, 4})}), HasSubstr("cannot be multiplied"));
}

TEST(GemmRule, CBroadcastsOneWayOnly) {
  EXPECT_EQ(inferred_shape(Gemm{}, {s({2, 3}), s({3, 4}), s({2, 1})}), s({2, 4}));
  EXPECT_EQ(inferred_shape(Gemm{}, {s({2, 3}), s({3, 4}), s({})}), s({2, 4}));
  EXPECT_THAT(refusal(Gemm{}, {s({2, 3}), s({3, 4}), s({3, 2, 4})}), HasSubstr("input C"));
  EXPECT_THAT(refusal(Gemm{}, {s({1, 3}), s({3, 4}), s({2, 4})}), HasSubstr("input C"));
}

TEST(GemmRule, AllInputsHaveOneType) {
  EXPECT_THAT(refusal(Gemm{}, {s({2, 3}), s({3, 4}), {s({4}), DType::Int32}}),
              HasSubstr("one element type"));
}

TEST(MatMulRule, LeadingDimensionsBroadcast) {
  EXPECT_EQ(inferred_shape(MatMul{}, {s({5, 1, 2, 3}), s({4, 3, 6})}), s({5, 4, 2, 6}));
}

TEST(MatMulRule, VectorsLoseTheirDimension) {
  EXPECT_EQ(inferred_shape(MatMul{}, {s({3}), s({3})}), s({}));
  EXPECT_EQ(inferred_shape(MatMul{}, {s({3}), s({2, 3, 4})}), s({2, 4}));
  EXPECT_EQ(inferred_shape(MatMul{}, {s({2, 4, 3}), s({3})}), s({2, 4}));
}

TEST(MatMulRule, ScalarsAndMismatchesAreRefused) {
  EXPECT_THAT(refusal(MatMul{}, {s({}), s({3})}), HasSubstr("cannot be multiplied"));
  EXPECT_THAT(refusal(MatMul{}, {s({2, 3}), s({4, 3})}), HasSubstr("cannot be multiplied"));
  EXPECT_THAT(refusal(MatMul{}, {s({2, 2, 3}), s({3, 3, 3})}), HasSubstr("do not broadcast"));
}

}  // namespace
}  // namespace sluice::ir
