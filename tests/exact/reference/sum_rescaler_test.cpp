// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/reference/sum_rescaler.hpp"

#include <gtest/gtest.h>

#include "tests/exact/one_op.hpp"

namespace sluice::exact::reference {
namespace {

constexpr std::int64_t kZeroOfInput = -100;
constexpr std::int64_t kZeroOfOutput = 5;

Result<SumRescaler> rescaler(float x, float y, std::int64_t count, bool is_mean,
                             Arithmetic arithmetic) {
  const OneNode node(ir::ReduceMean{}, {int8(x, kZeroOfInput)}, int8(y, kZeroOfOutput), arithmetic);
  return SumRescaler::make(node.view(), count, is_mean);
}

// Sums over 8 codes around the zero point, in eighths.
TEST(SumRescaler, MeansTie) {
  for (const Arithmetic arithmetic :
       {Arithmetic::TfliteDouble, Arithmetic::TfliteSingle, Arithmetic::Xnnpack}) {
    const auto by = rescaler(0.5F, 0.5F, 8, true, arithmetic);
    ASSERT_TRUE(by) << by.error().text();
    const auto as = arithmetic == Arithmetic::Xnnpack ? Arithmetic::Onnx : arithmetic;
    for (std::int64_t sum = -200; sum <= 200; ++sum) {
      EXPECT_EQ(by->code(sum + 8 * kZeroOfInput),
                clamped(scaled_by_power(as, static_cast<double>(sum), 3,
                                        static_cast<double>(kZeroOfOutput)),
                        DType::Int8))
          << sum;
    }
  }
}

TEST(SumRescaler, SumsAreOneNumber) {
  for (const Arithmetic arithmetic : {Arithmetic::TfliteDouble, Arithmetic::Xnnpack}) {
    const auto by = rescaler(1, 4, 1000, false, arithmetic);
    ASSERT_TRUE(by) << by.error().text();
    EXPECT_EQ(by->code(1000 * kZeroOfInput), kZeroOfOutput);
    EXPECT_EQ(by->code(1000 * kZeroOfInput + 40), kZeroOfOutput + 10);
    EXPECT_EQ(by->code(127'000), 127);
    EXPECT_EQ(by->code(-128'000), -128);
  }
}

// Of 1/3: TFLite's multiplier is cut, so that 3·(2^k + 1/2) is below the tie; the codes of whole
// means are right all the same.
TEST(SumRescaler, MeansOfThreesAreRight) {
  for (const Arithmetic arithmetic : {Arithmetic::TfliteDouble, Arithmetic::Xnnpack}) {
    for (const std::int64_t count : {3, 7, 49, 1000, 50'176}) {
      const auto by = rescaler(0.3F, 0.3F, count, true, arithmetic);
      ASSERT_TRUE(by) << by.error().text();
      for (std::int64_t mean = -28; mean <= 122; ++mean) {
        EXPECT_EQ(by->code((mean + kZeroOfInput) * count),
                  std::clamp<std::int64_t>(mean + kZeroOfOutput, -128, 127))
            << count << " " << mean;
      }
    }
  }
}

TEST(SumRescaler, TheMeanOfNothingIsRefusedAndItsSumIsZero) {
  EXPECT_FALSE(rescaler(1, 1, 0, true, Arithmetic::Xnnpack));
  const auto by = rescaler(1, 1, 0, false, Arithmetic::TfliteDouble);
  ASSERT_TRUE(by) << by.error().text();
  EXPECT_EQ(by->code(0), kZeroOfOutput);
}

}  // namespace
}  // namespace sluice::exact::reference
