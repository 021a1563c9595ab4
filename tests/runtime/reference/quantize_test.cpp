// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/apply.hpp"
#include "tests/support/non_finite.hpp"

#include "sluice/numeric/element.hpp"

namespace sluice::runtime::reference {
namespace {

using test::computed;
using test::kInfinity;
using test::kNan;
using test::vec;
using ::testing::ElementsAre;

Tensor codes(DType dtype, const std::vector<double>& values) {
  return numeric::cast(vec(values), dtype);
}

TEST(QuantizeLinear, RoundsHalvesToEvenAndSaturates) {
  EXPECT_THAT(computed<std::uint8_t>(ir::QuantizeLinear{},
                                     {vec<float>({1, 3, 5, 1000, -1000, -256}),
                                      Tensor::scalar(2.0F), Tensor::scalar<std::uint8_t>(128)}),
              ElementsAre(128, 130, 130, 255, 0, 0));
}

TEST(QuantizeLinear, EveryIntegerTypeSaturatesAtItsEnds) {
  const Tensor x = vec<float>({1e9F, -1e9F});
  for (const DType dtype : {DType::Int2, DType::UInt2, DType::Int4, DType::UInt4, DType::Int8,
                            DType::UInt8, DType::Int16, DType::UInt16}) {
    const auto y =
        test::apply(ir::QuantizeLinear{.output_dtype = dtype}, {x, Tensor::scalar(1.0F)});
    ASSERT_TRUE(y);
    const IntegerRange range = integer_range(dtype);
    EXPECT_THAT(numeric::to_doubles(*y), ElementsAre(range.most, range.least)) << to_string(dtype);
  }
}

TEST(QuantizeLinear, ScalesMayDifferAlongAnAxisOrInBlocks) {
  const Tensor x = Tensor::from<float>({2, 3}, {4, 4, 4, 8, 8, 8});
  EXPECT_THAT(computed<std::uint8_t>(ir::QuantizeLinear{.axis = 1}, {x, vec<float>({1, 2, 4})}),
              ElementsAre(4, 2, 1, 8, 4, 2));
  const Tensor blocked = Tensor::from<float>({2, 2}, {1, 2, 4, 8});
  EXPECT_THAT(computed<std::uint8_t>(ir::QuantizeLinear{.axis = 1, .block_size = 2}, {x, blocked}),
              ElementsAre(4, 4, 2, 2, 2, 1));
}

TEST(QuantizeLinear, TheQuotientIsRoundedToThePrecisionFirst) {
  // 2049/2 = 1024.5 needs 12 bits; float16 has 11 and rounds it to 1024 or, at 2051/2, to 1026.
  const std::vector<test::RuleInput> inputs{vec<float>({2051}), Tensor::scalar(2.0F),
                                            Tensor::scalar<std::int16_t>(0)};
  EXPECT_THAT(computed<std::int16_t>(ir::QuantizeLinear{}, inputs), ElementsAre(1026));
  const std::vector<test::RuleInput> odd{vec<float>({2047.5F}), Tensor::scalar(1.0F),
                                         Tensor::scalar<std::int16_t>(0)};
  EXPECT_THAT(computed<std::int16_t>(ir::QuantizeLinear{.precision = DType::BFloat16}, odd),
              ElementsAre(2048));
}

TEST(QuantizeLinear, Float8OutputsSaturateOnlyIfAsked) {
  const std::vector<test::RuleInput> inputs{vec<float>({1e6F, 3}), Tensor::scalar(2.0F)};
  const auto saturated = test::apply(ir::QuantizeLinear{.output_dtype = DType::Float8E5M2}, inputs);
  const auto overflown =
      test::apply(ir::QuantizeLinear{.output_dtype = DType::Float8E5M2, .saturate = false}, inputs);
  ASSERT_TRUE(saturated);
  ASSERT_TRUE(overflown);
  EXPECT_THAT(numeric::to_doubles(*saturated), ElementsAre(57344, 1.5));
  EXPECT_THAT(numeric::to_doubles(*overflown), ElementsAre(kInfinity, 1.5));
}

TEST(QuantizeLinear, NanBecomesTheZeroPoint) {
  EXPECT_THAT(computed<std::int8_t>(ir::QuantizeLinear{}, {vec<float>({kNan}), Tensor::scalar(1.0F),
                                                           Tensor::scalar<std::int8_t>(5)}),
              ElementsAre(5));
}

TEST(QuantizeLinear, RefusesScalesThatAreNone) {
  for (const float scale : {0.0F, -0.0F, kNan, kInfinity}) {
    const auto y = test::apply(ir::QuantizeLinear{}, {vec<float>({1}), Tensor::scalar(scale)});
    ASSERT_FALSE(y) << scale;
    EXPECT_EQ(y.error().code, ErrorCode::InvalidArgument);
  }
  EXPECT_THAT(
      computed<std::uint8_t>(ir::QuantizeLinear{}, {vec<float>({1}), Tensor::scalar(1e30F)}),
      ElementsAre(0));
}

TEST(DequantizeLinear, SubtractsTheZeroPointAndScales) {
  EXPECT_THAT(
      computed<float>(ir::DequantizeLinear{}, {vec<std::uint8_t>({0, 3, 255}), Tensor::scalar(2.0F),
                                               Tensor::scalar<std::uint8_t>(128)}),
      ElementsAre(-256, -250, 254));
  EXPECT_THAT(computed<float>(ir::DequantizeLinear{},
                              {vec<std::int32_t>({-2000000000}), Tensor::scalar(0.5F)}),
              ElementsAre(-1e9F));
}

TEST(DequantizeLinear, ReadsFloatCodes) {
  EXPECT_THAT(computed<float>(ir::DequantizeLinear{},
                              {codes(DType::Float4E2M1, {-6, 0.5}), Tensor::scalar(2.0F)}),
              ElementsAre(-12, 1));
}

TEST(DequantizeLinear, FloatCodesHaveNoZeroPoint) {
  const std::vector<test::RuleInput> inputs{codes(DType::Float8E4M3Fn, {1}), Tensor::scalar(2.0F),
                                            codes(DType::Float8E4M3Fn, {1})};
  EXPECT_FALSE(test::apply(ir::DequantizeLinear{}, inputs));
}

TEST(DequantizeLinear, AScaleOfZeroIsAllowedButNotNan) {
  EXPECT_THAT(
      computed<float>(ir::DequantizeLinear{}, {vec<std::int8_t>({5}), Tensor::scalar(0.0F)}),
      ElementsAre(0));
  EXPECT_FALSE(test::apply(ir::DequantizeLinear{}, {vec<std::int8_t>({5}), Tensor::scalar(kNan)}));
}

}  // namespace
}  // namespace sluice::runtime::reference
