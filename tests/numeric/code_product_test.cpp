// SPDX-License-Identifier: Apache-2.0
#include "sluice/numeric/code_product.hpp"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>

#include "tests/numeric/quantizations.hpp"

#include "sluice/numeric/code_sum.hpp"

namespace sluice::numeric {
namespace {

TEST(CodeProduct, OfWholeStepsIsExactInEveryArithmetic) {
  for (const Arithmetic arithmetic : kEveryArithmetic) {
    const auto product =
        CodeProduct::make(arithmetic, int8(0.5F, -128), uint8(0.25F, 200), int8(0.125F, 7));
    ASSERT_TRUE(product) << product.error().text();
    EXPECT_EQ(product->code(-128, 0), 7);
    EXPECT_EQ(product->code(-120, 203), 31);
    EXPECT_EQ(product->code(-120, 197), -17);
    EXPECT_EQ(product->code(127, 255), 127);
    EXPECT_EQ(product->code(127, 0), -128);
  }
}

TEST(CodeProduct, HalvesGoTheirArithmeticsWay) {
  const auto half = [](Arithmetic arithmetic, std::int64_t halves, std::int64_t zero_point) {
    const auto product = CodeProduct::make(arithmetic, int8(1), int8(0.5F), int8(1, zero_point));
    EXPECT_TRUE(product);
    return product ? product->code(1, halves) : 0;
  };
  EXPECT_EQ(half(Arithmetic::TfliteDouble, -1, 0), 0);  // of two roundings, the first went up
  EXPECT_EQ(half(Arithmetic::TfliteFloat64, -1, 0), -1);
  EXPECT_EQ(half(Arithmetic::TfliteSingle, -1, 0), 0);
  EXPECT_EQ(half(Arithmetic::Xnnpack, 3, 1), 3);
  EXPECT_EQ(half(Arithmetic::OnnxRuntime, 3, 1), 2);  // the zero point is added first
  EXPECT_EQ(half(Arithmetic::Onnx, 3, 1), 3);
  EXPECT_EQ(half(Arithmetic::ShiftHalfEven, 1, 0), 0);
  EXPECT_EQ(half(Arithmetic::ShiftHalfUp, -1, 0), 0);
  EXPECT_EQ(half(Arithmetic::ShiftFloor, -1, 0), -1);
}

TEST(CodeProduct, OnRealsIsTheProductOfTheRealNumbers) {
  Rng rng(1);
  for (const Arithmetic arithmetic : {Arithmetic::Onnx, Arithmetic::ShiftHalfEven,
                                      Arithmetic::ShiftHalfUp, Arithmetic::ShiftFloor}) {
    for (int i = 0; i < 20; ++i) {
      const Quantization a = random_quantization(arithmetic, rng);
      const Quantization b = random_quantization(arithmetic, rng);
      const Quantization y = random_quantization(arithmetic, rng);
      const auto product = CodeProduct::make(arithmetic, a, b, y);
      ASSERT_TRUE(product) << product.error().text();
      for (int pair = 0; pair < 500; ++pair) {
        const std::int64_t of_a = rng.integer(codes_of(a).lowest, codes_of(a).highest);
        const std::int64_t of_b = rng.integer(codes_of(b).lowest, codes_of(b).highest);
        const double real = real_of(of_a, a, arithmetic) * real_of(of_b, b, arithmetic);
        ASSERT_EQ(product->code(of_a, of_b), code_of_real(real, y, arithmetic));
      }
    }
  }
}

TEST(CodeProduct, IsNearTheProductOfTheRealNumbers) {
  Rng rng(2);
  for (const Arithmetic arithmetic : kEveryArithmetic) {
    for (int i = 0; i < 20; ++i) {
      const Quantization a = random_quantization(arithmetic, rng);
      const Quantization b = random_quantization(arithmetic, rng);
      const Quantization y = random_quantization(arithmetic, rng);
      const auto product = CodeProduct::make(arithmetic, a, b, y);
      ASSERT_TRUE(product) << product.error().text();
      for (int pair = 0; pair < 200; ++pair) {
        const std::int64_t of_a = rng.integer(codes_of(a).lowest, codes_of(a).highest);
        const std::int64_t of_b = rng.integer(codes_of(b).lowest, codes_of(b).highest);
        const double real = real_of(of_a, a, arithmetic) * real_of(of_b, b, arithmetic);
        const double code =
            real / static_cast<double>(y.scales[0]) + static_cast<double>(y.zero_points[0]);
        const double nearest = std::clamp(code, static_cast<double>(codes_of(y).lowest),
                                          static_cast<double>(codes_of(y).highest));
        const double most = arithmetic == Arithmetic::ShiftFloor ? 1 : 0.76;
        ASSERT_LE(std::abs(static_cast<double>(product->code(of_a, of_b)) - nearest), most)
            << to_string(arithmetic);
      }
    }
  }
}

TEST(CodeProduct, OfWideCodesIsOnRealsInOnnxRuntime) {
  const Quantization wide{.dtype = DType::Int16, .scales = {0.01F}, .zero_points = {3}};
  const auto runtime = CodeProduct::make(Arithmetic::OnnxRuntime, wide, wide, wide);
  const auto onnx = CodeProduct::make(Arithmetic::Onnx, wide, wide, wide);
  ASSERT_TRUE(runtime && onnx);
  Rng rng(3);
  for (int pair = 0; pair < 1000; ++pair) {
    const std::int64_t a = rng.integer(-2000, 2000);
    const std::int64_t b = rng.integer(-2000, 2000);
    EXPECT_EQ(runtime->code(a, b), onnx->code(a, b));
  }
}

TEST(CodeProduct, FollowsFromTheProductAloneUnlessFloat32RoundsItsFactors) {
  Rng rng(4);
  for (const Arithmetic arithmetic : kEveryArithmetic) {
    for (int i = 0; i < 20; ++i) {
      const Quantization a = random_quantization(arithmetic, rng);
      const Quantization b = random_quantization(arithmetic, rng);
      const Quantization y = random_quantization(arithmetic, rng);
      const auto product = CodeProduct::make(arithmetic, a, b, y);
      if (!product) continue;
      EXPECT_EQ(product->is_of_product(),
                arithmetic != Arithmetic::Onnx && (arithmetic != Arithmetic::OnnxRuntime ||
                                                   has_fused_kernel(arithmetic, a, b, y)));
      if (!product->is_of_product()) continue;
      for (int pair = 0; pair < 200; ++pair) {
        const std::int64_t of_a = rng.integer(codes_of(a).lowest, codes_of(a).highest);
        const std::int64_t of_b = rng.integer(codes_of(b).lowest, codes_of(b).highest);
        const std::int64_t steps = (of_a - a.zero_points[0]) * (of_b - b.zero_points[0]);
        ASSERT_EQ(product->code_of_product(steps), product->code(of_a, of_b));
      }
    }
  }
}

TEST(CodeProduct, FactorsWithoutRoomAreRefused) {
  const auto product =
      CodeProduct::make(Arithmetic::TfliteDouble, int8(0x1p15F), int8(0x1p15F), int8(0x1p-10F));
  EXPECT_FALSE(product);
}

}  // namespace
}  // namespace sluice::numeric
