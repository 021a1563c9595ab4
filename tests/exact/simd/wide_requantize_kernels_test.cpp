// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/simd/wide_requantize_kernels.hpp"

#include <gtest/gtest.h>

#include "tests/exact/simd/random_wide_layer.hpp"
#include "tests/support/every_target.hpp"

#include "sluice/exact/simd/wide_requantize_stage.hpp"

namespace sluice::exact {
namespace {

using numeric::Arithmetic;

// Every shift, on sums near ties and of all sizes; every channel within bounds of its own.
TEST(WideRequantizeKernels, EqualTheDefinitionForEveryShift) {
  constexpr std::int64_t kSums = 200;
  Rng rng(1);
  for (const Arithmetic arithmetic :
       {Arithmetic::ShiftHalfEven, Arithmetic::ShiftHalfUp, Arithmetic::ShiftFloor}) {
    for (const DType type : {DType::Int8, DType::UInt8, DType::Int16, DType::UInt16}) {
      std::vector<numeric::Requantizer> by;
      std::vector<std::int64_t> bias;
      for (int shift = 0; shift <= 70; ++shift) {
        const numeric::CodeRange all = numeric::codes_of(type);
        const std::int64_t lowest = rng.integer(all.lowest, all.highest);
        by.push_back({.arithmetic = arithmetic,
                      .shift = shift,
                      .zero_point = rng.integer(0, 100),
                      .codes = {lowest, rng.integer(lowest, all.highest)}});
        bias.push_back(rng.integer(-5, 5) * (std::int64_t{1} << std::min(shift, 50)));
      }
      const auto channels = static_cast<std::int64_t>(by.size());
      constexpr std::int64_t kStride = 128;
      std::vector<std::int64_t> acc(static_cast<std::size_t>(kSums * kStride));
      for (std::int64_t i = 0; i < kSums * kStride; ++i) {
        const auto shift = static_cast<int>(std::min<std::int64_t>(i % kStride, 59));
        const std::int64_t size = std::int64_t{1} << rng.integer(0, 59);
        const std::int64_t half = shift == 0 ? 0 : std::int64_t{1} << (shift - 1);
        const std::int64_t near_tie =
            std::clamp<std::int64_t>(rng.integer(-9, 9), -(size >> shift), size >> shift) *
                (std::int64_t{1} << shift) +
            half + rng.integer(-1, 1);
        acc[static_cast<std::size_t>(i)] = i % 2 == 0 ? rng.integer(-size, size) : near_tie;
      }
      const std::int64_t bytes = code_bytes(type);
      std::vector<std::byte> expected(static_cast<std::size_t>(kSums * channels * bytes));
      for (std::int64_t p = 0; p < kSums; ++p) {
        for (std::int64_t m = 0; m < channels; ++m) {
          const std::int64_t sum = acc.data()[p * kStride + m] + bias.data()[m];
          const std::int64_t code = numeric::requantize_wide(sum, by.data()[m]);
          std::memcpy(expected.data() + (p * channels + m) * bytes, &code,
                      static_cast<std::size_t>(bytes));
        }
      }
      test::on_every_target([&](const char* target) {
        const WideRequantizeStage stage({type, by}, bias);
        std::vector<std::byte> codes(expected.size());
        stage.run(0, channels, kSums, {acc.data(), kStride}, {codes.data(), channels * bytes});
        ASSERT_EQ(codes, expected)
            << target << ' ' << to_string(type) << ' ' << numeric::to_string(arithmetic);
      });
    }
  }
}

}  // namespace
}  // namespace sluice::exact
