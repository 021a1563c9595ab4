// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/rtl_bench.hpp"

#include "sluice/hw/layers/stages.hpp"

namespace sluice::test {
namespace {

constexpr std::size_t kFifoWords = 8000;

TEST(SlFifo, KeepsTheOrderAtAnyDepth) {
  SL_NEEDS_RTL_SIMULATORS();
  Rng rng(1);
  RtlBench bench;
  const auto depths = corners_and<std::size_t>({2, 3, 4, 17, 33, 513}, 4,
                                               [](Rng& any) { return draw_size(any, 5, 200); });
  for (const std::size_t depth : depths) {
    const auto width = static_cast<std::size_t>(rng.integer(1, 40));
    const RtlWords words = rtl_words(random_codes(rng, kFifoWords, width), width);
    bench.add({.name = fmt::format("d{}", depth),
               .module = "sl_fifo",
               .parameters = fmt::format(".Width({}), .Depth({})", width, depth),
               .inputs = {{"x", words}},
               .outputs = {{"y", words}}});
  }
  const RtlRun run = expect_passes(bench);
  ASSERT_TRUE(run.passed);
  EXPECT_EQ(run.latency("d2.x", "d2.y"), hw::stages::fifo(2));
  EXPECT_EQ(run.latency("d3.x", "d3.y"), hw::stages::fifo(3));
  EXPECT_EQ(run.latency("d513.x", "d513.y"), hw::stages::fifo(513));
  for (const std::size_t depth : depths) {
    EXPECT_EQ(run.cycles(fmt::format("d{}.y", depth)), kFifoWords) << depth;
  }
}

// Takes nothing until it has waited for Depth words and then some cycles more; then all at once.
constexpr std::string_view kFillFirst = R"(
module fill_first #(parameter int Depth = 8) (
  input logic clk_i, input logic rst_ni, input logic x_valid_i, output logic x_ready_o,
  input logic [15:0] x_i, output logic y_valid_o, input logic y_ready_i, output logic [15:0] y_o
);
  logic fifo_valid, open_q;
  logic [31:0] taken_q, waited_q;
  sl_fifo #(.Width(16), .Depth(Depth)) u_fifo (
    .clk_i, .rst_ni, .x_valid_i, .x_ready_o, .x_i,
    .y_valid_o(fifo_valid), .y_ready_i(y_ready_i && open_q), .y_o
  );
  assign y_valid_o = fifo_valid && open_q;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      open_q <= 1'b0;
      taken_q <= 0;
      waited_q <= 0;
    end else begin
      waited_q <= waited_q + 1;
      if (x_valid_i && x_ready_o) taken_q <= taken_q + 1;
      if (waited_q == 4 * Depth + 100) begin
        open_q <= 1'b1;
        $display("FILLED %0d of %0d, peak %0d", taken_q, Depth, u_fifo.peak_q);
      end
    end
  end
endmodule
)";

TEST(SlFifo, HoldsExactlyDepthWordsAndReportsItsPeak) {
  SL_NEEDS_RTL_SIMULATORS();
  Rng rng(2);
  RtlBench bench;
  bench.add_module("fill_first.sv", kFillFirst);
  for (const int depth : {2, 3, 16, 100}) {
    const RtlWords words = rtl_words(random_codes(rng, kFifoWords, 16), 16);
    bench.add({.name = fmt::format("d{}", depth),
               .module = "fill_first",
               .parameters = fmt::format(".Depth({})", depth),
               .inputs = {{"x", words}},
               .outputs = {{"y", words}}});
  }
  const RtlRun run = bench.run({.simulator = RtlSimulator::Icarus, .stalls = false});
  EXPECT_TRUE(run.passed) << run.output;
  for (const int depth : {2, 3, 16, 100}) {
    const std::string line = fmt::format("FILLED {0} of {0}, peak {0}\n", depth);
    EXPECT_NE(run.output.find(line), std::string::npos) << line << run.output;
    // One word a cycle from full to the end.
    const std::string y = fmt::format("d{}.y", depth);
    EXPECT_EQ(run.cycles(y), kFifoWords) << y;
  }
}

}  // namespace
}  // namespace sluice::test
