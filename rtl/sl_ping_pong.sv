// SPDX-License-Identifier: Apache-2.0
//
// sl_ping_pong: two blocks of a stream's words; one fills while the other is read in any order.
//
//   y = word address_i of the oldest block
//
// A word is read when it is there and y has room; next_o tells that address_i was taken. With
// last_i that was the last word wanted of its block: its room is free, and the next block follows.
// A block may be read while it still fills: an address waits for its word.
// Latency: 2 cycles from a word of x to the same word of y. Throughput: 1 word per cycle in and out.
// Test: tests/rtl/sl_ping_pong_test.cpp.

`include "sl_assert.svh"

module sl_ping_pong #(
  parameter int Width = 8,
  parameter int Block = 16,  // words
  localparam int AddressWidth = Block > 1 ? $clog2(Block) : 1
) (
  input  logic clk_i,
  input  logic rst_ni,

  input  logic             x_valid_i,
  output logic             x_ready_o,
  input  logic [Width-1:0] x_i,

  input  logic [AddressWidth-1:0] address_i,
  input  logic                    last_i,
  output logic                    next_o,

  output logic             y_valid_o,
  input  logic             y_ready_i,
  output logic [Width-1:0] y_o
);

  `SL_ASSERT_PARAM(width, Width >= 1)
  `SL_ASSERT_PARAM(block, Block >= 1)

  localparam int RamWidth = $clog2(2 * Block);

  logic [1:0]              full_q;  // blocks that are whole and still wanted: 0, 1, 2
  logic [AddressWidth-1:0] fill_q;  // words of the block that comes in
  logic                    write_half_q, read_half_q;
  logic                    take, filled, freed;

  assign x_ready_o = full_q != 2'd2;
  assign take      = x_valid_i && x_ready_o;
  assign filled    = take && fill_q == AddressWidth'(Block - 1);
  // While no block is whole, the oldest is the one that comes in.
  assign next_o    = (full_q != 2'd0 || address_i < fill_q) && (y_ready_i || !y_valid_o);
  assign freed     = next_o && last_i;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      full_q       <= '0;
      fill_q       <= '0;
      write_half_q <= 1'b0;
      read_half_q  <= 1'b0;
      y_valid_o    <= 1'b0;
    end else begin
      full_q <= full_q + {1'b0, filled} - {1'b0, freed};
      if (take) fill_q <= filled ? '0 : fill_q + 1'b1;
      write_half_q <= write_half_q ^ filled;
      read_half_q  <= read_half_q ^ freed;
      if (y_ready_i || !y_valid_o) y_valid_o <= next_o;
    end
  end

  sl_ram #(.Width(Width), .Depth(2 * Block)) u_ram (
    .clk_i,
    .write_enable_i (take),
    .write_address_i(RamWidth'(fill_q) + (write_half_q ? RamWidth'(Block) : '0)),
    .write_data_i   (x_i),
    .read_enable_i  (next_o),
    .read_address_i (RamWidth'(address_i) + (read_half_q ? RamWidth'(Block) : '0)),
    .read_data_o    (y_o)
  );

  // A block that is still filling cannot be done with.
  `SL_ASSERT(freed_is_whole, freed |-> full_q != 2'd0)
  `SL_ASSERT_STREAM(y, y_valid_o, y_ready_i, y_o)

endmodule : sl_ping_pong
