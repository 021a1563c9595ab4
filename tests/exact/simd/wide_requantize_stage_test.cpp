// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/simd/wide_requantize_stage.hpp"

#include <gtest/gtest.h>

#include "tests/exact/simd/random_wide_layer.hpp"

namespace sluice::exact {
namespace {

using numeric::Arithmetic;

// To codes of 32 bits and to finer units than those of the sums there are no vectors.
TEST(WideRequantizeStage, TakesWhatHasNoVectorsOneByOne) {
  const std::vector<std::int64_t> acc{-700, 3, 1'000'000'000'000, -1, 7, -12};
  const std::vector<std::int64_t> bias{1, -2, 3};
  for (const DType type : {DType::Int8, DType::Int16, DType::Int32, DType::UInt32}) {
    const std::int64_t bytes = code_bytes(type);
    for (const int shift : {-3, 2}) {
      const std::vector<numeric::Requantizer> by{{.arithmetic = Arithmetic::ShiftHalfUp,
                                                  .shift = shift,
                                                  .zero_point = 7,
                                                  .codes = numeric::codes_of(type)}};
      const WideRequantizeStage stage({type, by}, bias);
      EXPECT_EQ(stage.code_bytes(), bytes);
      std::vector<std::int64_t> readable = acc;
      readable.resize(acc.size() + kMaxLanes);
      std::vector<std::byte> codes(acc.size() * static_cast<std::size_t>(bytes));
      stage.run(0, 3, 2, {readable.data(), 3}, {codes.data(), 3 * bytes});
      for (std::size_t i = 0; i < acc.size(); ++i) {
        const std::int64_t code = numeric::requantize_wide(acc[i] + bias[i % 3], by[0]);
        EXPECT_EQ(std::memcmp(codes.data() + i * static_cast<std::size_t>(bytes), &code,
                              static_cast<std::size_t>(bytes)),
                  0)
            << to_string(type) << " shift " << shift << " element " << i;
      }
    }
  }
}

TEST(WideRequantizeStage, BeginsAtAnyChannel) {
  Rng rng(2);
  const auto by = random_shifts(Arithmetic::ShiftHalfEven, DType::Int16, 50, 30, rng);
  const std::vector<std::int64_t> bias(50, 12'345);
  const WideRequantizeStage stage({DType::Int16, by}, bias);
  std::vector<std::int64_t> acc(64);
  for (std::int64_t& sum : acc) sum = rng.integer(-(1 << 30), 1 << 30);
  std::vector<std::int16_t> codes(20);
  stage.run(30, 20, 1, {acc.data(), 64}, {reinterpret_cast<std::byte*>(codes.data()), 40});
  for (std::size_t c = 0; c < 20; ++c) {
    EXPECT_EQ(codes[c], numeric::requantize_wide(acc[c] + 12'345, by[30 + c]));
  }
}

}  // namespace
}  // namespace sluice::exact
