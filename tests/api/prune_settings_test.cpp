// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/prune_settings.hpp"

#include <gmock/gmock.h>

namespace sluice::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

template <class T>
std::string error_of(const Result<T>& result) {
  if (result) return "no error";
  EXPECT_EQ(result.error().code, ErrorCode::InvalidArgument);
  return result.error().text();
}

TEST(ParseNumber, TakesWholeNumbersOfAnyForm) {
  EXPECT_EQ(*parse_number("0.005"), 0.005);
  EXPECT_EQ(*parse_number("-1e-3"), -1e-3);
}

TEST(ParseNumber, RefusesEverythingElse) {
  for (const char* text : {"", "x", "1x", " 1", "1 ", "0.5,", "--1"}) {
    EXPECT_THAT(error_of(parse_number(text)), HasSubstr("is no number")) << text;
  }
}

TEST(ParseNumbers, AreParted) {
  EXPECT_THAT(*parse_numbers("0.3,0.5"), ElementsAre(0.3, 0.5));
  EXPECT_THAT(*parse_numbers("1"), ElementsAre(1));
  EXPECT_THAT(error_of(parse_numbers("0.3,")), HasSubstr("\"\" is no number"));
}

TEST(ParseSettings, HaveOneForAllAndSomeByName) {
  const auto settings = parse_thresholds("0.5", {"conv1=0.25", "/a=b/Conv=2"});
  ASSERT_TRUE(settings) << settings.error().text();
  EXPECT_EQ(settings->all, 0.5F);
  EXPECT_EQ(settings->of("conv1"), 0.25F);
  EXPECT_EQ(settings->of("/a=b/Conv"), 2);
  EXPECT_EQ(settings->of("other"), 0.5F);
}

TEST(ParseSettings, OfPartsAndPatterns) {
  EXPECT_EQ(parse_parts("0.5", {"a=0.1"})->of("a"), 0.1);
  EXPECT_EQ(parse_patterns("2:4", {"a=1:4"})->of("a"), (sparse::Pattern{1, 4}));
}

TEST(ParseSettings, RefuseWordsWithoutNameOrValue) {
  EXPECT_THAT(error_of(parse_parts("0.5", {"conv1"})), HasSubstr("\"conv1\": is not NAME=VALUE"));
  EXPECT_THAT(error_of(parse_parts("0.5", {"=0.5"})), HasSubstr("is not NAME=VALUE"));
  EXPECT_THAT(error_of(parse_parts("0.5", {"a=b"})), HasSubstr("\"a=b\": \"b\" is no number"));
  EXPECT_THAT(error_of(parse_patterns("2:4", {"a=4:2"})), HasSubstr("N must not exceed M"));
}

TEST(ParseSettings, RefuseALayerTwice) {
  EXPECT_THAT(error_of(parse_parts("0.5", {"a=0.1", "a=0.1"})), HasSubstr("a second value"));
}

TEST(ParseReluThresholds, TakesOneForAllOrNamedOnesOrBoth) {
  EXPECT_EQ(parse_relu_thresholds({})->all, std::nullopt);
  EXPECT_EQ(parse_relu_thresholds({"0.5"})->all, 0.5F);
  const auto both = parse_relu_thresholds({"relu=0.25", "0.5"});
  ASSERT_TRUE(both);
  EXPECT_EQ(both->of("relu"), 0.25F);
  EXPECT_EQ(both->of("other"), 0.5F);
}

TEST(ParseReluThresholds, RefusesTwoForAll) {
  EXPECT_THAT(error_of(parse_relu_thresholds({"0.5", "0.25"})), HasSubstr("second threshold"));
}

}  // namespace
}  // namespace sluice::api
