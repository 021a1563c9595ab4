// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/simd/requantize_kernels.hpp"

#include <gtest/gtest.h>

#include "tests/exact/simd/random_requantizers.hpp"
#include "tests/support/every_target.hpp"

#include "sluice/exact/simd/requantize_stage.hpp"

namespace sluice::exact {
namespace {

TEST(RequantizeKernels, EqualTheDefinitionForEveryArithmetic) {
  for (const numeric::Arithmetic arithmetic : kKernelArithmetics) {
    for (const DType type : {DType::Int8, DType::UInt8}) {
      for (const std::int64_t channels : {1, 3, 16, 37, 64}) {
        Rng rng(static_cast<std::uint64_t>(channels));
        const auto by = random_requantizers(arithmetic, type, channels, -31, 0, rng);
        const ConvOutput output{type, by};
        const auto acc = hard_accumulators(by, 64, kNarrow, rng);
        const PixelRows<const std::int32_t> rows{acc.data(), channels};
        std::vector<std::byte> expected(static_cast<std::size_t>(64 * channels));
        plain_requantize(output, 64, channels, rows, {expected.data(), channels});
        test::on_every_target([&](const char* target) {
          const RequantizeStage stage(output, channels, kNarrow);
          std::vector<std::byte> codes(expected.size());
          stage.run(0, channels, 64, rows, {codes.data(), channels});
          ASSERT_EQ(codes, expected)
              << target << ' ' << numeric::to_string(arithmetic) << ' ' << channels << " channels";
        });
      }
    }
  }
}

}  // namespace
}  // namespace sluice::exact
