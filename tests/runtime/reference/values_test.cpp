// SPDX-License-Identifier: Apache-2.0
#include "sluice/runtime/reference/values.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>

namespace sluice::runtime::reference {
namespace {

TEST(Values, SaturateToKeepsTheEndsOfEveryType) {
  EXPECT_EQ(saturate_to<std::int8_t>(-1e30), -128);
  EXPECT_EQ(saturate_to<std::uint8_t>(-1), 0);
  EXPECT_EQ(saturate_to<std::int64_t>(9223372036854775808.0), INT64_MAX);
  EXPECT_EQ(saturate_to<std::int64_t>(-9223372036854775808.0), INT64_MIN);
  EXPECT_EQ(saturate_to<std::uint64_t>(18446744073709549568.0), 18446744073709549568U);
  EXPECT_EQ(saturate_to<std::uint64_t>(std::numeric_limits<double>::infinity()), UINT64_MAX);
}

TEST(Values, SaturateToCutsTowardZeroAndMakesNanZero) {
  EXPECT_EQ(saturate_to<std::int32_t>(-2.9), -2);
  EXPECT_EQ(saturate_to<std::int8_t>(127.9), 127);
  EXPECT_EQ(saturate_to<std::int32_t>(std::numeric_limits<double>::quiet_NaN()), 0);
}

TEST(Values, FloatsAreRoundedOnceHalvesToEven) {
  Tensor tensor(DType::Float32, {2});
  ASSERT_TRUE(write_floats({1 + 0x1p-24, 1 + 0x1.8p-23}, tensor));
  EXPECT_EQ(tensor.data<float>()[0], 1.0F);
  EXPECT_EQ(tensor.data<float>()[1], 1 + 0x1p-22F);
}

TEST(Values, HalvesAreExactWhenReadAndRoundedOnceWhenWritten) {
  Tensor tensor(DType::Float16, {2});
  // 1 + 2^-11 is halfway between two halves; a detour over float32 would drop the 2^-40.
  ASSERT_TRUE(write_floats({1 + 0x1p-11 + 0x1p-40, 65536}, tensor));
  const auto values = read_floats(tensor);
  ASSERT_TRUE(values);
  EXPECT_THAT(*values,
              ::testing::ElementsAre(1 + 0x1p-10, std::numeric_limits<double>::infinity()));
}

TEST(Values, BoolsAreOneOrZero) {
  Tensor tensor(DType::Bool, {2});
  tensor.mutable_data<std::uint8_t>()[0] = 255;
  const auto values = read_values<std::uint8_t>(tensor);
  ASSERT_TRUE(values);
  EXPECT_THAT(*values, ::testing::ElementsAre(1, 0));
  ASSERT_TRUE(write_values<std::uint8_t>({0, 7}, tensor));
  EXPECT_THAT(tensor.data<std::uint8_t>(), ::testing::ElementsAre(0, 1));
}

TEST(Values, NarrowTypesAreRefusedByName) {
  const auto status = dispatch(DType::Int4, [](auto) -> Status { return {}; });
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::Unsupported);
  EXPECT_THAT(status.error().message, ::testing::HasSubstr("int4"));
}

}  // namespace
}  // namespace sluice::runtime::reference
