// SPDX-License-Identifier: Apache-2.0
#include "sluice/numeric/element.hpp"

#include <gtest/gtest.h>

namespace sluice::numeric {
namespace {

template <class T>
std::vector<T> elements(const Tensor& tensor) {
  const auto data = tensor.data<T>();
  return {data.begin(), data.end()};
}

TEST(Cast, FloatToIntegerDropsTheFraction) {
  const Tensor x = Tensor::from<float>({4}, {1.9F, -1.9F, 0.5F, -0.5F});
  EXPECT_EQ(elements<std::int32_t>(cast(x, DType::Int32)),
            (std::vector<std::int32_t>{1, -1, 0, 0}));
}

TEST(Cast, NarrowIntegersWrap) {
  const Tensor x = Tensor::from<float>({5}, {-9, 8, 15, -1, 7});
  EXPECT_EQ(elements<std::int8_t>(cast(x, DType::Int4)),
            (std::vector<std::int8_t>{7, -8, -1, -1, 7}));
  EXPECT_EQ(elements<std::uint8_t>(cast(x, DType::UInt4)),
            (std::vector<std::uint8_t>{7, 8, 15, 15, 7}));
  EXPECT_EQ(elements<std::int8_t>(cast(x, DType::Int2)),
            (std::vector<std::int8_t>{-1, 0, -1, -1, -1}));
  EXPECT_EQ(elements<std::uint8_t>(cast(x, DType::UInt2)),
            (std::vector<std::uint8_t>{3, 0, 3, 3, 3}));
}

TEST(Cast, ToBoolAsksWhetherItIsNotZero) {
  const Tensor x = Tensor::from<float>({4}, {0, -0.0F, 0.25F, std::nanf("")});
  EXPECT_EQ(elements<bool>(cast(x, DType::Bool)), (std::vector<bool>{false, false, true, true}));
  EXPECT_EQ(elements<float>(cast(Tensor::from<bool>({2}, {true, false}), DType::Float32)),
            (std::vector<float>{1, 0}));
}

TEST(Cast, WideIntegersKeepEveryBit) {
  const std::int64_t large = (std::int64_t{1} << 62) + 1;
  const Tensor x = Tensor::from<std::int64_t>({2}, {large, -1});
  EXPECT_EQ(elements<std::uint64_t>(cast(x, DType::UInt64)),
            (std::vector<std::uint64_t>{static_cast<std::uint64_t>(large), UINT64_MAX}));
  const Tensor top = Tensor::from<std::uint64_t>({1}, {UINT64_MAX});
  EXPECT_EQ(elements<float>(cast(top, DType::Float32)),
            (std::vector<float>{18446744073709551616.0F}));
}

TEST(Cast, ValuesNoIntegerHoldsAreDefined) {
  const Tensor x = Tensor::from<double>({3}, {std::nan(""), 1e300, -1e300});
  EXPECT_EQ(elements<std::int64_t>(cast(x, DType::Int64)),
            (std::vector<std::int64_t>{0, INT64_MAX, INT64_MIN}));
  EXPECT_EQ(elements<std::uint64_t>(cast(x, DType::UInt64)),
            (std::vector<std::uint64_t>{0, UINT64_MAX, std::uint64_t{1} << 63}));
}

TEST(Cast, ToTheSameTypeSharesTheBytes) {
  const Tensor x = Tensor::from<float>({2}, {1, 2});
  EXPECT_EQ(cast(x, DType::Float32).bytes().data(), x.bytes().data());
}

// Casting to any type and to double shows the value that type holds.
TEST(Cast, SmallWholeNumbersSurviveEveryType) {
  const Tensor x = Tensor::from<double>({2}, {0, 1});
  for (int d = 0; d <= static_cast<int>(DType::Bool); ++d) {
    const auto dtype = static_cast<DType>(d);
    if (dtype == DType::Float8E8M0 || dtype == DType::Int2)
      continue;  // no 0, and 1 is all there is
    EXPECT_EQ(to_doubles(cast(x, dtype)), (std::vector<double>{0, 1})) << to_string(dtype);
  }
}

TEST(Cast, LongTensorsAreCastInBlocksWithoutAGap) {
  std::vector<std::int32_t> values(1500);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<std::int32_t>(i);
  const Tensor x = Tensor::from<std::int32_t>({1500}, values);
  EXPECT_EQ(elements<std::int32_t>(cast(cast(x, DType::Float16), DType::Int32)), values);
}

TEST(ToIntegers, KeepsSignsAndWraps64Bits) {
  EXPECT_EQ(to_integers(Tensor::from<std::int8_t>({3}, {-128, 0, 127})),
            (std::vector<std::int64_t>{-128, 0, 127}));
  EXPECT_EQ(to_integers(Tensor::from<std::uint32_t>({1}, {0xFFFFFFFF})),
            (std::vector<std::int64_t>{0xFFFFFFFF}));
  EXPECT_EQ(to_integers(Tensor::from<std::uint64_t>({1}, {~std::uint64_t{0}})),
            (std::vector<std::int64_t>{-1}));
}

}  // namespace
}  // namespace sluice::numeric
