// SPDX-License-Identifier: Apache-2.0
#include "sluice/rtl/axis.hpp"

#include <gmock/gmock.h>

namespace sluice::rtl {
namespace {

using testing::HasSubstr;
using testing::Not;

// Words of three lanes of 5 bits come in, words of 8 bits go out.
Netlist netlist_with_ports(std::size_t inputs = 1) {
  Netlist netlist;
  netlist.name = "net";
  for (std::size_t i = 0; i < inputs; ++i) {
    netlist.streams.push_back({"in", 3, {5, true}, 20});
    netlist.inputs.push_back({"x", "conv", i});
  }
  netlist.streams.push_back({"out", 1, {8, false}, 7});
  netlist.outputs.push_back({"y", "relu", inputs});
  return netlist;
}

TEST(AxisWrapper, IsCalledAfterTheModule) {
  EXPECT_EQ(axis_name(netlist_with_ports()), "net_axis");
  const std::string text = axis_wrapper(netlist_with_ports(), "first\nsecond");
  EXPECT_THAT(text, testing::StartsWith("// first\n// second\n\nmodule net_axis (\n"));
  EXPECT_THAT(text, testing::EndsWith("endmodule : net_axis\n"));
}

TEST(AxisWrapper, FillsWordsUpToBytes) {
  const std::string text = axis_wrapper(netlist_with_ports(), "");
  EXPECT_THAT(text, HasSubstr("  input  logic s_axis_tvalid,\n"
                              "  output logic s_axis_tready,\n"
                              "  input  logic [15:0] s_axis_tdata,\n"
                              "  input  logic s_axis_tlast,\n"));
  EXPECT_THAT(text, HasSubstr("  output logic m_axis_tvalid,\n"
                              "  input  logic m_axis_tready,\n"
                              "  output logic [7:0] m_axis_tdata,\n"
                              "  output logic m_axis_tlast\n"));
  EXPECT_THAT(text, HasSubstr("  logic [14:0] x;\n"));
}

TEST(AxisWrapper, EndsFramesWhereFeatureMapsEnd) {
  const std::string text = axis_wrapper(netlist_with_ports(), "");
  EXPECT_THAT(text, HasSubstr("  sl_axis_in #(\n    .Width     (15),\n    .FrameWords(20)\n"));
  EXPECT_THAT(text, HasSubstr("  sl_axis_out #(\n    .Width     (8),\n    .FrameWords(7)\n"));
}

TEST(AxisWrapper, JoinsTheModuleWithItsAdaptors) {
  const std::string text = axis_wrapper(netlist_with_ports(), "");
  EXPECT_THAT(text, HasSubstr("    .x_valid_i(s_axis_tvalid),\n"
                              "    .x_ready_o(s_axis_tready),\n"
                              "    .x_i({s_axis_tlast, s_axis_tdata}),\n"
                              "    .y_valid_o(x_valid),\n"
                              "    .y_ready_i(x_ready),\n"
                              "    .y_o(x)\n"));
  EXPECT_THAT(text, HasSubstr("    .y_valid_o(m_axis_tvalid),\n"
                              "    .y_ready_i(m_axis_tready),\n"
                              "    .y_o({m_axis_tlast, m_axis_tdata}),\n"
                              "    .x_valid_i(y_valid),\n"
                              "    .x_ready_o(y_ready),\n"
                              "    .x_i(y)\n"));
  EXPECT_THAT(text, HasSubstr("  net u_network (\n"
                              "    .clk_i (aclk),\n"
                              "    .rst_ni(aresetn),\n"
                              "    .x_valid_i(x_valid),\n"
                              "    .x_ready_o(x_ready),\n"
                              "    .x_i(x),\n"
                              "    .y_valid_o(y_valid),\n"
                              "    .y_ready_i(y_ready),\n"
                              "    .y_o(y)\n  );\n"));
}

TEST(AxisWrapper, NumbersSeveralStreams) {
  const std::string text = axis_wrapper(netlist_with_ports(2), "");
  EXPECT_THAT(text, HasSubstr("s_axis0_tdata"));
  EXPECT_THAT(text, HasSubstr("s_axis1_tdata"));
  EXPECT_THAT(text, HasSubstr(".x1_valid_i(x1_valid)"));
  EXPECT_THAT(text, HasSubstr("m_axis_tdata"));
  EXPECT_THAT(text, Not(HasSubstr("s_axis_tdata")));
}

}  // namespace
}  // namespace sluice::rtl
