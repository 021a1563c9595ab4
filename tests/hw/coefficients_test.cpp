// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/coefficients.hpp"

#include <gmock/gmock.h>

#include "tests/hw/unit_coefficients.hpp"
#include "tests/support/temp_folder.hpp"

#include "sluice/base/file.hpp"
#include "sluice/hw/library/modules.hpp"
#include "sluice/hw/modules/kinds.hpp"

namespace sluice::hw {
namespace {

using ::testing::HasSubstr;

std::string coefficients_error(const Json& document) {
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

TEST(Coefficients, MaySayWhatTheyWereFittedTo) {
  Json document = test::uniform_document(1);
  EXPECT_FALSE(Coefficients::parse(document)->fit());
  document["fit"] = {{"toolchain", "tool 1.0"},
                     {"device", "zcu104"},
                     {"samples", 120},
                     {"lut_error_percent", 7.5},
                     {"ff_error_percent", 3}};
  const auto by = Coefficients::parse(document);
  ASSERT_TRUE(by) << by.error().text();
  EXPECT_EQ(by->fit(), (Fit{"tool 1.0", "zcu104", 120, 7.5, 3}));

  const auto error_with = [&](const char* key, const Json& value) {
    Json changed = document;
    changed["fit"][key] = value;
    return coefficients_error(changed);
  };
  EXPECT_EQ(error_with("samples", 0), "/fit/samples: must be positive, is 0");
  EXPECT_THAT(error_with("samples", 1.5), HasSubstr("/fit/samples"));
  EXPECT_EQ(error_with("ff_error_percent", -1),
            "/fit/ff_error_percent: must not be negative, is -1");
  EXPECT_EQ(error_with("toolchain", ""), "/fit/toolchain: must not be empty");
  EXPECT_THAT(error_with("sample", 1), HasSubstr("(did you mean \"samples\"?)"));
  document["fit"].erase("device");
  EXPECT_THAT(coefficients_error(document), HasSubstr("/fit"));
}

// Those of fpgaConvNet's modules, by hand: eight maxima of two words of 16 bits, one more that no
// feature can take off, their handshake, and flags for the four levels.
TEST(DefaultCoefficients, CountAPoolingByItsGates) {
  const auto by = default_coefficients();
  ASSERT_TRUE(by) << by.error().text();
  EXPECT_THAT(by->provenance(), HasSubstr("gates counted by hand"));
  const Pool pool{{.map = {8, 8, 1, 4}}, {3, 3}};
  const ModuleResources found = pool.resources(*by);
  EXPECT_EQ(found.logic_lut, 9 * 16 + 2 + 1);
  EXPECT_EQ(found.ff, 9 * 16 + 4 + 1);
}

// Two features of a sliding window and of a squeeze have coefficients below zero.
TEST(DefaultCoefficients, NeverCountLessThanNothing) {
  const auto by = default_coefficients();
  ASSERT_TRUE(by) << by.error().text();
  for (const bool is_3d : {false, true}) {
    const Stream stream{.map = {1, 1, 1, 1}, .is_3d = is_3d, .data_bits = 1};
    for (std::int64_t k = 1; k <= 3; ++k) {
      const auto window = SlidingWindow{stream, {k, k, is_3d ? k : 1}, {}, {}}.resources(*by);
      EXPECT_GT(window.ff, 0);
      EXPECT_GE(window.logic_lut, 0);
      for (std::int64_t n = 1; n <= 3; ++n) {
        const auto squeeze = Squeeze{stream, k, n}.resources(*by);
        EXPECT_GT(squeeze.ff, 0);
        EXPECT_GT(squeeze.logic_lut, 0);
      }
    }
  }
}

TEST(Coefficients, SayWhereAFileIsWrong) {
  Json document = test::uniform_document(1);
  document["modules"]["accum"]["ff"].push_back(3);
  EXPECT_THAT(coefficients_error(document),
              HasSubstr("/modules/accum/ff: has 8 coefficients, 7 are needed"));
  document = test::uniform_document(1);
  document["modules"]["glue"].erase("lut_sr");
  EXPECT_THAT(coefficients_error(document), HasSubstr("/modules/glue"));
  document = test::uniform_document(1);
  document["modules"]["acum"] = document["modules"]["accum"];
  EXPECT_THAT(coefficients_error(document), HasSubstr("(did you mean \"accum\"?)"));
  document = test::uniform_document(1);
  document["format"] = "sluice.coefficients/2";
  EXPECT_THAT(coefficients_error(document), HasSubstr("sluice.coefficients/1"));
  document = test::uniform_document(1);
  document["modules"]["pool"]["ff"][0] = "many";
  EXPECT_THAT(coefficients_error(document), HasSubstr("/modules/pool/ff/0"));
}

// A register of 64 bits with a flag: what else is it to take?
TEST(DefaultCoefficients, AreFittedToTheModulesThatAreEmitted) {
  const auto by = default_coefficients();
  ASSERT_TRUE(by) << by.error().text();
  ASSERT_TRUE(by->has_library());
  ASSERT_TRUE(by->fit());
  EXPECT_GT(by->fit()->samples, 300);
  EXPECT_LT(by->fit()->lut_error_percent, 10);
  EXPECT_LT(by->fit()->ff_error_percent, 10);
  const library::Module stage = library::Stage{.width = 64};
  const library::Cost cost = library::cost_of(stage);
  EXPECT_EQ(by->library_ff(stage.index(), cost.ff.values()), 65);
}

TEST(Coefficients, OfTheLibraryNameEveryModule) {
  Json document = test::uniform_document(1);
  EXPECT_FALSE(Coefficients::parse(document)->has_library());
  document["library"] = {{"sl_clip", {{"lut", {1, 1}}, {"ff", {1, 1}}}}};
  EXPECT_THAT(coefficients_error(document), HasSubstr("/library"));
  document["library"] = {{"sl_clipp", {{"lut", {1, 1}}, {"ff", {1, 1}}}}};
  EXPECT_THAT(coefficients_error(document), HasSubstr("did you mean \"sl_clip\"?"));
}

}  // namespace
}  // namespace sluice::hw
