// SPDX-License-Identifier: Apache-2.0
//
// sl_frame_sum: the sum of each channel over the Positions pixels of a frame (global pooling).
//
//   y[c] = Constant + sum over p of x[p][c]
//
// The sums leave while the last pixel comes in, and the next frame may follow at once.
// Signed codes have signed sums, unsigned ones unsigned sums, exact in SumWidth bits, which a
// Constant may have to be widened for: modulo 2^SumWidth.
// Latency: 2 cycles from a word of the last pixel to its sums. Throughput: 1 word of x per cycle.
// Does not divide: sl_requantize does.
// Test: tests/rtl/sl_frame_sum_test.cpp.

`include "sl_assert.svh"

module sl_frame_sum #(
  parameter int Width = 8,
  parameter bit Signed = 1'b1,
  parameter int Lanes = 1,
  parameter int Positions = 16,  // pixels in a frame
  parameter int Beats = 4,       // words in a pixel
  parameter int SumWidth = 12,
  parameter int Constant = 0
) (
  input  logic clk_i,
  input  logic rst_ni,

  input  logic                   x_valid_i,
  output logic                   x_ready_o,
  input  logic [Lanes*Width-1:0] x_i,

  output logic                      y_valid_o,
  input  logic                      y_ready_i,
  output logic [Lanes*SumWidth-1:0] y_o
);

  `SL_ASSERT_PARAM(width, Width >= 1 && Lanes >= 1)
  `SL_ASSERT_PARAM(shape, Positions >= 1 && Beats >= 1)
  // Else a sum could overflow.
  `SL_ASSERT_PARAM(sum_width, SumWidth >= Width + $clog2(Positions))

  localparam int BeatWidth = Beats > 1 ? $clog2(Beats) : 1;
  localparam int PositionWidth = Positions > 1 ? $clog2(Positions) : 1;
  localparam int SumsWidth = Lanes * SumWidth;

  // Stage 1: the word, and the sums so far of its channels.
  logic                     valid_q, first_q, last_q;
  logic [BeatWidth-1:0]     beat_q;
  logic [PositionWidth-1:0] position_q;
  logic [Lanes*Width-1:0]   word_q;
  logic [SumsWidth-1:0]     so_far;
  logic                     take, beat_last, position_last;

  // Stage 2: the new sums, back to the memory or out.
  logic [SumsWidth-1:0] sums;
  logic                 leave;

  assign leave         = !last_q || y_ready_i || !y_valid_o;
  assign x_ready_o     = leave || !valid_q;
  assign take          = x_valid_i && x_ready_o;
  assign beat_last     = beat_q == BeatWidth'(Beats - 1);
  assign position_last = position_q == PositionWidth'(Positions - 1);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      valid_q    <= 1'b0;
      beat_q     <= '0;
      position_q <= '0;
      y_valid_o  <= 1'b0;
    end else begin
      if (x_ready_o) valid_q <= x_valid_i;
      if (take) begin
        beat_q <= beat_last ? '0 : beat_q + 1'b1;
        if (beat_last) position_q <= position_last ? '0 : position_q + 1'b1;
      end
      if (y_ready_i || !y_valid_o) y_valid_o <= valid_q && last_q;
    end
  end

  always_ff @(posedge clk_i) begin
    if (take) begin
      word_q  <= x_i;
      first_q <= position_q == '0;
      last_q  <= position_last;
    end
    if (y_ready_i || !y_valid_o) y_o <= sums;
  end

  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    logic [Width-1:0]    code;
    logic [SumWidth-1:0] wide;
    assign code = word_q[l*Width +: Width];
    assign wide = Signed ? SumWidth'($signed(code)) : SumWidth'(code);
    assign sums[l*SumWidth +: SumWidth] =
        wide + (first_q ? SumWidth'(Constant) : so_far[l*SumWidth +: SumWidth]);
  end

  if (Beats == 1) begin : gen_register
    // The sums are wanted in the cycle after they were made, sooner than a memory has them.
    logic [SumsWidth-1:0] sums_q;
    assign so_far = sums_q;
    always_ff @(posedge clk_i) begin
      if (valid_q && leave) sums_q <= sums;
    end
  end else begin : gen_memory
    logic [BeatWidth-1:0] word_beat_q;  // where the sums of word_q belong
    always_ff @(posedge clk_i) begin
      if (take) word_beat_q <= beat_q;
    end

    sl_ram #(.Width(SumsWidth), .Depth(Beats)) u_sums (
      .clk_i,
      .write_enable_i (valid_q && leave),
      .write_address_i(word_beat_q),
      .write_data_i   (sums),
      .read_enable_i  (take),
      .read_address_i (beat_q),
      .read_data_o    (so_far)
    );
  end

  `SL_ASSERT_STREAM(y, y_valid_o, y_ready_i, y_o)

endmodule : sl_frame_sum
