// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/build/view.hpp"

#include <array>
#include <gtest/gtest.h>

namespace sluice::hw {
namespace {

View plain(const Shape& shape) {
  return plain_tensor(shape)->view;
}

TEST(PlainTensor, HasSpaceByItsDimensions) {
  EXPECT_EQ(plain_tensor({1, 7})->map, (FeatureMap{1, 1, 1, 7}));
  EXPECT_EQ(plain_tensor({1, 7, 5})->map, (FeatureMap{1, 5, 1, 7}));
  EXPECT_EQ(plain_tensor({1, 7, 5, 4})->map, (FeatureMap{5, 4, 1, 7}));
  EXPECT_EQ(plain_tensor({1, 7, 3, 5, 4})->map, (FeatureMap{5, 4, 3, 7}));
  EXPECT_FALSE(plain_tensor({2, 7}));
  EXPECT_FALSE(plain_tensor({}));
}

TEST(View, OfOnePixelIsPlainWhenFlattened) {
  EXPECT_EQ(plain({1, 8, 1, 1}).reshaped({1, 8}), plain({1, 8}));
}

TEST(View, OfAMapFlattenedIsNotPlain) {
  const auto flat = plain({1, 8, 2, 2}).reshaped({1, 32});
  ASSERT_TRUE(flat);
  EXPECT_NE(*flat, plain({1, 32}));
  EXPECT_EQ(flat->reshaped({1, 8, 2, 2}), plain({1, 8, 2, 2}));
}

TEST(View, OfAMapWithChannelsLastIsTheStreamsOrder) {
  constexpr std::array<std::int64_t, 4> kChannelsLast{0, 2, 3, 1};
  const View view = plain({1, 8, 2, 3}).transposed(kChannelsLast);
  EXPECT_EQ(view.reshaped({1, 48}), plain({1, 48}));
}

TEST(View, CannotCutThroughARun) {
  EXPECT_FALSE(plain({1, 6}).reshaped({1, 4, 2}));
  EXPECT_FALSE(plain({1, 6, 2, 2}).reshaped({1, 3, 8, 1}).has_value() &&
               plain({1, 6}).reshaped({1, 5}).has_value());
}

TEST(ShuffledGroups, AreThoseOfAShuffle) {
  constexpr std::array<std::int64_t, 5> kSwap{0, 2, 1, 3, 4};
  const auto grouped = plain({1, 12, 2, 2}).reshaped({1, 3, 4, 2, 2});
  ASSERT_TRUE(grouped);
  const auto shuffled = grouped->transposed(kSwap).reshaped({1, 12, 2, 2});
  ASSERT_TRUE(shuffled);
  EXPECT_EQ(shuffled_groups(*shuffled, {1, 12, 2, 2}), 3);
  EXPECT_FALSE(shuffled_groups(plain({1, 12, 2, 2}), {1, 12, 2, 2}));
}

}  // namespace
}  // namespace sluice::hw
