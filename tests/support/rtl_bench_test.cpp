// SPDX-License-Identifier: Apache-2.0
// The bench itself: it must find what is wrong.
#include "tests/support/rtl_bench.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::test {
namespace {

using testing::HasSubstr;

constexpr std::string_view kBroken = R"(
// Drops every word of value 3, changes 5 into 6, sends 7 twice.
module broken (
  input logic clk_i, input logic rst_ni, input logic x_valid_i, output logic x_ready_o,
  input logic [7:0] x_i, output logic y_valid_o, input logic y_ready_i, output logic [7:0] y_o
);
  logic again_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) again_q <= 1'b0;
    else if (y_valid_o && y_ready_i) again_q <= x_i == 7 && !again_q;
  end
  assign x_ready_o = (y_ready_i || x_i == 3) && !(x_i == 7 && !again_q);
  assign y_valid_o = x_valid_i && x_i != 3;
  assign y_o = x_i == 5 ? 8'd6 : x_i;
endmodule
)";

RtlRun run_broken(const std::vector<std::int64_t>& codes, const RtlRunOptions& options) {
  RtlBench bench;
  bench.add_module("broken.sv", kBroken);
  bench.add({.name = "a",
             .module = "broken",
             .parameters = "",
             .inputs = {{"x", rtl_words(codes, 8)}},
             .outputs = {{"y", rtl_words(codes, 8)}}});
  return bench.run(options);
}

TEST(RtlBench, PassesAModuleThatIsRight) {
  SL_NEEDS_RTL_SIMULATORS();
  EXPECT_TRUE(run_broken({1, 2, 4}, {.simulator = RtlSimulator::Icarus}).passed);
  EXPECT_TRUE(run_broken({1, 2, 4}, {.simulator = RtlSimulator::Verilator}).passed);
}

TEST(RtlBench, ReportsAWrongWord) {
  SL_NEEDS_RTL_SIMULATORS();
  const RtlRun run = run_broken({1, 5, 2}, {.simulator = RtlSimulator::Icarus});
  EXPECT_FALSE(run.passed);
  EXPECT_THAT(run.output, HasSubstr("SL MISMATCH a.y word 1 got 06 expected 05\n"));
  EXPECT_THAT(run.output, HasSubstr("SL FAIL\n"));
}

TEST(RtlBench, EndsWithTheCyclesItWasGiven) {
  SL_NEEDS_RTL_SIMULATORS();
  std::vector<std::int64_t> codes(5000, 1);
  codes.back() = 5;  // wrong, too late to be seen
  for (const RtlSimulator simulator : {RtlSimulator::Icarus, RtlSimulator::Verilator}) {
    EXPECT_FALSE(run_broken(codes, {.simulator = simulator}).passed);
    EXPECT_TRUE(run_broken(codes, {.simulator = simulator, .cycles = 1000}).passed);
    codes.front() = 5;
    EXPECT_FALSE(run_broken(codes, {.simulator = simulator, .cycles = 1000}).passed);
    codes.front() = 1;
  }
}

TEST(RtlBench, ReportsTheStreamsOfABenchThatStandsStill) {
  SL_NEEDS_RTL_SIMULATORS();
  const RtlRun run = run_broken({1, 2, 3}, {.simulator = RtlSimulator::Icarus});
  EXPECT_FALSE(run.passed);
  EXPECT_THAT(run.output, HasSubstr("SL STALLED"));
  EXPECT_THAT(run.output, HasSubstr("SL STREAM a.y valid 0 ready"));
}

TEST(RtlBench, ReportsAWordTooMany) {
  SL_NEEDS_RTL_SIMULATORS();
  const RtlRun run = run_broken({1, 2, 7}, {.simulator = RtlSimulator::Icarus});
  EXPECT_FALSE(run.passed);
  EXPECT_THAT(run.output, HasSubstr("SL EXTRA a.y word 3 got 07\n"));
}

TEST(RtlBench, EndsAModuleThatNeverStops) {
  SL_NEEDS_RTL_SIMULATORS();
  RtlBench bench;
  bench.add_module("endless.sv", R"(
module endless (
  input logic clk_i, input logic rst_ni, input logic x_valid_i, output logic x_ready_o,
  input logic [7:0] x_i, output logic y_valid_o, input logic y_ready_i, output logic [7:0] y_o
);
  assign x_ready_o = 1'b0;
  assign y_valid_o = x_valid_i;
  assign y_o = x_i;
endmodule
)");
  bench.add({.name = "a",
             .module = "endless",
             .parameters = "",
             .inputs = {{"x", rtl_words(std::vector<std::int64_t>{1}, 8)}},
             .outputs = {{"y", rtl_words(std::vector<std::int64_t>{1}, 8)}}});
  const RtlRun run = bench.run({.simulator = RtlSimulator::Icarus});
  EXPECT_FALSE(run.passed);
  EXPECT_THAT(run.output, HasSubstr("SL FAIL\n"));
}

TEST(RtlBench, ReportsABuildThatFails) {
  SL_NEEDS_RTL_SIMULATORS();
  for (const RtlSimulator simulator : {RtlSimulator::Icarus, RtlSimulator::Verilator}) {
    RtlBench bench;
    bench.add({.name = "a",
               .module = "sl_fifo",
               .parameters = ".Width(8), .Depth(1)",
               .inputs = {{"x", rtl_words(std::vector<std::int64_t>{1}, 8)}},
               .outputs = {{"y", rtl_words(std::vector<std::int64_t>{1}, 8)}}});
    const RtlRun run = bench.run({.simulator = simulator});
    EXPECT_FALSE(run.passed);
    EXPECT_THAT(run.output, HasSubstr("sl_fifo.sv"));
  }
}

TEST(RtlBench, FindsAValidThatIsTakenBack) {
  SL_NEEDS_RTL_SIMULATORS();
  RtlBench bench;
  bench.add_module("fickle.sv", R"(
`include "sl_assert.svh"
module fickle (
  input logic clk_i, input logic rst_ni, input logic x_valid_i, output logic x_ready_o,
  input logic [7:0] x_i, output logic y_valid_o, input logic y_ready_i, output logic [7:0] y_o
);
  logic show_q;
  always_ff @(posedge clk_i) show_q <= rst_ni && !show_q;
  assign x_ready_o = y_ready_i && show_q;
  assign y_valid_o = x_valid_i && show_q;
  assign y_o = x_i;
  `SL_ASSERT_STREAM(y, y_valid_o, y_ready_i, y_o)
endmodule
)");
  const std::vector<std::int64_t> codes(1000, 1);
  bench.add({.name = "a",
             .module = "fickle",
             .parameters = "",
             .inputs = {{"x", rtl_words(codes, 8)}},
             .outputs = {{"y", rtl_words(codes, 8)}}});
  const RtlRun run = bench.run({});
  EXPECT_FALSE(run.passed);
  EXPECT_THAT(run.output, HasSubstr("y_hold"));
}

TEST(RtlWords, PutsTheFirstLaneInTheLowestBits) {
  RtlWords words(12);
  words.push(std::vector<std::int64_t>{1, -1, 3, 0}, 3);
  EXPECT_EQ(words.text(), "0f9\n");
}

TEST(RtlWords, CutsWideWordsIntoDigits) {
  const std::vector<std::int64_t> codes = {0x0123456789abcdef, -2};
  EXPECT_EQ(rtl_words(codes, 64, 2).text(), "fffffffffffffffe0123456789abcdef\n");
}

}  // namespace
}  // namespace sluice::test
