// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/simd/raise_codes.hpp"

#include <gtest/gtest.h>
#include <vector>

#include "tests/exact/simd/random_layer.hpp"
#include "tests/support/every_target.hpp"

#include "sluice/numeric/quantization.hpp"

namespace sluice::exact {
namespace {

template <class Code>
void expect_raised(DType type, std::size_t channels, std::size_t rows, int most,
                   const char* target) {
  Rng rng(channels * 10 + rows);
  const numeric::CodeRange codes = numeric::codes_of(type);
  std::vector<int> shifts(channels);
  for (int& shift : shifts) shift = static_cast<int>(rng.integer(0, most));
  std::vector<Code> from(channels * rows);
  for (std::size_t i = 0; i < from.size(); ++i) {
    const std::int64_t size = std::int64_t{1} << (15 - shifts[i % channels]);
    from[i] = static_cast<Code>(
        rng.integer(std::max(codes.lowest, -size), std::min(codes.highest, size - 1)));
  }
  std::vector<std::int16_t> found(from.size());
  RaiseCodes(type, shifts)
      .run(reinterpret_cast<const std::byte*>(from.data()), found.data(),
           static_cast<std::int64_t>(rows));
  for (std::size_t i = 0; i < from.size(); ++i) {
    ASSERT_EQ(found[i], from[i] * (1 << shifts[i % channels]))
        << target << ' ' << to_string(type) << ' ' << channels << " channels, element " << i;
  }
}

TEST(RaiseCodes, EqualsTheDefinitionOnEveryTarget) {
  test::on_every_target([](const char* target) {
    for (const std::size_t channels : {1U, 3U, 16U, 32U, 47U, 96U}) {
      for (const std::size_t rows : {1U, 2U, 70U}) {
        expect_raised<std::int8_t>(DType::Int8, channels, rows, 8, target);
        expect_raised<std::uint8_t>(DType::UInt8, channels, rows, 7, target);
        expect_raised<std::int16_t>(DType::Int16, channels, rows, 15, target);
        expect_raised<std::uint16_t>(DType::UInt16, channels, rows, 15, target);
      }
    }
  });
}

}  // namespace
}  // namespace sluice::exact
