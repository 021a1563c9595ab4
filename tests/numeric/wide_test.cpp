// SPDX-License-Identifier: Apache-2.0
#include "sluice/numeric/wide.hpp"

#include <gtest/gtest.h>

namespace sluice::numeric {
namespace {

TEST(SignedBits, CountTheSign) {
  EXPECT_EQ(signed_bits(0), 1);
  EXPECT_EQ(signed_bits(-1), 1);
  EXPECT_EQ(signed_bits(1), 2);
  EXPECT_EQ(signed_bits(-2), 2);
  EXPECT_EQ(signed_bits(127), 8);
  EXPECT_EQ(signed_bits(-128), 8);
  EXPECT_EQ(signed_bits(128), 9);
}

TEST(SignedBits, OfNumbersOfMoreThan64Bits) {
  const Wide large = static_cast<Wide>(1) << 100;
  EXPECT_EQ(signed_bits(large), 102);
  EXPECT_EQ(signed_bits(-large), 101);
}

}  // namespace
}  // namespace sluice::numeric
