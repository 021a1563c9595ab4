// SPDX-License-Identifier: Apache-2.0
//
// sl_window_slide: the windows of a feature map, each whole.
//
//   word c*KernelRows + r of the window at (oy, ox), channel beat b:
//     x[oy*StrideRows - PadTop + r*DilationRows][ox*StrideCols - PadLeft + c*DilationCols][b]
//   and PadWord outside the map. Beats innermost, then columns, rows, frames.
//
// Columns of the kernel are read from the last rows and shifted along: each output row takes
// Beats cycles for each column of the map up to the last window's end, the padding at the right
// included and that at the left not. Rows are kept as in sl_window_taps.
// Latency: 4 cycles from the last word that a window needs to the window. Throughput: a column per
// cycle: with the columns of its rows for parts, frames take the cycles that sl_window_taps states.
// Test: tests/rtl/sl_window_slide_test.cpp.

`include "sl_assert.svh"

module sl_window_slide #(
  parameter int Width = 8,
  parameter int Lanes = 1,
  parameter int Rows = 4,
  parameter int Cols = 4,
  parameter int Beats = 1,
  parameter int KernelRows = 3,
  parameter int KernelCols = 3,
  parameter int StrideRows = 1,
  parameter int StrideCols = 1,
  parameter int DilationRows = 1,
  parameter int DilationCols = 1,
  parameter int PadTop = 1,
  parameter int PadLeft = 1,
  parameter int OutRows = 4,
  parameter int OutCols = 4,
  parameter int SpareRows = 0,
  parameter logic [Width-1:0] PadWord = '0,
  localparam int BeatWidth = Lanes * Width,
  localparam int WindowWidth = KernelRows * KernelCols * BeatWidth
) (
  input  logic clk_i,
  input  logic rst_ni,

  input  logic                 x_valid_i,
  output logic                 x_ready_o,
  input  logic [BeatWidth-1:0] x_i,

  output logic                   y_valid_o,
  input  logic                   y_ready_i,
  output logic [WindowWidth-1:0] y_o
);

  localparam int ReachCols = (KernelCols - 1) * DilationCols + 1;
  `SL_ASSERT_PARAM(pad_within_kernel, PadLeft < ReachCols)
  // Columns that a row goes through: up to that where the last window ends.
  localparam int Sweep = (OutCols - 1) * StrideCols + ReachCols - PadLeft;
  localparam int ColumnWidth = KernelRows * BeatWidth;

  // ---- a column of the kernel for each column of the map

  logic                   column_valid, column_ready;
  logic [ColumnWidth-1:0] column;

  sl_window_taps #(
    .Width(Width),
    .Lanes(Lanes),
    .Rows(Rows),
    .Cols(Cols),
    .Beats(Beats),
    .KernelRows(KernelRows),
    .KernelCols(1),
    .StrideRows(StrideRows),
    .StrideCols(1),
    .DilationRows(DilationRows),
    .DilationCols(1),
    .PadTop(PadTop),
    .PadLeft(0),
    .OutRows(OutRows),
    .OutCols(Sweep),
    .SpareRows(SpareRows),
    .Columns(1'b1),
    .PadWord(PadWord)
  ) u_columns (
    .clk_i,
    .rst_ni,
    .x_valid_i,
    .x_ready_o,
    .x_i,
    .y_valid_o(column_valid),
    .y_ready_i(column_ready),
    .y_o      (column)
  );

  // ---- the columns before it, of each beat

  localparam int History = ReachCols > 1 ? ReachCols - 1 : 1;
  localparam int BeatCountWidth = Beats > 1 ? $clog2(Beats) : 1;
  localparam int ColWidth = $clog2(Sweep + ReachCols);
  localparam int PhaseWidth = StrideCols > 1 ? $clog2(StrideCols) : 1;

  logic [History*ColumnWidth-1:0] history;  // the latest lowest
  logic [BeatCountWidth-1:0]      beat_q;
  logic [ColWidth-1:0]            col_q;
  logic [PhaseWidth-1:0]          phase_q;  // columns since that of a window, modulo the stride
  logic                           ends_beats, ends_row, begins_windows, has_window, take;

  assign ends_beats     = beat_q == BeatCountWidth'(Beats - 1);
  assign ends_row       = ends_beats && col_q == ColWidth'(Sweep - 1);
  assign has_window     = begins_windows && phase_q == '0;
  assign column_ready   = y_ready_i || !y_valid_o || !has_window;
  assign take           = column_valid && column_ready;

  if (ReachCols - 1 > PadLeft) begin : gen_begins
    assign begins_windows = col_q >= ColWidth'(ReachCols - 1 - PadLeft);
  end else begin : gen_begins_at_once
    assign begins_windows = 1'b1;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      beat_q    <= '0;
      col_q     <= '0;
      phase_q   <= '0;
      y_valid_o <= 1'b0;
    end else begin
      if (y_ready_i || !y_valid_o) y_valid_o <= take && has_window;
      if (take) begin
        beat_q <= ends_beats ? '0 : beat_q + 1'b1;
        if (ends_beats) begin
          col_q <= ends_row ? '0 : col_q + 1'b1;
          if (ends_row) begin
            phase_q <= '0;
          end else if (begins_windows) begin
            phase_q <= phase_q == PhaseWidth'(StrideCols - 1) ? '0 : phase_q + 1'b1;
          end
        end
      end
    end
  end

  if (ReachCols == 1) begin : gen_no_history
    logic unused_history;
    assign history        = '0;
    assign unused_history = ^history;
  end else begin : gen_history
    logic [History*ColumnWidth-1:0] columns_q [0:Beats-1];
    assign history = columns_q[beat_q];
    if (History > 1) begin : gen_shift
      always_ff @(posedge clk_i) begin
        if (take) columns_q[beat_q] <= {history[(History-1)*ColumnWidth-1:0], column};
      end
    end else begin : gen_one
      always_ff @(posedge clk_i) begin
        if (take) columns_q[beat_q] <= column;
      end
    end
  end

  // ---- the window

  for (genvar c = 0; c < KernelCols; c++) begin : gen_col
    // So many columns before the latest.
    localparam int Back = (KernelCols - 1 - c) * DilationCols;
    logic [ColumnWidth-1:0] taken;
    if (Back == 0) begin : gen_latest
      assign taken = column;
    end else begin : gen_before
      assign taken = col_q >= ColWidth'(Back) ? history[(Back-1)*ColumnWidth +: ColumnWidth]
                                              : {(KernelRows*Lanes){PadWord}};
    end
    always_ff @(posedge clk_i) begin
      if (take && has_window) y_o[c*ColumnWidth +: ColumnWidth] <= taken;
    end
  end

  `SL_ASSERT_STREAM(y, y_valid_o, y_ready_i, y_o)

endmodule : sl_window_slide
