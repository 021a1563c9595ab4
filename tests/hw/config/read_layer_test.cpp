// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/config/read_layer.hpp"

#include <gmock/gmock.h>

#include "tests/hw/config/every_kind.hpp"

namespace sluice::hw {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string layer_error(const Json& layer) {
  Notes notes;
  const auto result = read_layer(JsonReader(layer), nullptr, notes);
  return result ? "" : result.error().text();
}

// One parameter of a layer, changed.
std::string error_with(const std::string& name, const std::string& key, const Json& value) {
  Json layer = test::layer_of_every_kind(name);
  layer["parameters"][key] = value;
  return layer_error(layer);
}

TEST(ReadLayer, RefusesFoldingsThatDoNotDivide) {
  EXPECT_THAT(error_with("conv", "coarse_in", 3),
              HasSubstr("/parameters/coarse_in: coarse_in is 3; feasible: 1, 2, 4"));
  EXPECT_THAT(error_with("conv", "fine", 2), HasSubstr("feasible: 1, 3, 9"));
  EXPECT_THAT(error_with("relu", "coarse", 2), HasSubstr("is 2, coarse_in is 1"));
}

TEST(ReadLayer, RefusesShapesThatDoNotFollow) {
  EXPECT_THAT(error_with("conv", "rows_out", 7),
              HasSubstr("is 7, the layer's other parameters make 8"));
  EXPECT_THAT(error_with("conv", "channels_out", 9), HasSubstr("/parameters/channels_out"));
  EXPECT_THAT(error_with("conv", "kernel_rows", 100), HasSubstr("kernel_size"));
}

TEST(ReadLayer, RefusesPortsThatAreNotThere) {
  EXPECT_THAT(error_with("add", "ports_in", 3), HasSubstr("has 2 values, the layer has 3 ports"));
  EXPECT_THAT(error_with("add", "ports_in", 1000000000), HasSubstr("is more than 4096"));
  EXPECT_THAT(error_with("concat", "channels_in_array", {16}),
              HasSubstr("there are channels for 1"));
  EXPECT_THAT(error_with("relu", "stream_inputs", {true, true}), HasSubstr("has 2 values"));
}

TEST(ReadLayer, RefusesRatesAndRatiosOfNothing) {
  EXPECT_THAT(error_with("relu", "mem_bw_in", 0), HasSubstr("must be above 0"));
  EXPECT_THAT(error_with("relu", "input_compression_ratio", {-1}), HasSubstr("must be above 0"));
}

TEST(ReadLayer, RefusesMoreBlocksOffChipThanThereAre) {
  EXPECT_THAT(error_with("conv", "stream_weights", 9), HasSubstr("the weights have 0 to"));
}

TEST(ReadLayer, TakesFilesFromBeforeCompression) {
  Json layer = test::layer_of_every_kind("conv");
  for (const char* key : {"input_compression_ratio", "output_compression_ratio",
                          "weight_compression_ratio", "stream_weights", "stream_inputs"}) {
    layer["parameters"].erase(key);
  }
  Notes notes;
  const auto result = read_layer(JsonReader(layer), nullptr, notes);
  ASSERT_TRUE(result) << result.error().text();
  EXPECT_EQ(result->inputs[0].compression_ratio, 1);
  EXPECT_EQ(notes.lines().size(), 5U);
}

TEST(ReadLayer, NotesWhatNothingReads) {
  Json layer = test::layer_of_every_kind("conv");
  layer["parameters"]["weights_ram_style"] = "distributed";
  Notes notes;
  EXPECT_TRUE(read_layer(JsonReader(layer), nullptr, notes));
  EXPECT_THAT(notes.lines(), ElementsAre(HasSubstr("\"weights_ram_style\" is passed over")));
}

TEST(ReadLayer, NotesAddressesThatDoNotFollow) {
  Json layer = test::layer_of_every_kind("conv");
  layer["parameters"]["on_chip_addr_range"] = 7;
  Notes notes;
  EXPECT_TRUE(read_layer(JsonReader(layer), nullptr, notes));
  EXPECT_THAT(notes.lines(), ElementsAre(HasSubstr("\"on_chip_addr_range\" is passed over")));
}

TEST(ShapeText, SaysWhatMustAgree) {
  const Graph graph = test::graph_of_every_kind();
  EXPECT_EQ(shape_text(graph[0].layer), "8x8x4 to 8x8x8, kernel 3x3, stride 1x1, 1 group");
  EXPECT_EQ(shape_text(graph[2].layer), "8x8x8 to 8x8x8");
}

}  // namespace
}  // namespace sluice::hw
