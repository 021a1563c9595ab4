// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/library/modules.hpp"

#include <algorithm>
#include <filesystem>
#include <gmock/gmock.h>
#include <set>

#include "sluice/base/shipped.hpp"

namespace sluice::hw::library {
namespace {

TEST(LibraryModules, AreReadByTheParametersOfTheirFiles) {
  const auto module = module_of(
      "sl_dot", {{"XWidth", 4}, {"LanesOut", 6}, {"Beats", 3}, {"XSigned", 1}, {"Unknown", 9}});
  ASSERT_TRUE(module) << module.error().text();
  EXPECT_EQ(name_of(*module), "sl_dot");
  const auto& dot = std::get<Dot>(*module);
  EXPECT_EQ(dot.x_width, 4);
  EXPECT_EQ(dot.lanes_out, 6);
  EXPECT_EQ(dot.beats, 3);
  EXPECT_EQ(dot.filters, Dot{}.filters);
}

TEST(LibraryModules, RefuseOtherNames) {
  const auto module = module_of("sl_none", {});
  ASSERT_FALSE(module);
  EXPECT_THAT(module.error().message, testing::HasSubstr("sl_none"));
}

TEST(LibraryModules, EachHasAFileInRtl) {
  EXPECT_TRUE(std::ranges::is_sorted(kModuleNames));
  for (std::size_t i = 0; i < kNumModules; ++i) {
    EXPECT_EQ(name_of(module_of_index(i)), kModuleNames[i]);
    EXPECT_TRUE(find_shipped("rtl/" + std::string(kModuleNames[i]) + ".sv")) << kModuleNames[i];
  }
}

// Coefficients belong to places in the lists: these must not depend on parameters.
TEST(LibraryModules, HaveAsManyFeaturesWhateverTheirParametersAre) {
  const std::set<std::map<std::string, std::int64_t>> settings{
      {},
      {{"Beats", 1}, {"Lanes", 3}, {"LanesIn", 3}, {"LanesOut", 3}, {"Words", 1}, {"Depth", 1}},
      {{"Beats", 300},
       {"LanesIn", 2},
       {"LanesOut", 3},
       {"Parts", 4},
       {"Depth", 2},
       {"Columns", 1},
       {"XWidth", 4},
       {"WeightWidth", 4},
       {"MultiplierWidth", 0}},
  };
  for (std::size_t i = 0; i < kNumModules; ++i) {
    const Cost of_defaults = cost_of(module_of_index(i));
    for (const auto& setting : settings) {
      const auto module = module_of(kModuleNames[i], setting);
      ASSERT_TRUE(module);
      const Cost cost = cost_of(*module);
      EXPECT_EQ(cost.lut.values().size(), of_defaults.lut.values().size()) << kModuleNames[i];
      EXPECT_EQ(cost.ff.values().size(), of_defaults.ff.values().size()) << kModuleNames[i];
    }
  }
}

}  // namespace
}  // namespace sluice::hw::library
