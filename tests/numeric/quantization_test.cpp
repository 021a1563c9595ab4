// SPDX-License-Identifier: Apache-2.0
#include "sluice/numeric/quantization.hpp"

#include <gtest/gtest.h>
#include <limits>

#include "sluice/base/shape.hpp"

namespace sluice::numeric {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

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

}  // namespace
}  // namespace sluice::numeric
