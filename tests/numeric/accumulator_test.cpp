// SPDX-License-Identifier: Apache-2.0
#include "sluice/numeric/accumulator.hpp"

#include <gtest/gtest.h>
#include <limits>
#include <random>
#include <vector>

namespace sluice::numeric {
namespace {

__extension__ using Wide = __int128;

constexpr std::int64_t kMin64 = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMax64 = std::numeric_limits<std::int64_t>::max();

// Ends of all widths, what lies next to them, and numbers of all sizes.
std::vector<std::int64_t> hard_integers() {
  std::vector<std::int64_t> values{kMin64, kMin64 + 1, kMax64, kMax64 - 1, 0};
  for (int bit = 0; bit < 63; ++bit) {
    for (const std::int64_t near : {-1, 0, 1}) {
      values.push_back((std::int64_t{1} << bit) + near);
      values.push_back(-(std::int64_t{1} << bit) + near);
    }
  }
  std::mt19937_64 random(1);
  for (int i = 0; i < 200; ++i) {
    values.push_back(static_cast<std::int64_t>(random()) >> (random() % 64));
  }
  return values;
}

// The definitions, in words of wide integers.
Wide wrapped(Wide sum, int bits) {
  const Wide period = static_cast<Wide>(1) << bits;
  Wide rest = sum % period;
  if (rest < 0) rest += period;
  return rest >= period / 2 ? rest - period : rest;
}

Wide saturated(Wide sum, int bits) {
  const Wide half = static_cast<Wide>(1) << (bits - 1);
  if (sum >= half) return half - 1;
  return sum < -half ? -half : sum;
}

TEST(AccumulatorAdd, EqualsWideIntegersAtEveryWidth) {
  const std::vector<std::int64_t> values = hard_integers();
  for (int bits = kMinAccumulatorBits; bits <= kMaxAccumulatorBits; ++bits) {
    const Accumulator wrap{bits, Overflow::Wrap};
    const Accumulator saturate{bits, Overflow::Saturate};
    for (const std::int64_t value : values) {
      const auto sum = static_cast<std::int64_t>(wrapped(value, bits));
      for (const std::int64_t term : values) {
        const Wide exact = static_cast<Wide>(sum) + term;
        ASSERT_EQ(add(sum, term, wrap), static_cast<std::int64_t>(wrapped(exact, bits)))
            << sum << " + " << term << " in " << bits;
        ASSERT_EQ(add(sum, term, saturate), static_cast<std::int64_t>(saturated(exact, bits)))
            << sum << " + " << term << " in " << bits;
      }
    }
  }
}

// Two's complement comes back when a sum does; a saturated sum has lost what was beyond.
TEST(AccumulatorAdd, OrderMattersOnlyWhereItSaturates) {
  const Accumulator wrap{4, Overflow::Wrap};
  EXPECT_EQ(add(add(5, 6, wrap), -7, wrap), 4);
  const Accumulator saturate{4, Overflow::Saturate};
  EXPECT_EQ(add(add(5, 6, saturate), -7, saturate), 0);
  EXPECT_EQ(add(add(5, -7, saturate), 6, saturate), 4);
}

TEST(Fits64Bits, SaysWhereTheSumIs) {
  EXPECT_TRUE(fits_64_bits(kMax64 - 5, 5));
  EXPECT_FALSE(fits_64_bits(kMax64 - 5, 6));
  EXPECT_TRUE(fits_64_bits(kMin64 + 5, -5));
  EXPECT_FALSE(fits_64_bits(kMin64 + 5, -6));
  EXPECT_TRUE(fits_64_bits(kMin64, kMax64));
  EXPECT_FALSE(fits_64_bits(-1, kMin64));
}

TEST(CheckAccumulator, NamesWhatIsWrong) {
  EXPECT_TRUE(check_accumulator({}));
  EXPECT_TRUE(check_accumulator({2, Overflow::Saturate}));
  for (const int bits : {-1, 0, 1, 65}) {
    const Status status = check_accumulator({bits, Overflow::Wrap});
    ASSERT_FALSE(status);
    EXPECT_NE(status.error().message.find("must be 2 to 64"), std::string::npos);
  }
  for (const Overflow overflow :
       {Overflow::SaturateSymmetric, Overflow::SaturateToZero, Overflow::WrapSignMagnitude}) {
    EXPECT_FALSE(check_accumulator({16, overflow}));
  }
}

}  // namespace
}  // namespace sluice::numeric
