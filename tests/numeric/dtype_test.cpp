// SPDX-License-Identifier: Apache-2.0
#include "sluice/numeric/dtype.hpp"

#include <gtest/gtest.h>
#include <vector>

namespace sluice {
namespace {

std::vector<DType> all_dtypes() {
  return {
#define SL_DTYPE(Name, name, Storage, bits) DType::Name,
#include "sluice/numeric/dtype.def"
#undef SL_DTYPE
  };
}

TEST(DType, EveryNameReadsBack) {
  for (const DType dtype : all_dtypes()) EXPECT_EQ(dtype_from_string(to_string(dtype)), dtype);
}

TEST(DType, AnUnknownNameIsNone) {
  EXPECT_EQ(dtype_from_string("float"), std::nullopt);
  EXPECT_EQ(dtype_from_string(""), std::nullopt);
  EXPECT_EQ(dtype_from_string("Int8"), std::nullopt);
}

TEST(DType, NoTypeHasMoreBitsThanItsStorage) {
  for (const DType dtype : all_dtypes()) {
    EXPECT_LE(num_bits(dtype), static_cast<int>(8 * storage_bytes(dtype))) << to_string(dtype);
  }
}

TEST(DType, NarrowTypesTakeAByteEach) {
  EXPECT_EQ(storage_bytes(DType::Int4), 1U);
  EXPECT_EQ(num_bits(DType::Int4), 4);
  EXPECT_EQ(storage_bytes(DType::Float8E5M2), 1U);
  EXPECT_EQ(storage_bytes(DType::BFloat16), 2U);
}

TEST(DType, EveryTypeButBoolIsFloatOrInteger) {
  for (const DType dtype : all_dtypes()) {
    EXPECT_FALSE(is_float(dtype) && is_integer(dtype)) << to_string(dtype);
    EXPECT_EQ(is_float(dtype) || is_integer(dtype), dtype != DType::Bool) << to_string(dtype);
    EXPECT_EQ(is_float(dtype), to_string(dtype).find("float") != std::string_view::npos);
  }
}

TEST(DType, ValuesInCppTypesHaveTheirDType) {
  EXPECT_EQ(kDTypeOf<float>, DType::Float32);
  EXPECT_EQ(kDTypeOf<std::uint8_t>, DType::UInt8);
  EXPECT_EQ(kDTypeOf<bool>, DType::Bool);
  static_assert(std::is_same_v<StorageOf<DType::Float16>, std::uint16_t>);
}

}  // namespace
}  // namespace sluice
