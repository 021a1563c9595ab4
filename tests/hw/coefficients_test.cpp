// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/coefficients.hpp"

#include <gmock/gmock.h>

#include "tests/hw/unit_coefficients.hpp"
#include "tests/support/temp_folder.hpp"

#include "sluice/base/file.hpp"

namespace sluice::hw {
namespace {

using ::testing::HasSubstr;

std::string error_of(const Json& document) {
  const auto result = Coefficients::parse(document);
  return result ? "" : result.error().text();
}

TEST(Coefficients, AddUpFeaturesAndCutTheSum) {
  Json document = test::uniform_document(0);
  document["modules"]["bias"]["ff"] = {0.5, 2, 0.25};
  const auto by = Coefficients::parse(document);
  ASSERT_TRUE(by) << by.error().text();
  EXPECT_EQ(by->provenance(), "made up");
  const std::array features{3.0, 4.0, 1.0};  // 9.75
  EXPECT_EQ(by->count(Regression::Bias, Part::Ff, features), 9);
}

TEST(Coefficients, AreReadFromAFile) {
  const TempFolder temp;
  const auto path = temp.path() / "mine.json";
  ASSERT_TRUE(write_file(path, dump_json(test::uniform_document(1))));
  EXPECT_TRUE(Coefficients::read(path));
  ASSERT_TRUE(write_file(path, "{}"));
  const auto result = Coefficients::read(path);
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().text(), HasSubstr("mine.json"));
}

TEST(Coefficients, SayWhereAFileIsWrong) {
  Json document = test::uniform_document(1);
  document["modules"]["accum"]["ff"].push_back(3);
  EXPECT_THAT(error_of(document), HasSubstr("/modules/accum/ff: has 8 coefficients, 7 are needed"));
  document = test::uniform_document(1);
  document["modules"]["glue"].erase("lut_sr");
  EXPECT_THAT(error_of(document), HasSubstr("/modules/glue"));
  document = test::uniform_document(1);
  document["modules"]["acum"] = document["modules"]["accum"];
  EXPECT_THAT(error_of(document), HasSubstr("(did you mean \"accum\"?)"));
  document = test::uniform_document(1);
  document["format"] = "sluice.coefficients/2";
  EXPECT_THAT(error_of(document), HasSubstr("sluice.coefficients/1"));
  document = test::uniform_document(1);
  document["modules"]["pool"]["ff"][0] = "many";
  EXPECT_THAT(error_of(document), HasSubstr("/modules/pool/ff/0"));
}

}  // namespace
}  // namespace sluice::hw
