// SPDX-License-Identifier: Apache-2.0
//
// sl_row_buffer: the last rows of a feature map, written in stream order, read at any place.
//
//   Banked = 0: words = the word that was written to place address_i of Slots*RowWords last
//   Banked = 1: words = of every slot the word that was written to place address_i of its row last
//
// Slots rows in a ring, one memory, or one a slot. Row n of the stream is in slot n mod Slots.
// Latency: a read gives its words one cycle later, and keeps them until the next one. Throughput:
// one word in and one read a cycle. Does not know which words are needed: sl_row_walk does.
// Test: tests/rtl/sl_window_taps_test.cpp, in what reads it.

`include "sl_assert.svh"

module sl_row_buffer #(
  parameter int WordWidth = 8,
  parameter int Slots = 4,
  parameter int RowWords = 16,
  parameter bit Banked = 1'b0,
  localparam int Depth = Banked ? RowWords : Slots * RowWords,  // of a memory
  localparam int AddressWidth = Depth > 1 ? $clog2(Depth) : 1,
  localparam int ReadWidth = (Banked ? Slots : 1) * WordWidth
) (
  input  logic clk_i,
  input  logic rst_ni,

  input  logic                 write_i,
  input  logic [WordWidth-1:0] x_i,

  input  logic                    read_i,
  input  logic [AddressWidth-1:0] address_i,
  output logic [ReadWidth-1:0]    words_o
);

  logic [AddressWidth-1:0] write_address_q;
  logic                    ends;

  assign ends = write_address_q == AddressWidth'(Depth - 1);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) write_address_q <= '0;
    else if (write_i) write_address_q <= ends ? '0 : write_address_q + 1'b1;
  end

  if (Banked) begin : gen_banks
    logic [Slots-1:0] slot_q;  // one of them
    always_ff @(posedge clk_i) begin
      if (!rst_ni) slot_q <= Slots'(1);
      else if (write_i && ends) slot_q <= {slot_q[Slots-2:0], slot_q[Slots-1]};
    end
    for (genvar s = 0; s < Slots; s++) begin : gen_slot
      sl_ram #(
        .Width(WordWidth),
        .Depth(Depth)
      ) u_ram (
        .clk_i,
        .write_enable_i (write_i && slot_q[s]),
        .write_address_i(write_address_q),
        .write_data_i   (x_i),
        .read_enable_i  (read_i),
        .read_address_i (address_i),
        .read_data_o    (words_o[s*WordWidth +: WordWidth])
      );
    end
  end else begin : gen_one
    sl_ram #(
      .Width(WordWidth),
      .Depth(Depth)
    ) u_ram (
      .clk_i,
      .write_enable_i (write_i),
      .write_address_i(write_address_q),
      .write_data_i   (x_i),
      .read_enable_i  (read_i),
      .read_address_i (address_i),
      .read_data_o    (words_o)
    );
  end

endmodule : sl_row_buffer
