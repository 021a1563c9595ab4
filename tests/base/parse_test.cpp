// SPDX-License-Identifier: Apache-2.0
#include "sluice/base/parse.hpp"

#include <cmath>
#include <cstdint>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice {
namespace {

TEST(ParseWhole, TakesAllOfTheTextOrNothing) {
  EXPECT_EQ(parse_whole<int>("-12"), -12);
  EXPECT_EQ(parse_whole<std::uint64_t>("ff", 16), 255U);
  EXPECT_EQ(parse_whole<double>("0.5e1"), 5.0);
  for (const char* text : {"", " 1", "1 ", "+1", "1x", "one"}) {
    EXPECT_FALSE(parse_whole<int>(text)) << text;
    EXPECT_FALSE(parse_whole<double>(text)) << text;
  }
}

TEST(ParseWhole, HasNothingForWhatTheTypeDoesNotHold) {
  EXPECT_EQ(parse_whole<std::int8_t>("127"), 127);
  EXPECT_FALSE(parse_whole<std::int8_t>("128"));
  EXPECT_FALSE(parse_whole<std::uint64_t>("-1"));
  EXPECT_FALSE(parse_whole<float>("1e99"));
  EXPECT_TRUE(std::isnan(*parse_whole<float>("nan")));
}

TEST(PartsOfList, AreOneMoreThanItsCommas) {
  using testing::ElementsAre;
  EXPECT_THAT(parts_of_list("a,b"), ElementsAre("a", "b"));
  EXPECT_THAT(parts_of_list("a"), ElementsAre("a"));
  EXPECT_THAT(parts_of_list(""), ElementsAre(""));
  EXPECT_THAT(parts_of_list(",a,,"), ElementsAre("", "a", "", ""));
}

}  // namespace
}  // namespace sluice
