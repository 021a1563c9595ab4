// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/simd/wide_dense_kernels.hpp"

#include <gtest/gtest.h>
#include <set>

#include "tests/exact/simd/random_wide_layer.hpp"
#include "tests/support/every_target.hpp"

#include "sluice/exact/simd/wide_dense.hpp"

namespace sluice::exact {
namespace {

void expect_equal_to_plain(const LayerShape& shape, const WideTypes& types,
                           const WideDenseKernels& kernels, const char* target) {
  Rng rng(static_cast<std::uint64_t>(shape.pixels * 1000 + shape.channels));
  const RandomWideLayer random(shape, types, false, rng);
  const WideDense dense(random.layer, {}, kernels);
  std::vector<std::byte> scratch(dense.scratch_bytes());
  const std::vector<std::int64_t> expected = random.accumulators();
  std::vector<std::int64_t> acc(expected.size());
  dense.accumulate(random.input(), {acc.data(), shape.out_channels}, scratch);
  ASSERT_EQ(acc, expected) << target << ' ' << kernels.name << ' ' << to_text(shape, types);
}

void expect_wide_dense_equal_on_every_target(const LayerShape& shape) {
  for (const WideTypes& types : every_wide_type()) {
    test::on_every_target([&](const char* target) {
      expect_equal_to_plain(shape, types, wide_dense_kernels(), target);
      expect_equal_to_plain(shape, types, basic_wide_dense_kernels(), target);
    });
  }
}

TEST(WideDenseKernels, EqualTheDefinitionForEachNumberOfRows) {
  for (std::int64_t pixels = 1; pixels <= 27; ++pixels) {
    expect_wide_dense_equal_on_every_target({pixels, 1, 20, 19});
  }
}

TEST(WideDenseKernels, EqualTheDefinitionForChannelsThatFillNoStep) {
  for (const std::int64_t channels : {1, 2, 3, 4, 5, 16, 17, 63, 64, 65}) {
    expect_wide_dense_equal_on_every_target({5, 3, channels, 17});
  }
}

TEST(WideDenseKernels, EqualTheDefinitionForOutputChannelsThatFillNoVector) {
  for (const std::int64_t out_channels : {1, 7, 8, 15, 16, 17, 31, 32, 33, 48, 64, 100}) {
    expect_wide_dense_equal_on_every_target({3, 2, 8, out_channels});
  }
}

TEST(WideDenseKernels, EqualTheDefinitionForEveryNumberOfTaps) {
  for (const std::int64_t taps : {1, 2, 3, 9, 25, 49}) {
    expect_wide_dense_equal_on_every_target({4, taps, 12, 10});
    expect_wide_dense_equal_on_every_target({4, taps, 3, 10});
  }
}

TEST(WideDenseKernels, EqualTheDefinitionForManyPixelsAndDeepSums) {
  expect_wide_dense_equal_on_every_target({130, 9, 4, 40});
  expect_wide_dense_equal_on_every_target({15, 9, 512, 33});
}

TEST(WideLane, IsAPlaceForEachChannel) {
  for (const std::int64_t lanes : {1, 2, 4, 8, 16}) {
    std::set<std::int64_t> places;
    for (std::int64_t c = 0; c < lanes; ++c) places.insert(wide_lane(c, lanes));
    EXPECT_EQ(static_cast<std::int64_t>(places.size()), lanes);
    EXPECT_EQ(*places.rbegin(), lanes - 1);
  }
}

}  // namespace
}  // namespace sluice::exact
