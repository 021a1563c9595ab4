// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/config/fields.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace sluice::hw {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Parameters {
  explicit Parameters(Json from, bool is_3d)
      : json(std::move(from)), fields(JsonReader(json), is_3d, notes) {}
  Json json;
  Notes notes;
  Fields fields;
};

TEST(Fields, AreAtLeastWhatTheyMustBe) {
  const Parameters of({{"fine", 0}}, false);
  EXPECT_EQ(*of.fields.whole("fine", 0), 0);
  EXPECT_EQ(of.fields.whole("fine").error().text(), "/fine: must be at least 1, found 0");
  EXPECT_THAT(of.fields.whole("coarse").error().text(), HasSubstr("lacks the key \"coarse\""));
  EXPECT_EQ(*of.fields.whole_or("coarse", 7), 7);
}

TEST(Fields, OfWordsHaveWidths) {
  const auto error_of = [](std::int64_t width, std::int64_t point) {
    const Parameters of({{"data_t", {{"width", width}, {"binary_point", point}}}}, false);
    const auto result = of.fields.type("data_t");
    return result ? "" : result.error().text();
  };
  EXPECT_EQ(error_of(16, 20), "");
  EXPECT_THAT(error_of(0, 8), HasSubstr("/data_t/width"));
  EXPECT_THAT(error_of(2000, 8), HasSubstr("at most 1024"));
  EXPECT_THAT(error_of(16, 2000), HasSubstr("/data_t/binary_point"));
}

TEST(Fields, OfWindowsAgreeWithTheirList) {
  const Parameters good({{"kernel_rows", 3}, {"kernel_cols", 5}, {"kernel_size", {3, 5}}}, false);
  EXPECT_EQ(good.fields.extent("kernel", "kernel_size")->cols, 5);
  const Parameters bad({{"kernel_rows", 3}, {"kernel_cols", 5}, {"kernel_size", {5, 3}}}, false);
  EXPECT_THAT(bad.fields.extent("kernel", "kernel_size").error().text(),
              HasSubstr("/kernel_size: is not what kernel_rows and kernel_cols say"));
}

TEST(Fields, OfThreeDimensionsHaveDepths) {
  const Parameters of({{"rows_in", 2}, {"cols_in", 3}, {"depth_in", 4}, {"channels_in", 5}}, true);
  EXPECT_EQ(of.fields.map_in()->depth, 4);
  EXPECT_EQ(of.fields.map_in(9)->channels, 9);
  EXPECT_THAT(of.fields.padding().error().text(), HasSubstr("pad_top"));
}

TEST(Fields, AreFloat32ToTheirProgram) {
  const Parameters of({{"threshold", 0.7}, {"scale", {1, 0.5}}}, false);
  EXPECT_EQ(*of.fields.real("threshold"), static_cast<double>(0.7F));
  EXPECT_THAT(*of.fields.reals("scale"), ElementsAre(1, 0.5));
}

TEST(Notes, CountLayers) {
  Notes notes;
  notes.lacks("mem_bw_in", "taken as 100");
  notes.lacks("mem_bw_in", "taken as 100");
  notes.passes_over("x", "for a reason");
  notes.add("more");
  EXPECT_THAT(notes.lines(), ElementsAre("\"mem_bw_in\" is missing: taken as 100, in 2 layers",
                                         "\"x\" is passed over: for a reason, in 1 layer", "more"));
}

}  // namespace
}  // namespace sluice::hw
