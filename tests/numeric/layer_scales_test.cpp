// SPDX-License-Identifier: Apache-2.0
#include "sluice/numeric/layer_scales.hpp"

#include <gtest/gtest.h>

namespace sluice::numeric {
namespace {

constexpr LayerScales kScales{0.1F, 0.3F, 0.7F};

TEST(MultipliedScales, OfUint8TheFirstTwoAreMultipliedInFloat32) {
  const LayerScales scales = multiplied_scales(Arithmetic::TfliteSingle, DType::UInt8, kScales);
  EXPECT_EQ(scales.input, 0.1F * 0.3F);
  EXPECT_EQ(scales.weight, 1);
  EXPECT_EQ(scales.output, 0.7F);
}

TEST(MultipliedScales, OfOtherTypesAndArithmeticsTheyStayApart) {
  EXPECT_EQ(multiplied_scales(Arithmetic::TfliteSingle, DType::Int8, kScales).weight, 0.3F);
  EXPECT_EQ(multiplied_scales(Arithmetic::TfliteFloat64, DType::UInt8, kScales).weight, 0.3F);
  EXPECT_EQ(multiplied_scales(Arithmetic::ShiftHalfEven, DType::UInt8, kScales).weight, 0.3F);
}

TEST(MultipliedScales, ItShowsInTheFactor) {
  // The product in float32 is another number than that in float64.
  const auto apart = make_requantizer(Arithmetic::TfliteSingle, kScales, 0, {0, 255});
  const auto together = make_requantizer(
      Arithmetic::TfliteSingle, multiplied_scales(Arithmetic::TfliteSingle, DType::UInt8, kScales),
      0, {0, 255});
  ASSERT_TRUE(apart && together);
  EXPECT_NE(apart->exact_factor, together->exact_factor);
}

}  // namespace
}  // namespace sluice::numeric
