// SPDX-License-Identifier: Apache-2.0
#include "sluice/base/divide.hpp"

#include <gtest/gtest.h>

namespace sluice {
namespace {

TEST(DivideUp, RoundsUp) {
  EXPECT_EQ(divide_up(0, 4), 0);
  EXPECT_EQ(divide_up(4, 4), 1);
  EXPECT_EQ(divide_up(5, 4), 2);
}

TEST(ShareOf, IsAFractionOrPercent) {
  EXPECT_EQ(share_of(1, 4), 0.25);
  EXPECT_EQ(percent_of(1, 4), 25.0);
  EXPECT_EQ(share_of(std::uint64_t{3} << 62, std::uint64_t{3} << 62), 1.0);
}

TEST(ShareOf, OfNothingIsZero) {
  EXPECT_EQ(share_of(0, 0), 0.0);
  EXPECT_EQ(percent_of(0, 0), 0.0);
}

}  // namespace
}  // namespace sluice
