// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/simd/gather_kernels.hpp"

#include <cstring>
#include <gtest/gtest.h>

#include "tests/exact/simd/random_layer.hpp"
#include "tests/support/every_target.hpp"

#include "sluice/exact/simd/code.hpp"

namespace sluice::exact {
namespace {

// Taps of `run` side by side, then a jump.
std::vector<const std::byte*> rows_of(const std::vector<std::byte>& image, std::int64_t num_rows,
                                      std::int64_t taps, std::int64_t channels, std::int64_t run) {
  std::vector<const std::byte*> rows;
  for (std::int64_t r = 0; r < num_rows; ++r) {
    for (std::int64_t t = 0; t < taps; ++t) {
      const std::int64_t at = r + t / run * (run * channels + 5) + t % run * channels;
      rows.push_back(image.data() + at);
    }
  }
  return rows;
}

void expect_gathered(std::int64_t taps, std::int64_t channels, std::int64_t run, bool is_widening,
                     DType type) {
  constexpr std::int64_t kRows = 3;
  Rng rng(1);
  const auto image = random_codes(taps * (channels + 5) + kRows + 8, rng);
  const auto rows = rows_of(image, kRows, taps, channels, run);
  const std::int64_t code_bytes = is_widening ? 2 : 1;
  const std::int64_t row_bytes = (taps * channels * code_bytes + 3) / 4 * 4;
  test::on_every_target([&](const char* target) {
    std::vector<std::byte> to(static_cast<std::size_t>(kRows * row_bytes), std::byte{0x55});
    gather_kernel()({.rows = rows.data(),
                     .taps = taps,
                     .channels = channels,
                     .offset = 1,
                     .is_signed = type == DType::Int8,
                     .is_widening = is_widening,
                     .zero_point = 7,
                     .row_bytes = row_bytes,
                     .to = to.data()},
                    kRows);
    for (std::int64_t r = 0; r < kRows; ++r) {
      for (std::int64_t k = 0; k < row_bytes / code_bytes; ++k) {
        const std::byte* at = to.data() + r * row_bytes + k * code_bytes;
        std::int32_t expected = 0;
        if (k < taps * channels) {
          const std::byte* row = rows[static_cast<std::size_t>(r * taps + k / channels)] + 1;
          const std::int32_t code = code_at(row, type, k % channels);
          expected = is_widening ? code - 7 : code + (type == DType::Int8 ? 128 : 0);
        }
        std::int16_t wide = 0;
        std::memcpy(&wide, at, static_cast<std::size_t>(code_bytes));
        ASSERT_EQ(wide, expected) << target << " taps " << taps << " channels " << channels
                                  << " run " << run << " row " << r << " code " << k;
      }
    }
  });
}

TEST(GatherKernel, BringsTheCodesOfAllTapsTogether) {
  for (const DType type : {DType::Int8, DType::UInt8}) {
    for (const bool is_widening : {false, true}) {
      for (const std::int64_t taps : {1, 2, 9, 49, 64, 65, 130}) {
        for (const std::int64_t channels : {1, 3, 7, 16, 65}) {
          for (const std::int64_t run : {1, 2, 7, 8, 9, 10, 49}) {
            expect_gathered(taps, channels, run, is_widening, type);
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace sluice::exact
