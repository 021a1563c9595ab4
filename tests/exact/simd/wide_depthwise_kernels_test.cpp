// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/simd/wide_depthwise_kernels.hpp"

#include <gtest/gtest.h>

#include "tests/exact/simd/random_wide_layer.hpp"
#include "tests/support/every_target.hpp"

#include "sluice/exact/simd/wide_depthwise.hpp"

namespace sluice::exact {
namespace {

void expect_wide_depthwise_equal_on_every_target(const LayerShape& shape) {
  for (const WideTypes& types : every_wide_type()) {
    test::on_every_target([&](const char* target) {
      Rng rng(static_cast<std::uint64_t>(shape.pixels * 1000 + shape.channels));
      const RandomWideLayer random(shape, types, true, rng);
      const WideDepthwise depthwise(random.layer);
      const std::vector<std::int64_t> expected = random.accumulators();
      std::vector<std::int64_t> acc(expected.size());
      depthwise.accumulate(random.input(), {acc.data(), shape.channels});
      ASSERT_EQ(acc, expected) << target << ' ' << to_text(shape, types);
    });
  }
}

TEST(WideDepthwiseKernels, EqualTheDefinitionForChannelsThatFillNoVector) {
  for (const std::int64_t channels : {1, 3, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 65, 130}) {
    expect_wide_depthwise_equal_on_every_target({5, 9, channels, 0});
  }
}

TEST(WideDepthwiseKernels, EqualTheDefinitionForEveryNumberOfTaps) {
  for (const std::int64_t taps : {1, 2, 3, 9, 25, 49}) {
    expect_wide_depthwise_equal_on_every_target({60, taps, 20, 0});
  }
}

}  // namespace
}  // namespace sluice::exact
