// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/simd/depthwise.hpp"

#include <gtest/gtest.h>

#include "tests/exact/simd/random_requantizers.hpp"
#include "tests/support/every_target.hpp"

namespace sluice::exact {
namespace {

std::vector<std::byte> plain_depthwise_codes(const RandomLayer& random, const ConvOutput& output) {
  const std::int64_t channels = random.layer.channels;
  const std::vector<std::int32_t> acc = random.accumulators();
  std::vector<std::byte> codes(acc.size());
  plain_requantize(output, random.input().num_pixels, channels, {acc.data(), channels},
                   {codes.data(), channels});
  return codes;
}

TEST(DepthwiseConv, EqualsTheDefinitionInEveryArithmeticAndType) {
  for (const std::int64_t channels : {24, 64, 145}) {
    const LayerShape shape{37, 9, channels, channels};
    for (const LayerTypes& types : every_type()) {
      for (const numeric::Arithmetic arithmetic : kKernelArithmetics) {
        Rng rng(5);
        const RandomLayer random(shape, types, true, rng);
        const auto by = random_requantizers(arithmetic, types.input, channels, -10, -6, rng);
        const ConvOutput output{types.input, by};
        const std::vector<std::byte> expected = plain_depthwise_codes(random, output);
        test::on_every_target([&](const char* target) {
          std::vector<std::byte> codes(expected.size());
          const DepthwiseConv conv(random.layer, output);
          conv.run(random.input(), {codes.data(), channels});
          ASSERT_EQ(codes, expected)
              << target << ' ' << numeric::to_string(arithmetic) << ' ' << to_text(shape, types);
        });
      }
    }
  }
}

// A factor above one: the stage takes its long way, from accumulators that quads interleave.
TEST(DepthwiseConv, IsRightWhereLanesHaveNoRoom) {
  const LayerShape shape{5, 4, 100, 100};
  Rng rng(6);
  const RandomLayer random(shape, {}, true, rng);
  const auto by =
      random_requantizers(numeric::Arithmetic::TfliteDouble, DType::Int8, 100, -10, 2, rng);
  const ConvOutput output{DType::Int8, by};
  std::vector<std::byte> codes(500);
  DepthwiseConv(random.layer, output).run(random.input(), {codes.data(), 100});
  EXPECT_EQ(codes, plain_depthwise_codes(random, output));
}

TEST(DepthwiseConv, GivesTheSameHoweverThePixelsAreSplit) {
  const LayerShape shape{61, 9, 20, 20};
  Rng rng(6);
  const RandomLayer random(shape, {}, true, rng);
  const auto by = random_requantizers(numeric::Arithmetic::Xnnpack, DType::Int8, 1, -9, -9, rng);
  const ConvOutput output{DType::Int8, by};
  const DepthwiseConv conv(random.layer, output);
  const std::vector<std::byte> expected = plain_depthwise_codes(random, output);
  for (std::int64_t step = 1; step < shape.pixels; step += 7) {
    std::vector<std::byte> codes(expected.size());
    for (std::int64_t first = 0; first < shape.pixels; first += step) {
      TapRows part = random.input();
      part.rows += first * shape.taps;
      part.num_pixels = std::min(step, shape.pixels - first);
      conv.run(part, {codes.data() + first * 20, 20});
    }
    ASSERT_EQ(codes, expected) << "steps of " << step;
  }
}

}  // namespace
}  // namespace sluice::exact
