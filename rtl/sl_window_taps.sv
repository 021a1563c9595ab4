// SPDX-License-Identifier: Apache-2.0
//
// sl_window_taps: the windows of a feature map, part by part: a word, or a column of the kernel.
//
//   part t of the window at (oy, ox), channel beat c:
//     Columns = 0: x[oy*StrideRows - PadTop + (t % KernelRows)*DilationRows]
//                   [ox*StrideCols - PadLeft + (t / KernelRows)*DilationCols][c]
//     Columns = 1: word r of part t is that of kernel row r and kernel column t
//   and PadWord outside the map. Parts innermost, then beats, columns, rows, frames.
//
// Parts are read from the last rows in any order, so padding costs no words, and what comes in is
// written while windows of the rows before are read; the padding that begins a frame does not wait
// for its first word, but for the last part of a window. Reach + StrideRows + SpareRows rows are kept;
// Reach = (KernelRows-1)*DilationRows + 1 are those from a window's first to its last.
// Latency: 2 cycles from the last word that a part needs to the part. Throughput: a word and a part
// per cycle. Frames follow one another in max(words, parts of a frame) cycles if the last windows of
// a frame and the first of the next one fit side by side, that is,
//   SpareRows >= Rows - max(0, (OutRows-1)*StrideRows - PadTop) + max(0, Reach - PadTop)
//                - Reach - StrideRows;
// for each row that lacks up to Cols*Beats cycles are lost a frame. Where words and parts are within
// a few rows' of each other, rows that have more parts than others may cost one row's words.
// Test: tests/rtl/sl_window_taps_test.cpp.

`include "sl_assert.svh"

module sl_window_taps #(
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
  parameter bit Columns = 1'b0,
  parameter logic [Width-1:0] PadWord = '0,
  localparam int WordsOut = Columns ? KernelRows : 1,
  localparam int BeatWidth = Lanes * Width
) (
  input  logic clk_i,
  input  logic rst_ni,

  input  logic                 x_valid_i,
  output logic                 x_ready_o,
  input  logic [BeatWidth-1:0] x_i,

  output logic                          y_valid_o,
  input  logic                          y_ready_i,
  output logic [WordsOut*BeatWidth-1:0] y_o
);

  `SL_ASSERT_PARAM(sizes, Width >= 1 && Lanes >= 1 && Rows >= 1 && Cols >= 1 && Beats >= 1)
  `SL_ASSERT_PARAM(kernel, KernelRows >= 1 && KernelCols >= 1 && StrideRows >= 1 &&
                   StrideCols >= 1 && DilationRows >= 1 && DilationCols >= 1)
  `SL_ASSERT_PARAM(outputs, OutRows >= 1 && OutCols >= 1 && PadTop >= 0 && PadLeft >= 0)
  `SL_ASSERT_PARAM(spare_rows, SpareRows >= 0)

  localparam int RowWords = Cols * Beats;
  localparam int Reach = (KernelRows - 1) * DilationRows + 1;
  localparam int Slots = Reach + StrideRows + SpareRows;
  localparam int SlotWidth = $clog2(Slots);
  localparam int IndexWidth = RowWords > 1 ? $clog2(RowWords) : 1;
  localparam int HeldWidth = $clog2(Slots * RowWords + 1);
  // Rows and columns, with those of the padding on both sides.
  localparam int ReachCols = (KernelCols - 1) * DilationCols + 1;
  localparam int Most = OutRows * StrideRows + Reach + OutCols * StrideCols + ReachCols +
                        Rows + Cols + PadTop + PadLeft;
  localparam int CoordWidth = $clog2(Most) + 1;

  // ---- where the walk through the parts is

  localparam int KernelRowWidth = KernelRows > 1 ? $clog2(KernelRows) : 1;
  localparam int KernelColWidth = KernelCols > 1 ? $clog2(KernelCols) : 1;
  localparam int BeatCountWidth = Beats > 1 ? $clog2(Beats) : 1;
  localparam int OutColWidth = OutCols > 1 ? $clog2(OutCols) : 1;

  logic [KernelRowWidth-1:0] kernel_row_q;
  logic [KernelColWidth-1:0] kernel_col_q;
  logic [BeatCountWidth-1:0] beat_q;
  logic [OutColWidth-1:0]    out_col_q;
  logic signed [CoordWidth-1:0] row_step_q;   // kernel_row*DilationRows
  logic signed [CoordWidth-1:0] first_col_q;  // out_col*StrideCols - PadLeft
  logic signed [CoordWidth-1:0] col_step_q;   // kernel_col*DilationCols

  logic ends_col, ends_kernel, ends_beats, ends_row;  // of the kernel, of the window, of the row
  assign ends_col    = Columns || kernel_row_q == KernelRowWidth'(KernelRows - 1);
  assign ends_kernel = ends_col && kernel_col_q == KernelColWidth'(KernelCols - 1);
  assign ends_beats  = ends_kernel && beat_q == BeatCountWidth'(Beats - 1);
  assign ends_row    = ends_beats && out_col_q == OutColWidth'(OutCols - 1);

  logic                         may_go;
  logic [HeldWidth-1:0]         held, release_words;
  logic signed [CoordWidth-1:0] first_row, base_row;
  logic [SlotWidth-1:0]         base_slot;

  // ---- what it reads there

  logic signed [CoordWidth-1:0] col, last_row;
  logic [SlotWidth:0]           rows_on;  // from the base row to it
  logic                         has_col, has_rows, has_begun, is_held;
  logic [IndexWidth-1:0]        index;
  logic [HeldWidth-1:0]         needed;

  assign col     = first_col_q + col_step_q;
  assign has_col = col >= 0 && col < CoordWidth'(Cols);
  assign index   = IndexWidth'(col) * IndexWidth'(Beats) + IndexWidth'(beat_q);

  // The lowest row that the part needs, of those that are in the map.
  always_comb begin
    last_row = first_row + (Columns ? CoordWidth'(Reach - 1) : row_step_q);
    if (Columns && last_row > CoordWidth'(Rows - 1)) last_row = CoordWidth'(Rows - 1);
  end
  assign has_rows = last_row >= base_row && last_row < CoordWidth'(Rows);
  assign rows_on  = (SlotWidth + 1)'(last_row - base_row);
  assign needed   = HeldWidth'(rows_on) * HeldWidth'(RowWords) + HeldWidth'(index);
  // No window is whole before its frame has begun: after the last frame nothing more leaves.
  assign has_begun = base_row != 0 || held != 0;
  assign is_held   = (!(has_col && has_rows) || held > needed) && (!ends_kernel || has_begun);

  // ---- one part a cycle

  logic advance, issue;
  assign advance = y_ready_i || !y_valid_o;
  assign issue   = advance && is_held && (!ends_row || may_go);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      y_valid_o    <= 1'b0;
      kernel_row_q <= '0;
      kernel_col_q <= '0;
      beat_q       <= '0;
      out_col_q    <= '0;
      row_step_q   <= '0;
      col_step_q   <= '0;
      first_col_q  <= -CoordWidth'(PadLeft);
    end else begin
      if (advance) y_valid_o <= issue;
      if (issue) begin
        kernel_row_q <= ends_col ? '0 : kernel_row_q + 1'b1;
        row_step_q   <= ends_col ? '0 : row_step_q + CoordWidth'(DilationRows);
        if (ends_col) begin
          kernel_col_q <= ends_kernel ? '0 : kernel_col_q + 1'b1;
          col_step_q   <= ends_kernel ? '0 : col_step_q + CoordWidth'(DilationCols);
        end
        if (ends_kernel) beat_q <= ends_beats ? '0 : beat_q + 1'b1;
        if (ends_beats) begin
          out_col_q   <= ends_row ? '0 : out_col_q + 1'b1;
          first_col_q <= ends_row ? -CoordWidth'(PadLeft) : first_col_q + CoordWidth'(StrideCols);
        end
      end
    end
  end

  sl_row_walk #(
    .Rows(Rows),
    .RowWords(RowWords),
    .OutRows(OutRows),
    .Stride(StrideRows),
    .Pad(PadTop),
    .Slots(Slots),
    .CoordWidth(CoordWidth)
  ) u_walk (
    .clk_i,
    .rst_ni,
    .next_i         (issue && ends_row),
    .held_i         (held),
    .may_go_o       (may_go),
    .release_words_o(release_words),
    .first_row_o    (first_row),
    .base_row_o     (base_row),
    .base_slot_o    (base_slot)
  );

  // ---- the words

  // Slot of a row that lies `on` rows after that of slot `base`. An argument, since a port that a
  // function of module variables drives does not see them change.
  function automatic logic [SlotWidth-1:0] slot_of(input logic [SlotWidth-1:0] base,
                                                   input logic [SlotWidth:0] on);
    logic [SlotWidth:0] sum;
    sum = {1'b0, base} + on;
    slot_of = SlotWidth'(sum >= (SlotWidth + 1)'(Slots) ? sum - (SlotWidth + 1)'(Slots) : sum);
  endfunction

  logic [(Columns ? Slots : 1)*BeatWidth-1:0] words;

  sl_row_buffer #(
    .WordWidth(BeatWidth),
    .Slots(Slots),
    .RowWords(RowWords),
    .Banked(Columns)
  ) u_rows (
    .clk_i,
    .rst_ni,
    .x_valid_i,
    .x_ready_o,
    .x_i,
    .read_i         (advance),
    .slot_i         (slot_of(base_slot, rows_on)),
    .index_i        (index),
    .words_o        (words),
    .release_i      (issue && ends_row),
    .release_words_i(release_words),
    .held_o         (held)
  );

  if (Columns) begin : gen_columns
    // Words a power of two bits apart: what chooses one is a mux, no shifter.
    localparam int ApartWidth = $clog2(BeatWidth);
    logic [(Slots<<ApartWidth)-1:0] apart;
    for (genvar s = 0; s < Slots; s++) begin : gen_slot
      assign apart[(s<<ApartWidth) +: (1<<ApartWidth)] =
          (1 << ApartWidth)'(words[s*BeatWidth +: BeatWidth]);
    end
    for (genvar r = 0; r < KernelRows; r++) begin : gen_row
      logic signed [CoordWidth-1:0] row;
      logic [SlotWidth-1:0]         slot_q;
      logic                         has_q;
      assign row = first_row + CoordWidth'(r * DilationRows);
      always_ff @(posedge clk_i) begin
        if (advance) begin
          has_q  <= has_col && row >= 0 && row < CoordWidth'(Rows);
          slot_q <= slot_of(base_slot, (SlotWidth + 1)'(row - base_row));
        end
      end
      assign y_o[r*BeatWidth +: BeatWidth] =
          has_q ? apart[(32'(slot_q)<<ApartWidth) +: BeatWidth] : {Lanes{PadWord}};
    end
  end else begin : gen_words
    logic has_q;
    always_ff @(posedge clk_i) begin
      if (advance) has_q <= has_col && has_rows;
    end
    assign y_o = has_q ? words : {Lanes{PadWord}};
  end

  `SL_ASSERT_STREAM(y, y_valid_o, y_ready_i, y_o)

endmodule : sl_window_taps
