// SPDX-License-Identifier: Apache-2.0
//
// sl_rom: constants, from a file.
//
//   read_data_o = word[read_address_i] of File ($readmemh, Depth words of Width bits)
//
// Latency: read_data_o follows read_address_i by 1 cycle and stands still while read_enable_i is
// low. Throughput: a word per cycle.
// Small ones (Depth <= 32, or up to 1024 bits) ask for LUTs, others for block RAM, as in sl_ram.
// Test: tests/rtl/sl_dot_test.cpp, in what reads it.

`include "sl_assert.svh"

module sl_rom #(
  parameter int Width = 8,
  parameter int Depth = 16,
  parameter     File = "",
  localparam int AddressWidth = Depth > 1 ? $clog2(Depth) : 1
) (
  input  logic clk_i,

  input  logic                    read_enable_i,
  input  logic [AddressWidth-1:0] read_address_i,
  output logic [Width-1:0]        read_data_o
);

  `SL_ASSERT_PARAM(width, Width >= 1)
  `SL_ASSERT_PARAM(depth, Depth >= 1)

  // The same memory twice, since an attribute takes no expression. To Yosys "distributed" is a
  // memory that can be written, which a ROM never becomes; its word for LUTs is "logic".
  if (Depth <= 32 || Width * Depth <= 1024) begin : gen_luts
`ifdef YOSYS
    (* rom_style = "logic" *)
`else
    (* rom_style = "distributed" *)
`endif
    logic [Width-1:0] words [0:Depth-1];
    initial $readmemh(File, words);

    always_ff @(posedge clk_i) begin
      if (read_enable_i) read_data_o <= words[read_address_i];
    end
  end else begin : gen_block
    (* rom_style = "block" *)
    logic [Width-1:0] words [0:Depth-1];
    initial $readmemh(File, words);

    always_ff @(posedge clk_i) begin
      if (read_enable_i) read_data_o <= words[read_address_i];
    end
  end

endmodule : sl_rom
