// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/simd/wide_depthwise.hpp"

#include <gtest/gtest.h>

#include "tests/exact/simd/random_wide_layer.hpp"

namespace sluice::exact {
namespace {

using numeric::Arithmetic;

// However the pixels are split.
TEST(WideDepthwise, EqualsTheDefinition) {
  const LayerShape shape{61, 9, 70, 0};
  for (const DType type : {DType::Int8, DType::UInt16, DType::Int16, DType::Int32}) {
    Rng rng(4);
    const RandomWideLayer random(shape, {}, true, rng);
    const auto by = random_shifts(Arithmetic::ShiftHalfEven, type, 70, 32, rng);
    const WideDepthwise depthwise(random.layer, WideOutput{type, by});
    const std::vector<std::int64_t> acc = random.accumulators();
    const std::int64_t bytes = code_bytes(type);
    std::vector<std::byte> expected(acc.size() * static_cast<std::size_t>(bytes));
    for (std::size_t i = 0; i < acc.size(); ++i) {
      const std::int64_t code = numeric::requantize_wide(acc[i], by[i % 70]);
      std::memcpy(expected.data() + static_cast<std::int64_t>(i) * bytes, &code,
                  static_cast<std::size_t>(bytes));
    }
    for (const std::int64_t step : {5, 28, 61}) {
      std::vector<std::byte> codes(expected.size());
      for (std::int64_t first = 0; first < shape.pixels; first += step) {
        TapRows part = random.input();
        part.rows += first * shape.taps;
        part.num_pixels = std::min(step, shape.pixels - first);
        depthwise.run(part, {codes.data() + first * 70 * bytes, 70 * bytes});
      }
      ASSERT_EQ(codes, expected) << to_string(type) << " steps of " << step;
    }
  }
}

}  // namespace
}  // namespace sluice::exact
