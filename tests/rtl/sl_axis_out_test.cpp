// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <gtest/gtest.h>

#include "tests/rtl/axis_words.hpp"

#include "sluice/rtl/axis.hpp"
#include "sluice/rtl/verilog.hpp"

namespace sluice::test {
namespace {

TEST(SlAxisOut, FillsBytesWithZerosAndMarksTheLastWordOfAFrame) {
  SL_NEEDS_RTL_SIMULATORS();
  Rng rng(1);
  RtlBench bench;
  std::size_t index = 0;
  for (const AxisCase& c : axis_cases()) {
    const auto codes = random_codes(rng, axis_words(c), c.width);
    const std::vector<std::int64_t> zeros(codes.size(), 0);
    bench.add({.name = fmt::format("a{}", index++),
               .module = "sl_axis_out",
               .parameters = c.parameters(),
               .inputs = {{"x", rtl_words(codes, c.width)}},
               .outputs = {{"y", c.words(codes, zeros)}}});
  }
  const RtlRun run = expect_passes(bench);
  ASSERT_TRUE(run.passed);
  for (std::size_t i = 0; i < axis_cases().size(); ++i) {
    const std::string name = fmt::format("a{}", i);
    EXPECT_EQ(run.latency(name + ".x", name + ".y"), 0) << name;
    EXPECT_EQ(run.cycles(name + ".y"), axis_words(axis_cases()[i])) << name;
  }
}

// A network of one clip, in the module that is emitted around it.
TEST(SlAxisOut, AndSlAxisInCarryTheWordsOfAnEmittedModule) {
  SL_NEEDS_RTL_SIMULATORS();
  constexpr std::int64_t kFrameWords = 9;
  rtl::Netlist net{.name = "net"};
  net.streams = {{"in", 3, {5, true}, kFrameWords}, {"out", 3, {5, true}, kFrameWords}};
  net.inputs = {{"x", "relu", 0}};
  net.outputs = {{"y", "relu", 1}};
  rtl::Instance clip{"sl_clip", "codes", {}, {{"x", {0}}}, {{"y", {1}}}};
  clip.set("Width", 5);
  clip.set("Lanes", 3);
  clip.set("Lowest", 0);
  clip.set("Highest", 15);
  net.blocks = {{"relu", "", {clip}}};

  Rng rng(3);
  const AxisCase frames{15, kFrameWords};
  const auto codes = random_codes(rng, 3 * axis_words(frames), 5, true);
  std::vector<std::int64_t> x, y;
  for (std::size_t i = 0; i < codes.size(); i += 3) {
    x.push_back(0);
    y.push_back(0);
    for (std::size_t lane = 0; lane < 3; ++lane) {
      x.back() |= (codes[i + lane] & 31) << (5 * lane);
      y.back() |= std::max<std::int64_t>(codes[i + lane], 0) << (5 * lane);
    }
  }
  RtlBench bench;
  bench.add_module("net.sv", rtl::to_verilog(net, ""));
  bench.add_module("net_axis.sv", rtl::axis_wrapper(net, ""));
  bench.add_module("streams.sv", R"(
module streams (
  input  logic clk_i,
  input  logic rst_ni,
  input  logic x_valid_i,
  output logic x_ready_o,
  input  logic [16:0] x_i,
  output logic y_valid_o,
  input  logic y_ready_i,
  output logic [16:0] y_o
);
  net_axis u_net_axis (
    .aclk(clk_i),
    .aresetn(rst_ni),
    .s_axis_tvalid(x_valid_i),
    .s_axis_tready(x_ready_o),
    .s_axis_tdata(x_i[15:0]),
    .s_axis_tlast(x_i[16]),
    .m_axis_tvalid(y_valid_o),
    .m_axis_tready(y_ready_i),
    .m_axis_tdata(y_o[15:0]),
    .m_axis_tlast(y_o[16])
  );
endmodule
)");
  const std::vector<std::int64_t> zeros(x.size(), 0);
  bench.add({.name = "s",
             .module = "streams",
             .parameters = "",
             .inputs = {{"x", frames.words(x, random_codes(rng, x.size(), 1))}},
             .outputs = {{"y", frames.words(y, zeros)}}});
  EXPECT_TRUE(expect_passes(bench).passed);
}

TEST(SlAxisOut, RefusesFramesOfNoWord) {
  SL_NEEDS_RTL_SIMULATORS();
  RtlBench bench;
  bench.add({.name = "a",
             .module = "sl_axis_out",
             .parameters = ".FrameWords(0)",
             .inputs = {{"x", rtl_words(std::vector<std::int64_t>{1}, 8)}},
             .outputs = {{"y", rtl_words(std::vector<std::int64_t>{1}, 9)}}});
  const RtlRun run = bench.run({.simulator = RtlSimulator::Icarus});
  EXPECT_FALSE(run.passed);
  EXPECT_NE(run.output.find("parameter_check_failed_sizes"), std::string::npos) << run.output;
}

}  // namespace
}  // namespace sluice::test
