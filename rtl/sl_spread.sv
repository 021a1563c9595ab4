// SPDX-License-Identifier: Apache-2.0
//
// sl_spread: puts Fill between the pixels of a feature map, before the windows of a transposed
// convolution.
//
//   y[r][c] = x[r / RowStep][c / ColStep] where RowStep divides r and ColStep divides c, else Fill,
//   for r < (Rows-1)*RowStep + 1 and c < (Cols-1)*ColStep + 1
//
// Nothing is behind the last pixel of a row, or the last row. While it makes what lies between it
// takes no words: for Beats*(ColStep-1) cycles, between rows for all words of RowStep-1 of them. An
// sl_fifo of a row before it keeps that from whoever makes x.
// Latency: 1 cycle. Throughput: 1 word of y per cycle.
// Test: tests/rtl/sl_spread_test.cpp.

`include "sl_assert.svh"

module sl_spread #(
  parameter int Width = 8,
  parameter int Lanes = 1,
  parameter int Rows = 4,  // of x; frames follow without a gap
  parameter int Cols = 4,
  parameter int Beats = 1,  // words in a pixel
  parameter int RowStep = 2,
  parameter int ColStep = 2,
  parameter logic [Width-1:0] Fill = '0
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
  `SL_ASSERT_PARAM(step, RowStep >= 1 && ColStep >= 1)

  localparam int RowWidth = Rows > 1 ? $clog2(Rows) : 1;
  localparam int ColWidth = Cols > 1 ? $clog2(Cols) : 1;
  localparam int BeatWidth = Beats > 1 ? $clog2(Beats) : 1;
  localparam int RowPhaseWidth = RowStep > 1 ? $clog2(RowStep) : 1;
  localparam int ColPhaseWidth = ColStep > 1 ? $clog2(ColStep) : 1;

  logic [RowWidth-1:0]      row_q;
  logic [ColWidth-1:0]      col_q;
  logic [BeatWidth-1:0]     beat_q;
  logic [RowPhaseWidth-1:0] row_phase_q;  // rows since that of x
  logic [ColPhaseWidth-1:0] col_phase_q;
  logic                     pixel_last, row_last, frame_last, has_word, advance, issue;

  // Each names the end of what is within it too.
  assign pixel_last = beat_q == BeatWidth'(Beats - 1);
  assign row_last   = pixel_last && col_q == ColWidth'(Cols - 1);
  assign frame_last = row_last && row_q == RowWidth'(Rows - 1);

  assign has_word  = row_phase_q == '0 && col_phase_q == '0;
  assign advance   = y_ready_i || !y_valid_o;
  assign issue     = advance && (!has_word || x_valid_i);
  assign x_ready_o = advance && has_word;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      row_q       <= '0;
      col_q       <= '0;
      beat_q      <= '0;
      row_phase_q <= '0;
      col_phase_q <= '0;
      y_valid_o   <= 1'b0;
    end else if (advance) begin
      y_valid_o <= issue;
      if (issue) beat_q <= pixel_last ? '0 : beat_q + 1'b1;
      if (issue && row_last) begin
        col_q <= '0;
      end else if (issue && pixel_last) begin
        col_phase_q <= col_phase_q == ColPhaseWidth'(ColStep - 1) ? '0 : col_phase_q + 1'b1;
        if (col_phase_q == ColPhaseWidth'(ColStep - 1)) col_q <= col_q + 1'b1;
      end
      if (issue && frame_last) begin
        row_q <= '0;
      end else if (issue && row_last) begin
        row_phase_q <= row_phase_q == RowPhaseWidth'(RowStep - 1) ? '0 : row_phase_q + 1'b1;
        if (row_phase_q == RowPhaseWidth'(RowStep - 1)) row_q <= row_q + 1'b1;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (advance) y_o <= has_word ? x_i : {Lanes{Fill}};
  end

  `SL_ASSERT_STREAM(y, y_valid_o, y_ready_i, y_o)

endmodule : sl_spread
