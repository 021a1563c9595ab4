// SPDX-License-Identifier: Apache-2.0
//
// sl_ram: a memory of Depth words with one port to write and one to read, of one clock.
//
//   read_data_o = word[read_address_i] as it was before this cycle's write
//
// Latency: a word written in a cycle can be read from the next one on; read_data_o follows
// read_address_i by 1 cycle and stands still while read_enable_i is low.
// Throughput: a word written and a word read per cycle.
// Small memories (Depth <= 32, or up to 1024 bits) ask for LUTs, others for block RAM: the rule of
// the hardware model (sluice/hw/memory_blocks.hpp).
// Does not initialise its words; for constants there is sl_rom.
// Test: tests/rtl/sl_ram_test.cpp.

`include "sl_assert.svh"

module sl_ram #(
  parameter int Width = 8,
  parameter int Depth = 16,
  localparam int AddressWidth = Depth > 1 ? $clog2(Depth) : 1
) (
  input  logic clk_i,

  input  logic                    write_enable_i,
  input  logic [AddressWidth-1:0] write_address_i,
  input  logic [Width-1:0]        write_data_i,

  input  logic                    read_enable_i,
  input  logic [AddressWidth-1:0] read_address_i,
  output logic [Width-1:0]        read_data_o
);

  `SL_ASSERT_PARAM(width, Width >= 1)
  `SL_ASSERT_PARAM(depth, Depth >= 1)

  // The same memory twice, since an attribute takes no expression.
  if (Depth <= 32 || Width * Depth <= 1024) begin : gen_luts
    (* ram_style = "distributed" *)
    logic [Width-1:0] words_q [0:Depth-1];

    always_ff @(posedge clk_i) begin
      if (write_enable_i) words_q[write_address_i] <= write_data_i;
      if (read_enable_i) read_data_o <= words_q[read_address_i];
    end
  end else begin : gen_block
    (* ram_style = "block" *)
    logic [Width-1:0] words_q [0:Depth-1];

    always_ff @(posedge clk_i) begin
      if (write_enable_i) words_q[write_address_i] <= write_data_i;
      if (read_enable_i) read_data_o <= words_q[read_address_i];
    end
  end

endmodule : sl_ram
