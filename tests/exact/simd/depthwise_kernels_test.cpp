// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/simd/depthwise_kernels.hpp"

#include <gtest/gtest.h>

#include "tests/exact/simd/random_layer.hpp"
#include "tests/support/every_target.hpp"

#include "sluice/exact/simd/depthwise.hpp"

namespace sluice::exact {
namespace {

void expect_equal_to_plain(const LayerShape& shape, const LayerTypes& types,
                           const DepthwiseKernels& kernels, const char* target) {
  Rng rng(static_cast<std::uint64_t>(shape.taps * 1000 + shape.channels));
  const RandomLayer random(shape, types, true, rng);
  const DepthwiseConv conv(random.layer, {}, kernels);
  const std::vector<std::int32_t> expected = random.accumulators();
  std::vector<std::int32_t> acc(expected.size());
  conv.accumulate(random.input(), {acc.data(), shape.channels});
  ASSERT_EQ(acc, expected) << target << ' ' << kernels.name << ' ' << to_text(shape, types);
}

void expect_depthwise_equal_on_every_target(const LayerShape& shape) {
  for (const LayerTypes& types : every_type()) {
    test::on_every_target([&](const char* target) {
      expect_equal_to_plain(shape, types, depthwise_kernels(), target);
      expect_equal_to_plain(shape, types, single_depthwise_kernels(), target);
    });
  }
}

TEST(DepthwiseKernels, EqualTheDefinitionForEveryNumberOfTaps) {
  for (const std::int64_t taps : {1, 2, 3, 4, 5, 8, 9, 15, 25, 49}) {
    expect_depthwise_equal_on_every_target({3, taps, 70, 0});
  }
}

TEST(DepthwiseKernels, EqualTheDefinitionForChannelsThatFillNoVector) {
  for (const std::int64_t channels : {1, 3, 4, 15, 16, 17, 32, 33, 63, 64, 65, 96, 144}) {
    expect_depthwise_equal_on_every_target({5, 9, channels, 0});
  }
}

// Pixels whose nine taps overlap by columns, by every second column, and not at all.
TEST(DepthwiseKernels, EqualTheDefinitionForAnyNumberOfPixels) {
  for (const std::int64_t step : {1, 2, 3}) {
    for (const std::int64_t pixels : {1, 2, 3, 4, 5, 6, 7, 31, 32, 33, 100}) {
      expect_depthwise_equal_on_every_target({pixels, 9, 24, 0, step});
    }
    expect_depthwise_equal_on_every_target({100, 9, 64, 0, step});
  }
}

}  // namespace
}  // namespace sluice::exact
