// SPDX-License-Identifier: Apache-2.0
#include "sluice/numeric/quantization.hpp"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <random>

#include "tests/support/non_finite.hpp"

#include "sluice/base/shape.hpp"

namespace sluice::numeric {
namespace {

using test::kInfinity;

std::string refusal(const Quantization& quantization, const Shape& shape = {2, 3}) {
  const Status status = check_quantization(quantization, shape);
  if (status) return "";
  EXPECT_EQ(status.error().code, ErrorCode::InvalidArgument);
  return status.error().message;
}

TEST(Quantization, OneScaleFitsAnyShape) {
  EXPECT_EQ(refusal({DType::UInt8, {0.5F}, {255}}, {}), "");
  EXPECT_EQ(refusal({DType::Int32, {1e-9F}, {0}}, {4, 5}), "");
}

TEST(Quantization, SeveralScalesGoAlongTheirDimension) {
  EXPECT_EQ(refusal({DType::Int8, {1, 2, 3}, {0, 0, 0}, 1}), "");
  EXPECT_NE(refusal({DType::Int8, {1, 2, 3}, {0, 0, 0}, 0}).find("dimension 0"), std::string::npos);
  EXPECT_NE(refusal({DType::Int8, {1, 2, 3}, {0, 0, 0}, 2}), "");
  EXPECT_NE(refusal({DType::Int8, {1, 2, 3}, {0, 0, 0}, -1}), "");
}

TEST(Quantization, ScalesArePositiveNumbers) {
  for (const float scale : {0.0F, -1.0F, kInfinity, std::numeric_limits<float>::quiet_NaN()}) {
    EXPECT_NE(refusal({DType::Int8, {scale}, {0}}).find("positive"), std::string::npos);
  }
}

TEST(Quantization, ThereAreAsManyZeroPoints) {
  EXPECT_NE(refusal({DType::Int8, {1}, {}}), "");
  EXPECT_NE(refusal({DType::Int8, {}, {}}), "");
  EXPECT_NE(refusal({DType::Int8, {1, 1}, {0}, 0}), "");
}

TEST(Quantization, ZeroPointsAreCodes) {
  EXPECT_EQ(refusal({DType::Int8, {1}, {-128}}), "");
  EXPECT_NE(refusal({DType::Int8, {1}, {128}}).find("128"), std::string::npos);
  EXPECT_NE(refusal({DType::UInt8, {1}, {-1}}), "");
  EXPECT_NE(refusal({DType::Int4, {1}, {8}}), "");
}

TEST(Quantization, CodesAreIntegersOfAtMost32Bits) {
  EXPECT_NE(refusal({DType::Float32, {1}, {0}}), "");
  EXPECT_NE(refusal({DType::Bool, {1}, {0}}), "");
  EXPECT_NE(refusal({DType::Int64, {1}, {0}}), "");
}

TEST(CodesOf, AreThoseOfTheWidth) {
  EXPECT_EQ(codes_of(DType::Int8).lowest, -128);
  EXPECT_EQ(codes_of(DType::UInt8).highest, 255);
  EXPECT_EQ(codes_of(DType::UInt4).highest, 15);
  EXPECT_EQ(codes_of(DType::Int32).highest, std::numeric_limits<std::int32_t>::max());
}

constexpr CodeRange kInt8{-128, 127};

// 2.5 and 3.5 steps, both signs.
TEST(Quantize, ArithmeticsDifferAtTies) {
  const auto codes = [](Arithmetic arithmetic) {
    std::vector<std::int64_t> result;
    for (const float real : {-1.75F, -1.25F, 1.25F, 1.75F}) {
      result.push_back(quantize(real, 0.5F, 1, kInt8, arithmetic));
    }
    return result;
  };
  const std::vector<std::int64_t> away{-3, -2, 4, 5};
  const std::vector<std::int64_t> even{-3, -1, 3, 5};
  EXPECT_EQ(codes(Arithmetic::TfliteDouble), away);
  EXPECT_EQ(codes(Arithmetic::TfliteSingle), away);
  EXPECT_EQ(codes(Arithmetic::Xnnpack), even);
  EXPECT_EQ(codes(Arithmetic::Onnx), even);
  EXPECT_EQ(codes(Arithmetic::OnnxRuntime), even);
}

TEST(Quantize, XnnpackMultipliesByTheReciprocal) {
  std::mt19937 random(1);
  std::uniform_real_distribution<float> scales(1e-3F, 1);
  int different = 0;
  for (int i = 0; i < 20'000; ++i) {
    const float scale = scales(random);
    const float real = scale * (static_cast<float>(i % 200) - 99.5F);
    const std::int64_t divided = quantize(real, scale, 0, kInt8, Arithmetic::Onnx);
    const std::int64_t multiplied = quantize(real, scale, 0, kInt8, Arithmetic::Xnnpack);
    EXPECT_EQ(divided, std::clamp<std::int64_t>(std::llrint(real / scale), -128, 127));
    EXPECT_EQ(multiplied, std::clamp<std::int64_t>(std::llrint(real * (1 / scale)), -128, 127));
    different += divided == multiplied ? 0 : 1;
  }
  EXPECT_GT(different, 0);
}

TEST(Quantize, WhatIsNoNumberHasACodeToo) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(quantize(nan, 1, 5, kInt8, Arithmetic::TfliteDouble), -128);
  EXPECT_EQ(quantize(nan, 1, 5, kInt8, Arithmetic::Xnnpack), 127);
  EXPECT_EQ(quantize(nan, 1, 5, kInt8, Arithmetic::Onnx), 5);
  for (const float huge : {kInfinity, 3e38F}) {
    EXPECT_EQ(quantize(huge, 1, 5, kInt8, Arithmetic::TfliteDouble), -128);
    EXPECT_EQ(quantize(huge, 1, 5, kInt8, Arithmetic::Xnnpack), 127);
    EXPECT_EQ(quantize(-huge, 1, 5, kInt8, Arithmetic::Onnx), -128);
  }
}

TEST(Quantized, EachSliceHasItsScale) {
  const Quantization columns{DType::UInt8, {1, 0.5F, 2}, {0, 10, 1}, 1};
  const Tensor reals = Tensor::from<float>({2, 3}, {0, 0, 0, 3, 3, 3});
  const Tensor codes = Tensor::from<std::uint8_t>({2, 3}, {0, 10, 1, 3, 16, 3});
  EXPECT_EQ(quantized(reals, columns, Arithmetic::Onnx), codes);
  EXPECT_EQ(dequantized(codes, columns), Tensor::from<float>({2, 3}, {0, 0, 0, 3, 3, 4}));
}

TEST(Dequantized, OfWideCodesIsRoundedOnce) {
  const Tensor codes = Tensor::from<std::int32_t>({2}, {(1 << 24) + 1, -7});
  EXPECT_EQ(dequantized(codes, {DType::Int32, {0.5F}, {0}}),
            Tensor::from<float>({2}, {1 << 23, -3.5F}));
}

// ---- fewer bits than the type's

TEST(Quantization, BitsAreFewerThanTheTypes) {
  EXPECT_EQ(refusal({.dtype = DType::Int16, .bits = 1}), "");
  EXPECT_EQ(refusal({.dtype = DType::Int16, .bits = 15}), "");
  EXPECT_EQ(refusal({.dtype = DType::UInt4, .bits = 3}), "");
  for (const int bits : {-1, 0, 16, 17}) {
    EXPECT_NE(refusal({.dtype = DType::Int16, .bits = bits}).find("must be 1 to 15"),
              std::string::npos)
        << bits;
  }
  EXPECT_EQ(refusal({.dtype = DType::Int8, .zero_points = {-8}, .bits = 4}), "");
  EXPECT_NE(refusal({.dtype = DType::Int8, .zero_points = {8}, .bits = 4}).find("of 4 bits"),
            std::string::npos);
  EXPECT_FALSE(Quantization{.bits = 4} == Quantization{});
}

TEST(CodesOf, AreThoseOfTheBits) {
  for (int bits = 2; bits < 32; ++bits) {
    const CodeRange narrow = codes_of({.dtype = DType::Int32, .bits = bits});
    EXPECT_EQ(narrow.lowest, -(std::int64_t{1} << (bits - 1)));
    EXPECT_EQ(narrow.highest, (std::int64_t{1} << (bits - 1)) - 1);
    const CodeRange positive = codes_of({.dtype = DType::UInt32, .bits = bits});
    EXPECT_EQ(positive.lowest, 0);
    EXPECT_EQ(positive.highest, (std::int64_t{1} << bits) - 1);
  }
  EXPECT_EQ(codes_of(Quantization{.dtype = DType::Int32}).highest, codes_of(DType::Int32).highest);
}

TEST(Quantized, SaturatesToTheBits) {
  const Tensor reals = Tensor::from<float>({4}, {-9, 7.4F, 7.5F, 100});
  for (const Arithmetic arithmetic :
       {Arithmetic::TfliteDouble, Arithmetic::Xnnpack, Arithmetic::Onnx, Arithmetic::ShiftHalfUp}) {
    EXPECT_EQ(quantized(reals, {.dtype = DType::Int8, .bits = 4}, arithmetic),
              Tensor::from<std::int8_t>({4}, {-8, 7, 7, 7}));
  }
}

// ---- by shifts

TEST(QuantizeByShift, RoundsOnceAsTheArithmeticSays) {
  const auto codes = [](Arithmetic arithmetic) {
    std::vector<std::int64_t> result;
    for (const float real : {-1.75F, -1.25F, -0.1F, 1.25F, 1.75F, 1.4F}) {
      result.push_back(quantize(real, 0.5F, 1, kInt8, arithmetic));
    }
    return result;
  };
  EXPECT_EQ(codes(Arithmetic::ShiftHalfEven), (std::vector<std::int64_t>{-3, -1, 1, 3, 5, 4}));
  EXPECT_EQ(codes(Arithmetic::ShiftHalfUp), (std::vector<std::int64_t>{-2, -1, 1, 4, 5, 4}));
  EXPECT_EQ(codes(Arithmetic::ShiftFloor), (std::vector<std::int64_t>{-3, -2, 0, 3, 4, 3}));
}

TEST(QuantizeByShift, HasAllCodesOf32Bits) {
  const CodeRange codes = codes_of(DType::UInt32);
  for (const std::int64_t code : {std::int64_t{0}, std::int64_t{1} << 31, codes.highest}) {
    for (const std::int64_t zero_point : {std::int64_t{0}, codes.highest}) {
      const double real = std::ldexp(static_cast<double>(code - zero_point), -20);
      EXPECT_EQ(quantize_by_shift(real, 0x1p-20F, zero_point, codes, Arithmetic::ShiftFloor), code);
    }
  }
  EXPECT_EQ(quantize_by_shift(1e300, 1, 0, codes, Arithmetic::ShiftFloor), codes.highest);
  EXPECT_EQ(quantize_by_shift(-1e300, 1, 0, codes, Arithmetic::ShiftFloor), 0);
  EXPECT_EQ(quantize(std::numeric_limits<float>::quiet_NaN(), 1, 5, kInt8, Arithmetic::ShiftHalfUp),
            5);
}

TEST(DequantizedToFloat64, KeepsWideCodes) {
  const Quantization columns{DType::Int32, {0.5F, 0x1p-30F}, {0, -1}, 0};
  const Tensor codes = Tensor::from<std::int32_t>({2, 2}, {(1 << 24) + 1, -7, INT32_MAX, 0});
  const Tensor reals = Tensor::from<double>({2, 2}, {0x1p23 + 0.5, -3.5, 2, 0x1p-30});
  EXPECT_EQ(dequantized_to_float64(codes, columns), reals);
  EXPECT_EQ(quantized(reals, columns, Arithmetic::ShiftHalfEven), codes);
}

TEST(CheckCodes, FitInTheBits) {
  const Tensor codes = Tensor::from<std::int16_t>({3}, {-16, 0, 16});
  EXPECT_TRUE(check_codes(codes, {.dtype = DType::Int16}));
  EXPECT_TRUE(check_codes(codes, {.dtype = DType::Int16, .bits = 6}));
  const Status status = check_codes(codes, {.dtype = DType::Int16, .bits = 5});
  ASSERT_FALSE(status);
  EXPECT_NE(status.error().message.find("holds the code 16; 5 bits hold -16 to 15"),
            std::string::npos);
}

}  // namespace
}  // namespace sluice::numeric
