// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/rtl_bench.hpp"

namespace sluice::test {
namespace {

// Makes streams of the memory's ports: a word is {read enable, read address, write enable, write
// address, data}, the answer what stands at the output a cycle later.
constexpr std::string_view kPorts = R"(
module ram_ports #(parameter int Width = 8, parameter int Depth = 16) (
  input logic clk_i, input logic rst_ni, input logic x_valid_i, output logic x_ready_o,
  input logic [63:0] x_i, output logic y_valid_o, input logic y_ready_i,
  output logic [Width-1:0] y_o
);
  localparam int A = Depth > 1 ? $clog2(Depth) : 1;
  logic take, known_q;
  logic [Width-1:0] data;
  // Nothing is known of the output before the first read.
  assign y_o = known_q ? data : '0;
  assign take = x_valid_i && x_ready_o;
  assign x_ready_o = y_ready_i || !y_valid_o;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      y_valid_o <= 1'b0;
      known_q <= 1'b0;
    end else if (x_ready_o) begin
      y_valid_o <= x_valid_i;
      if (take && x_i[63]) known_q <= 1'b1;
    end
  end
  sl_ram #(.Width(Width), .Depth(Depth)) u_ram (
    .clk_i,
    .write_enable_i(take && x_i[31]), .write_address_i(x_i[32 +: A]), .write_data_i(x_i[0 +: Width]),
    .read_enable_i(take && x_i[63]), .read_address_i(x_i[48 +: A]), .read_data_o(data)
  );
endmodule
)";

RtlInstance random_ram(Rng& rng, std::size_t width, std::int64_t depth) {
  std::vector<std::int64_t> memory(static_cast<std::size_t>(depth));
  std::int64_t shown = 0;
  RtlWords in(64);
  RtlWords out(width);
  const auto step = [&](bool write, std::size_t write_address, bool read, std::size_t address) {
    const std::int64_t data = random_codes(rng, 1, width)[0];
    // A read of the word that is written now sees the old one.
    if (read) shown = memory[address];
    if (write) memory[write_address] = data;
    in.push(std::vector<std::int64_t>{data | (write ? 1LL << 31 : 0),
                                      static_cast<std::int64_t>(write_address | (address << 16U)) |
                                          (read ? 1LL << 31 : 0)},
            32);
    out.push(std::vector<std::int64_t>{shown}, width);
  };
  const auto any = [&] { return static_cast<std::size_t>(rng.integer(0, depth - 1)); };
  // Known words everywhere first.
  for (std::size_t i = 0; i < memory.size(); ++i) step(true, i, i > 0, i > 0 ? i - 1 : 0);
  for (int i = 0; i < 9000; ++i) step(rng.below(2) != 0, any(), rng.below(4) != 0, any());
  return {.name = fmt::format("d{}", depth),
          .module = "ram_ports",
          .parameters = fmt::format(".Width({}), .Depth({})", width, depth),
          .inputs = {{"x", in}},
          .outputs = {{"y", out}}};
}

TEST(SlRam, ReadsWhatWasWrittenBefore) {
  SL_NEEDS_RTL_SIMULATORS();
  Rng rng(1);
  RtlBench bench;
  bench.add_module("ram_ports.sv", kPorts);
  for (const std::int64_t depth : {1, 2, 5, 32, 33, 300}) bench.add(random_ram(rng, 24, depth));
  EXPECT_TRUE(expect_passes(bench).passed);
}

}  // namespace
}  // namespace sluice::test
