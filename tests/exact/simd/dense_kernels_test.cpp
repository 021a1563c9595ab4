// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/simd/dense_kernels.hpp"

#include <gtest/gtest.h>

#include "tests/exact/simd/random_layer.hpp"
#include "tests/support/every_target.hpp"

#include "sluice/exact/simd/dense.hpp"

namespace sluice::exact {
namespace {

void expect_equal_to_plain(const LayerShape& shape, const LayerTypes& types,
                           const DenseKernels& kernels, const char* target) {
  Rng rng(static_cast<std::uint64_t>(shape.pixels * 1000 + shape.channels));
  const RandomLayer random(shape, types, false, rng);
  const DenseConv conv(random.layer, {}, kernels);
  std::vector<std::byte> scratch(conv.scratch_bytes());
  const std::vector<std::int32_t> expected = random.accumulators();
  std::vector<std::int32_t> acc(expected.size());
  conv.accumulate(random.input(), {acc.data(), shape.out_channels}, scratch);
  ASSERT_EQ(acc, expected) << target << ' ' << kernels.name << ' ' << to_text(shape, types);
}

void expect_dense_equal_on_every_target(const LayerShape& shape) {
  for (const LayerTypes& types : every_type()) {
    test::on_every_target([&](const char* target) {
      expect_equal_to_plain(shape, types, dense_kernels(), target);
      expect_equal_to_plain(shape, types, widening_dense_kernels(), target);
    });
  }
}

TEST(DenseKernels, EqualTheDefinitionForEachNumberOfRows) {
  for (std::int64_t pixels = 1; pixels <= 2 * kMaxTileRows + 1; ++pixels) {
    expect_dense_equal_on_every_target({pixels, 1, 20, 19});
  }
}

TEST(DenseKernels, EqualTheDefinitionForChannelsThatFillNoStep) {
  for (const std::int64_t channels : {1, 2, 3, 4, 5, 16, 17, 63, 64, 65}) {
    expect_dense_equal_on_every_target({5, 3, channels, 17});
  }
}

TEST(DenseKernels, EqualTheDefinitionForOutputChannelsThatFillNoVector) {
  for (const std::int64_t out_channels : {1, 7, 8, 15, 16, 17, 31, 32, 33, 48, 64, 100}) {
    expect_dense_equal_on_every_target({3, 2, 8, out_channels});
  }
}

TEST(DenseKernels, EqualTheDefinitionForEveryNumberOfTaps) {
  for (const std::int64_t taps : {1, 2, 3, 9, 25, 49}) {
    expect_dense_equal_on_every_target({4, taps, 12, 10});
    expect_dense_equal_on_every_target({4, taps, 3, 10});
  }
}

// More rows than go through the panels together, and the longest sums of a network.
TEST(DenseKernels, EqualTheDefinitionForManyPixelsAndDeepSums) {
  expect_dense_equal_on_every_target({250, 9, 4, 40});
  expect_dense_equal_on_every_target({15, 9, 512, 33});
}

}  // namespace
}  // namespace sluice::exact
