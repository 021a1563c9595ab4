// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/simd/wide_dense.hpp"

#include <gtest/gtest.h>

#include "tests/exact/simd/random_wide_layer.hpp"

namespace sluice::exact {
namespace {

using numeric::Arithmetic;

// Rows of codes of the type, with a stride of so many bytes.
std::vector<std::byte> plain_wide_dense_codes(const RandomWideLayer& random,
                                              const WideOutput& output, std::int64_t stride) {
  const std::vector<std::int64_t> acc = random.accumulators();
  const std::int64_t channels = random.layer.out_channels;
  const std::int64_t bytes = code_bytes(output.type);
  std::vector<std::byte> codes(static_cast<std::size_t>(random.input().num_pixels * stride),
                               std::byte{0x55});
  for (std::size_t i = 0; i < acc.size(); ++i) {
    const auto at = static_cast<std::int64_t>(i);
    const std::int64_t code =
        numeric::requantize_wide(acc[i], output.requantizers[i % output.requantizers.size()]);
    std::memcpy(codes.data() + at / channels * stride + at % channels * bytes, &code,
                static_cast<std::size_t>(bytes));
  }
  return codes;
}

TEST(WideDense, EqualsTheDefinitionInEveryArithmeticAndType) {
  const LayerShape shape{37, 9, 8, 41};
  for (const WideTypes& types : every_wide_type()) {
    for (const Arithmetic arithmetic :
         {Arithmetic::ShiftHalfEven, Arithmetic::ShiftHalfUp, Arithmetic::ShiftFloor}) {
      for (const DType type :
           {DType::Int8, DType::UInt8, DType::Int16, DType::UInt16, DType::Int32}) {
        Rng rng(5);
        const RandomWideLayer random(shape, types, false, rng);
        const auto by = random_shifts(arithmetic, type, shape.out_channels,
                                      types.input_bits + types.weight_bits, rng);
        const WideOutput output{type, by};
        const WideDense dense(random.layer, output);
        std::vector<std::byte> scratch(dense.scratch_bytes());
        const std::int64_t stride = 43 * code_bytes(type);
        const std::vector<std::byte> expected = plain_wide_dense_codes(random, output, stride);
        std::vector<std::byte> codes(expected.size(), std::byte{0x55});
        dense.run(random.input(), {codes.data(), stride}, scratch);
        ASSERT_EQ(codes, expected)
            << numeric::to_string(arithmetic) << ' ' << to_string(type) << to_text(shape, types);
      }
    }
  }
}

TEST(WideDense, GivesTheSameHoweverThePixelsAreSplit) {
  const LayerShape shape{61, 3, 20, 24};
  Rng rng(6);
  const RandomWideLayer random(shape, {}, false, rng);
  const auto by = random_shifts(Arithmetic::ShiftHalfEven, DType::Int16, 24, 32, rng);
  const WideOutput output{DType::Int16, by};
  const WideDense dense(random.layer, output);
  std::vector<std::byte> scratch(dense.scratch_bytes());
  const std::vector<std::byte> expected = plain_wide_dense_codes(random, output, 48);
  for (std::int64_t step = 1; step < shape.pixels; step += 7) {
    std::vector<std::byte> codes(expected.size());
    for (std::int64_t first = 0; first < shape.pixels; first += step) {
      TapRows part = random.input();
      part.rows += first * shape.taps;
      part.num_pixels = std::min(step, shape.pixels - first);
      dense.run(part, {codes.data() + first * 48, 48}, scratch);
    }
    ASSERT_EQ(codes, expected) << "steps of " << step;
  }
}

}  // namespace
}  // namespace sluice::exact
