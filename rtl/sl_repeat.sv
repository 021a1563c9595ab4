// SPDX-License-Identifier: Apache-2.0
//
// sl_repeat: nearest-neighbour up-sampling of Rows x Cols pixels by whole factors.
//
//   y[r][c] = x[floor(r / RowScale)][floor(c / ColScale)]
//
// Holds two rows of x if rows are repeated, two pixels if not.
// Latency: 2 cycles. Throughput: 1 word of y per cycle; a row comes in while the one before leaves.
// Does not interpolate.
// Test: tests/rtl/sl_repeat_test.cpp.

`include "sl_assert.svh"

module sl_repeat #(
  parameter int Width = 8,
  parameter int Lanes = 1,
  parameter int Rows = 4,  // of x; frames follow without a gap
  parameter int Cols = 4,
  parameter int Beats = 1,  // words in a pixel
  parameter int RowScale = 2,
  parameter int ColScale = 2
) (
  input  logic clk_i,
  input  logic rst_ni,

  input  logic                   x_valid_i,
  output logic                   x_ready_o,
  input  logic [Lanes*Width-1:0] x_i,

  output logic                   y_valid_o,
  input  logic                   y_ready_i,
  output logic [Lanes*Width-1:0] y_o
);

  `SL_ASSERT_PARAM(width, Width >= 1 && Lanes >= 1)
  `SL_ASSERT_PARAM(shape, Rows >= 1 && Cols >= 1 && Beats >= 1)
  `SL_ASSERT_PARAM(scale, RowScale >= 1 && ColScale >= 1)

  // A pixel is a block of its own if no row comes twice.
  localparam int BlockCols = RowScale > 1 ? Cols : 1;
  localparam int Block = BlockCols * Beats;
  localparam int AddressWidth = Block > 1 ? $clog2(Block) : 1;
  localparam int BeatWidth = Beats > 1 ? $clog2(Beats) : 1;
  localparam int CopyWidth = ColScale > 1 ? $clog2(ColScale) : 1;
  localparam int PassWidth = RowScale > 1 ? $clog2(RowScale) : 1;

  logic [AddressWidth-1:0] address_q;
  logic [BeatWidth-1:0]    beat_q;
  logic [CopyWidth-1:0]    copy_q;
  logic [PassWidth-1:0]    pass_q;
  logic                    next, beat_last, copy_last, row_last, last;

  // Each names the end of what is within it too.
  assign beat_last = beat_q == BeatWidth'(Beats - 1);
  assign copy_last = beat_last && copy_q == CopyWidth'(ColScale - 1);
  assign row_last  = copy_last && address_q == AddressWidth'(Block - 1);
  assign last      = row_last && pass_q == PassWidth'(RowScale - 1);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      address_q <= '0;
      beat_q    <= '0;
      copy_q    <= '0;
      pass_q    <= '0;
    end else if (next) begin
      beat_q <= beat_last ? '0 : beat_q + 1'b1;
      if (beat_last) copy_q <= copy_last ? '0 : copy_q + 1'b1;
      if (row_last) pass_q <= last ? '0 : pass_q + 1'b1;
      if (row_last) address_q <= '0;
      else if (beat_last && !copy_last) address_q <= address_q - AddressWidth'(Beats - 1);
      else address_q <= address_q + 1'b1;
    end
  end

  sl_ping_pong #(.Width(Lanes * Width), .Block(Block)) u_blocks (
    .clk_i,
    .rst_ni,
    .x_valid_i,
    .x_ready_o,
    .x_i,
    .address_i(address_q),
    .last_i   (last),
    .next_o   (next),
    .y_valid_o,
    .y_ready_i,
    .y_o
  );

endmodule : sl_repeat
