// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/simd/dense.hpp"

#include <gtest/gtest.h>

#include "tests/exact/simd/random_requantizers.hpp"

namespace sluice::exact {
namespace {

std::vector<std::byte> plain_dense_codes(const RandomLayer& random, const ConvOutput& output) {
  const std::int64_t channels = random.layer.out_channels;
  const std::vector<std::int32_t> acc = random.accumulators();
  std::vector<std::byte> codes(acc.size());
  plain_requantize(output, random.input().num_pixels, channels, {acc.data(), channels},
                   {codes.data(), channels});
  return codes;
}

TEST(DenseConv, EqualsTheDefinitionInEveryArithmeticAndType) {
  const LayerShape shape{37, 9, 8, 41};
  for (const LayerTypes& types : every_type()) {
    for (const numeric::Arithmetic arithmetic : kKernelArithmetics) {
      for (const DType type : {DType::Int8, DType::UInt8}) {
        Rng rng(5);
        const RandomLayer random(shape, types, false, rng);
        const auto by = random_requantizers(arithmetic, type, shape.out_channels, -13, -9, rng);
        const ConvOutput output{type, by};
        const DenseConv conv(random.layer, output);
        std::vector<std::byte> scratch(conv.scratch_bytes());
        const std::vector<std::byte> expected = plain_dense_codes(random, output);
        std::vector<std::byte> codes(expected.size());
        conv.run(random.input(), {codes.data(), shape.out_channels}, scratch);
        ASSERT_EQ(codes, expected) << numeric::to_string(arithmetic) << to_text(shape, types);
      }
    }
  }
}

TEST(DenseConv, GivesTheSameHoweverThePixelsAreSplit) {
  const LayerShape shape{61, 3, 20, 24};
  Rng rng(6);
  const RandomLayer random(shape, {}, false, rng);
  const auto by =
      random_requantizers(numeric::Arithmetic::TfliteDouble, DType::Int8, 1, -9, -9, rng);
  const ConvOutput output{DType::Int8, by};
  const DenseConv conv(random.layer, output);
  std::vector<std::byte> scratch(conv.scratch_bytes());
  const std::vector<std::byte> expected = plain_dense_codes(random, output);
  for (std::int64_t step = 1; step < shape.pixels; step += 7) {
    std::vector<std::byte> codes(expected.size());
    for (std::int64_t first = 0; first < shape.pixels; first += step) {
      TapRows part = random.input();
      part.rows += first * shape.taps;
      part.num_pixels = std::min(step, shape.pixels - first);
      conv.run(part, {codes.data() + first * shape.out_channels, shape.out_channels}, scratch);
    }
    ASSERT_EQ(codes, expected) << "steps of " << step;
  }
}

TEST(DenseConv, LeavesWhatLiesBetweenTheRowsOfTheOutput) {
  const LayerShape shape{5, 1, 4, 18};
  Rng rng(7);
  const RandomLayer random(shape, {}, false, rng);
  const auto by = random_requantizers(numeric::Arithmetic::Onnx, DType::Int8, 1, -9, -9, rng);
  const DenseConv conv(random.layer, ConvOutput{DType::Int8, by});
  std::vector<std::byte> scratch(conv.scratch_bytes());
  const std::byte untouched{0x55};
  std::vector<std::byte> codes(100, untouched);
  conv.run(random.input(), {codes.data(), 20}, scratch);
  for (std::size_t p = 0; p < 5; ++p) {
    EXPECT_EQ(codes[p * 20 + 18], untouched);
    EXPECT_EQ(codes[p * 20 + 19], untouched);
  }
}

}  // namespace
}  // namespace sluice::exact
