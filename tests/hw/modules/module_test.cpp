// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/modules/module.hpp"

#include <gtest/gtest.h>

#include "tests/hw/unit_coefficients.hpp"

namespace sluice::hw {
namespace {

TEST(Timing, IsThatOfTheSlowerSide) {
  const FeatureMap in{4, 5, 1, 3};
  const FeatureMap out{2, 2, 1, 8};
  EXPECT_EQ(timing_of(in, out, 1, 1).latency_cycles, 60);
  EXPECT_EQ(timing_of(in, out, 1, 0.3).latency_cycles, 106);  // ⌊32/0.3⌋
  EXPECT_EQ(passing(in).latency_cycles, 60);
  EXPECT_EQ(passing(in).pipeline_depth, 0);
}

TEST(CountBits, IsTheLogarithmRoundedUp) {
  EXPECT_EQ(count_bits(1), 0);
  EXPECT_EQ(count_bits(2), 1);
  EXPECT_EQ(count_bits(3), 2);
  EXPECT_EQ(count_bits(4), 2);
  EXPECT_EQ(count_bits((std::int64_t{1} << 40) + 1), 41);
}

TEST(ModuleResources, AddUpTheKindsOfLuts) {
  const std::array logic_lut{4.0};
  const std::array lut_ram{5.0};
  const std::array ff{1.0, 2.0, 3.0};
  EXPECT_EQ(count(test::uniform(2), Regression::Bias, {logic_lut, lut_ram, {}, ff}),
            (ModuleResources{.logic_lut = 8, .lut_ram = 10, .lut = 18, .ff = 12}));
}

}  // namespace
}  // namespace sluice::hw
