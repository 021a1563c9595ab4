// SPDX-License-Identifier: Apache-2.0
#include "sluice/rtl/site.hpp"

#include <gmock/gmock.h>

namespace sluice::rtl {
namespace {

class SiteTest : public testing::Test {
 protected:
  SiteTest() {
    const ir::ValueId x = network_.add_input("x", DType::Int8, {1, 2, 3, 3});
    network_.add_node("relu", ir::Relu{}, {x});
    layer_.name = "relu_layer";
    layer_.source.node = "relu";
    netlist_.streams.push_back({"in", 2, {8, true}, 9});
  }

  ir::Graph network_;
  Tensors tensors_{network_};
  hw::Node layer_;
  Netlist netlist_;
};

TEST_F(SiteTest, NamesAllThatItMakesAfterItsPrefix) {
  Site site(netlist_, tensors_, layer_, "l07_relu");
  site.add("sl_clip", "codes", 0, {.lanes = 2, .word = {4, false}, .beats = 9});
  EXPECT_EQ(site.stream(site.last()).name, "l07_relu_codes");
  EXPECT_EQ(site.stream(site.last()).word, (WordType{4, false}));
  EXPECT_EQ(site.add_memory("scales", "0\n"), "memories/l07_relu_scales.mem");
  site.finish("a comment");
  ASSERT_EQ(netlist_.blocks.size(), 1U);
  EXPECT_EQ(netlist_.blocks[0].layer, "relu_layer");
  EXPECT_EQ(netlist_.blocks[0].comment, "a comment");
  EXPECT_EQ(netlist_.blocks[0].instances[0].name, "l07_relu_codes");
  EXPECT_EQ(netlist_.memories[0].content, "0\n");
}

TEST_F(SiteTest, ConnectsOneStreamToTheNext) {
  Site site(netlist_, tensors_, layer_, "l0");
  site.add("sl_register", "first", 0, {.lanes = 2, .beats = 9});
  const StreamId between = site.last();
  const Instance& second = site.add("sl_register", "second", between, {.lanes = 2, .beats = 9});
  EXPECT_EQ(second.inputs[0].port, "x");
  EXPECT_EQ(second.inputs[0].streams, std::vector<StreamId>{between});
  EXPECT_EQ(second.outputs[0].streams, std::vector<StreamId>{site.last()});
  EXPECT_NE(between, site.last());
}

TEST_F(SiteTest, NumbersWhatIsNamedAgain) {
  Site site(netlist_, tensors_, layer_, "l0");
  site.add("sl_clip", "codes", 0, {});
  const Instance second = site.add("sl_clip", "codes", 0, {});
  EXPECT_EQ(second.name, "l0_codes_2");
  EXPECT_EQ(site.stream(second.outputs[0].streams[0]).name, "l0_codes_2");
  EXPECT_EQ(site.add_memory("codes", "0\n"), "memories/l0_codes.mem");
  EXPECT_EQ(site.add_memory("codes", "0\n"), "memories/l0_codes_2.mem");
}

TEST_F(SiteTest, GivesTheLastOfWhatAnInstanceMakesByItsFirstStream) {
  Site site(netlist_, tensors_, layer_, "l0");
  const StreamId a = site.add_stream("part0", {});
  const StreamId b = site.add_stream("part1", {});
  site.add("sl_chop", "parts", {{"x", {0}}}, {{"y", {a, b}}});
  EXPECT_EQ(site.last(), a);
}

TEST_F(SiteTest, LeavesNoBlockOfALayerWithoutInstances) {
  Site site(netlist_, tensors_, layer_, "l0");
  site.finish("nothing");
  EXPECT_TRUE(netlist_.blocks.empty());
}

TEST_F(SiteTest, FindsTheNodeOfItsLayer) {
  Site site(netlist_, tensors_, layer_, "l0");
  const auto node = site.node();
  ASSERT_TRUE(node);
  EXPECT_TRUE(ir::is<ir::Relu>((*node)->op));
  EXPECT_EQ(&site.layer(), &layer_.layer);
  layer_.source.node = "gone";
  EXPECT_EQ(site.node().error().code, ErrorCode::Internal);
}

}  // namespace
}  // namespace sluice::rtl
