// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/rtl_bench.hpp"

namespace sluice::test {
namespace {

// Reads each block backwards, Passes times over.
constexpr std::string_view kBackwards = R"(
module backwards #(parameter int Width = 8, parameter int Block = 4, parameter int Passes = 1) (
  input logic clk_i, input logic rst_ni, input logic x_valid_i, output logic x_ready_o,
  input logic [Width-1:0] x_i, output logic y_valid_o, input logic y_ready_i,
  output logic [Width-1:0] y_o
);
  localparam int A = Block > 1 ? $clog2(Block) : 1;
  logic [A-1:0] address_q;
  logic [7:0] pass_q;
  logic next;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      address_q <= Block - 1;
      pass_q <= 0;
    end else if (next) begin
      address_q <= address_q == 0 ? Block - 1 : address_q - 1;
      if (address_q == 0) pass_q <= pass_q == Passes - 1 ? 0 : pass_q + 1;
    end
  end
  sl_ping_pong #(.Width(Width), .Block(Block)) u_blocks (
    .clk_i, .rst_ni, .x_valid_i, .x_ready_o, .x_i, .address_i(address_q),
    .last_i(address_q == 0 && pass_q == Passes - 1), .next_o(next), .y_valid_o, .y_ready_i, .y_o
  );
endmodule
)";

struct Blocks {
  std::size_t block, passes;
};

std::string name_of_blocks(const Blocks& c) {
  return fmt::format("b{}p{}", c.block, c.passes);
}

TEST(SlPingPong, ReadsABlockInAnyOrderWhileTheNextFills) {
  SL_NEEDS_RTL_SIMULATORS();
  constexpr std::array kBlocks = {Blocks{1, 1}, Blocks{1, 3},  Blocks{2, 1},  Blocks{3, 2},
                                  Blocks{8, 1}, Blocks{21, 2}, Blocks{100, 1}};
  constexpr std::size_t kRead = 8000;
  Rng rng(1);
  RtlBench bench;
  bench.add_module("backwards.sv", kBackwards);
  for (const Blocks& c : kBlocks) {
    const auto width = static_cast<std::size_t>(rng.integer(1, 40));
    const auto x = random_codes(rng, kRead / (c.block * c.passes) * c.block, width);
    std::vector<std::int64_t> y;
    for (std::size_t begin = 0; begin < x.size(); begin += c.block) {
      for (std::size_t i = 0; i < c.block * c.passes; ++i) {
        y.push_back(x[begin + c.block - 1 - i % c.block]);
      }
    }
    bench.add(
        {.name = name_of_blocks(c),
         .module = "backwards",
         .parameters = fmt::format(".Width({}), .Block({}), .Passes({})", width, c.block, c.passes),
         .inputs = {{"x", rtl_words(x, width)}},
         .outputs = {{"y", rtl_words(y, width)}}});
  }
  const RtlRun run = expect_passes(bench);
  ASSERT_TRUE(run.passed);
  for (const Blocks& c : kBlocks) {
    const std::string name = name_of_blocks(c);
    const std::size_t words = kRead / (c.block * c.passes) * c.block * c.passes;
    EXPECT_EQ(run.cycles(name + ".y"), words) << name;
    // The last word of a block is the first that is read.
    EXPECT_EQ(run.latency(name + ".x", name + ".y"), static_cast<std::int64_t>(c.block) + 1);
  }
}

}  // namespace
}  // namespace sluice::test
