// SPDX-License-Identifier: Apache-2.0
#include "sluice/rtl/verilog.hpp"

#include <gmock/gmock.h>

namespace sluice::rtl {
namespace {

using testing::HasSubstr;
using testing::Not;

// A fork, one copy of which goes through a clamp.
Netlist two_ways() {
  Netlist netlist;
  netlist.name = "small";
  const WordType codes{8, true};
  netlist.streams = {{"l00_in", 2, codes, 4},
                     {"l00_copy0", 2, codes, 4},
                     {"l00_copy1", 2, codes, 4},
                     {"l01_codes", 2, codes, 4}};
  Instance fork{"sl_fork", "l00_copies", {}, {{"x", {0}}}, {{"y", {1, 2}}}};
  fork.set("Width", 16);
  fork.set("Outputs", 2);
  Instance clip{"sl_clip", "l01_codes", {}, {{"x", {2}}}, {{"y", {3}}}};
  clip.set_flag("Signed", true);
  clip.set("Lowest", -5);
  clip.set_file("File", "memories/a.mem");
  netlist.blocks = {{"relu_split", "1x2x4", {fork}}, {"relu", "", {clip}}};
  netlist.inputs = {{"x", "relu_split", 0}};
  netlist.outputs = {{"x", "relu_split", 1}, {"y", "relu", 3}};
  return netlist;
}

TEST(ToVerilog, IsPortsWiresAndInstances) {
  EXPECT_EQ(to_verilog(two_ways(), "small: two lines.\n\nThe last."),
            R"(// small: two lines.
//
// The last.

module small (
  input  logic clk_i,
  input  logic rst_ni,

  input  logic x_valid_i,
  output logic x_ready_o,
  input  logic [15:0] x_i,

  output logic y0_valid_o,
  input  logic y0_ready_i,
  output logic [15:0] y0_o,

  output logic y1_valid_o,
  input  logic y1_ready_i,
  output logic [15:0] y1_o
);

  // ---- relu_split
  // 1x2x4

  logic l00_copy1_valid, l00_copy1_ready;
  logic [15:0] l00_copy1;

  sl_fork #(
    .Width  (16),
    .Outputs(2)
  ) u_l00_copies (
    .clk_i,
    .rst_ni,
    .x_valid_i(x_valid_i),
    .x_ready_o(x_ready_o),
    .x_i(x_i),
    .y_valid_o({l00_copy1_valid, y0_valid_o}),
    .y_ready_i({l00_copy1_ready, y0_ready_i}),
    .y_o({l00_copy1, y0_o})
  );

  // ---- relu


  sl_clip #(
    .Signed(1'b1),
    .Lowest(-5),
    .File  ("memories/a.mem")
  ) u_l01_codes (
    .clk_i,
    .rst_ni,
    .x_valid_i(l00_copy1_valid),
    .x_ready_o(l00_copy1_ready),
    .x_i(l00_copy1),
    .y_valid_o(y1_valid_o),
    .y_ready_i(y1_ready_i),
    .y_o(y1_o)
  );

endmodule : small
)");
}

TEST(ToVerilog, LeavesOutTheParametersOfAnInstanceThatHasNone) {
  Netlist netlist = two_ways();
  netlist.blocks[0].instances[0].parameters.clear();
  EXPECT_THAT(to_verilog(netlist, ""), HasSubstr("\n  sl_fork u_l00_copies (\n    .clk_i"));
}

TEST(ToVerilog, PortsOfOneInputAndOneOutputAreXAndY) {
  Netlist netlist = two_ways();
  netlist.outputs.erase(netlist.outputs.begin());
  const std::string text = to_verilog(netlist, "");
  EXPECT_THAT(text, HasSubstr("output logic [15:0] y_o\n);"));
  EXPECT_THAT(text, Not(HasSubstr("y0_o")));
  EXPECT_THAT(text, HasSubstr(".y_o({l00_copy1, l00_copy0})"));
}

TEST(PortName, CountsWhereThereAreSeveral) {
  EXPECT_EQ(port_name("x", 0, 1), "x");
  EXPECT_EQ(port_name("x", 0, 2), "x0");
  EXPECT_EQ(port_name("y", 12, 13), "y12");
}

TEST(Identifier, ReplacesWhatNamesMayNotHave) {
  EXPECT_EQ(identifier("conv1"), "conv1");
  EXPECT_EQ(identifier("block.0/conv:0"), "block_0_conv_0");
  EXPECT_EQ(identifier("Grüße"), "Gr____e");
}

TEST(Identifier, BeginsWithNoDigit) {
  EXPECT_EQ(identifier("3x3"), "n3x3");
  EXPECT_EQ(identifier(""), "n");
}

TEST(Identifier, KeepsTheEndOfLongNames) {
  const std::string name = identifier("features/stage_3/unit_x/depthwise/convolution");
  EXPECT_EQ(name, "_x_depthwise_convolution");
}

TEST(Identifier, IsItsOwn) {
  for (const char* name : {"conv1", "a/b", "9", "x"}) {
    EXPECT_EQ(identifier(identifier(name)), identifier(name));
  }
}

TEST(IsModuleName, TakesIdentifiers) {
  EXPECT_TRUE(is_module_name("digits_q8"));
  EXPECT_TRUE(is_module_name("_x"));
  EXPECT_TRUE(is_module_name("a_name_that_is_longer_than_identifiers_are"));
  for (const char* name : {"", "3x3", "a-b", "a b", "grüße"})
    EXPECT_FALSE(is_module_name(name)) << name;
}

// "small" is a strength.
TEST(IsModuleName, RefusesWordsOfTheLanguageAndOfTheLibrary) {
  for (const char* name : {"module", "small", "large", "accept_on", "xor", "sl_bench", "sl_dot"}) {
    EXPECT_FALSE(is_module_name(name)) << name;
  }
  for (const char* name : {"Small", "smallest", "mall", "xor2"})
    EXPECT_TRUE(is_module_name(name)) << name;
}

}  // namespace
}  // namespace sluice::rtl
