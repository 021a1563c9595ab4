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
// Latency: 3 cycles from the last word that a part needs to the part. Throughput: a word and a part
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
  localparam int AheadWidth = $clog2((Slots + PadTop) * RowWords + 1);
  localparam int ReachCols = (KernelCols - 1) * DilationCols + 1;
  // Rows, with those of the padding on both sides, and a sign.
  localparam int CoordWidth =
      $clog2(OutRows * StrideRows + Reach + Rows + PadTop + 2 * StrideRows) + 1;
  localparam int LastFirst = (OutRows - 1) * StrideRows - PadTop;  // row of the last windows

  // ---- the walk through the parts: all that is known of one is in registers before its cycle

  logic issue;  // a part goes

  logic ends_col, ends_kernel_cols, ends_beats, ends_cols, at_last;
  logic ends_kernel, ends_window, ends_row;

  sl_count #(.Steps(Columns ? 1 : KernelRows)) u_kernel_rows (
    .clk_i,
    .rst_ni,
    .step_i(issue),
    .last_o(ends_col)
  );
  sl_count #(.Steps(KernelCols)) u_kernel_cols (
    .clk_i,
    .rst_ni,
    .step_i(issue && ends_col),
    .last_o(ends_kernel_cols)
  );
  sl_count #(.Steps(Beats)) u_beats (
    .clk_i,
    .rst_ni,
    .step_i(issue && ends_kernel),
    .last_o(ends_beats)
  );
  sl_count #(.Steps(OutCols)) u_cols (
    .clk_i,
    .rst_ni,
    .step_i(issue && ends_window),
    .last_o(ends_cols)
  );
  assign ends_kernel = ends_col && ends_kernel_cols;
  assign ends_window = ends_kernel && ends_beats;  // of all its beats
  assign ends_row    = ends_window && ends_cols;

  // Going on by a part moves places by constants. Back from a kernel's last row, and column:
  localparam int BackRows = Columns ? 0 : (KernelRows - 1) * DilationRows;
  localparam int BackCols = (KernelCols - 1) * DilationCols;
  localparam int BackWords = BackRows * RowWords + BackCols * Beats;
  // And from a row's last part to its first.
  localparam int BackOutCols = (OutCols - 1) * StrideCols + BackCols;
  localparam int BackRowWords = BackRows * RowWords + BackOutCols * Beats + Beats - 1;

  localparam int ColWidth = $clog2(OutCols * StrideCols + ReachCols + Cols + PadLeft) + 1;
  localparam int ColSign = ColWidth - 1;
  logic [ColWidth-1:0] col_q, col_step, next_col;
  logic [ColWidth-1:0] beyond_q, next_beyond;  // of the column, behind the map's last one
  logic                has_col_q;              // in the map

  always_comb begin
    if (!ends_col) col_step = '0;
    else if (!ends_kernel_cols) col_step = ColWidth'(DilationCols);
    else if (!ends_beats) col_step = ColWidth'(-BackCols);
    else if (!ends_cols) col_step = ColWidth'(StrideCols - BackCols);
    else col_step = ColWidth'(-BackOutCols);
  end
  assign next_col    = col_q + col_step;
  assign next_beyond = beyond_q + col_step;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      col_q     <= ColWidth'(-PadLeft);
      beyond_q  <= ColWidth'(-PadLeft - Cols);
      has_col_q <= PadLeft == 0;
    end else if (issue) begin
      col_q     <= next_col;
      beyond_q  <= next_beyond;
      has_col_q <= !next_col[ColSign] && next_beyond[ColSign];
    end
  end

  // ---- the rows, and the words that have come

  logic                         write, full, may_go, has_begun;
  logic signed [CoordWidth-1:0] first_row;

  assign x_ready_o = !full;
  assign write     = x_valid_i && !full;

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
    .write_i    (write),
    .full_o     (full),
    .next_i     (issue && ends_row),
    .may_go_o   (may_go),
    .begun_o    (has_begun),
    .at_last_o  (at_last),
    .first_row_o(first_row)
  );

  // ---- whether a part can go

  // Words that have come after the last one that the part needs, less one; and how many fewer they
  // are when the next part is in turn, by its own way and, where that begins a row, by the rows'.
  logic signed [AheadWidth:0] margin_q, stays, goes, margin_step, row_step;
  logic                       has_rows, is_held;

  if (Columns) begin : gen_lowest_row
    // The lowest row that a column needs, of those that are in the map. While it lies in the map it
    // moves along with the first one; then it stays at the end of the map.
    localparam int LastFull = Rows - Reach;  // the last first row whose columns lie in the map
    localparam int CrossFirst =
        LastFull < -PadTop ? -PadTop
                           : (LastFull + PadTop) / StrideRows * StrideRows + StrideRows - PadTop;
    localparam int StartRows = LastFull < -PadTop ? Rows - 1 + PadTop : Reach - 1;
    localparam int EndRows = LastFirst > LastFull ? Rows - 1 - LastFirst : Reach - 1;
    // How far the lowest row moves on with the next first row: all the way, partly, or not at all.
    logic has_rows_q, moves_q, crosses_q;
    assign has_rows = has_rows_q;
    always_comb begin
      if (at_last) begin
        row_step = (AheadWidth + 1)'((Rows - PadTop - LastFirst + StartRows - EndRows) * RowWords);
      end else if (moves_q) begin
        row_step = (AheadWidth + 1)'(StrideRows * RowWords);
      end else if (crosses_q) begin
        row_step = (AheadWidth + 1)'((StrideRows + LastFull - CrossFirst) * RowWords);
      end else begin
        row_step = '0;
      end
    end
    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        margin_q   <= (AheadWidth + 1)'((PadTop - StartRows) * RowWords + PadLeft * Beats - 1);
        has_rows_q <= PadTop < Reach;
        moves_q    <= -PadTop <= LastFull - StrideRows;
        crosses_q  <= -PadTop < LastFull;
      end else begin
        margin_q <= issue ? goes : stays;
        if (issue && ends_row) begin
          has_rows_q <= at_last ? PadTop < Reach
                                : first_row > -CoordWidth'(Reach + StrideRows) &&
                                      first_row < CoordWidth'(Rows - StrideRows);
          moves_q    <= at_last ? -PadTop <= LastFull - StrideRows
                                : first_row <= CoordWidth'(LastFull - 2 * StrideRows);
          crosses_q  <= at_last ? -PadTop < LastFull
                                : first_row < CoordWidth'(LastFull - StrideRows);
        end
      end
    end
  end else begin : gen_own_row
    logic [CoordWidth-1:0] row_q, step, next_row;
    logic [CoordWidth-1:0] below_q, next_below;  // of the row, behind the map's last one
    logic                  has_row_q;
    always_comb begin
      if (!ends_col) step = CoordWidth'(DilationRows);
      else if (!ends_row) step = CoordWidth'(-BackRows);
      else if (!at_last) step = CoordWidth'(StrideRows - BackRows);
      else step = CoordWidth'(-PadTop - LastFirst - BackRows);
    end
    assign next_row   = row_q + step;
    assign next_below = below_q + step;
    assign has_rows = has_row_q;
    assign row_step = at_last ? (AheadWidth + 1)'((Rows - PadTop - LastFirst) * RowWords)
                              : (AheadWidth + 1)'(StrideRows * RowWords);
    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        row_q     <= CoordWidth'(-PadTop);
        below_q   <= CoordWidth'(-PadTop - Rows);
        has_row_q <= PadTop == 0;
        margin_q  <= (AheadWidth + 1)'(PadTop * RowWords + PadLeft * Beats - 1);
      end else begin
        margin_q <= issue ? goes : stays;
        if (issue) begin
          row_q     <= next_row;
          below_q   <= next_below;
          has_row_q <= !next_row[CoordWidth-1] && next_below[CoordWidth-1];
        end
      end
    end
  end

  always_comb begin
    if (!ends_col) begin
      margin_step = (AheadWidth + 1)'(DilationRows * RowWords);
    end else if (!ends_kernel_cols) begin
      margin_step = (AheadWidth + 1)'(DilationCols * Beats - BackRows * RowWords);
    end else if (!ends_beats) begin
      margin_step = (AheadWidth + 1)'(1 - BackWords);
    end else if (!ends_cols) begin
      margin_step = (AheadWidth + 1)'(StrideCols * Beats - (Beats - 1) - BackWords);
    end else begin
      margin_step = row_step - (AheadWidth + 1)'(BackRowWords);
    end
  end
  assign stays = margin_q + (AheadWidth + 1)'(write);
  assign goes  = margin_q + (AheadWidth + 1)'(write) - margin_step;

  // No window is whole before its frame has begun: after the last frame nothing more leaves.
  assign is_held = (!has_col_q || !has_rows || !margin_q[AheadWidth]) &&
                   (!ends_kernel || has_begun);

  // ---- one part a cycle

  logic read_valid_q, advance, leave;  // from the memories, and to the output
  assign leave   = y_ready_i || !y_valid_o;
  assign advance = leave || !read_valid_q;
  assign issue   = advance && is_held && (!ends_row || may_go);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      read_valid_q <= 1'b0;
      y_valid_o    <= 1'b0;
    end else begin
      if (advance) read_valid_q <= issue;
      if (leave) y_valid_o <= read_valid_q;
    end
  end

  // ---- where its words are: in the ring of rows, or, of columns, in each of them

  localparam int Places = Columns ? RowWords : Slots * RowWords;
  localparam int AddressWidth = Places > 1 ? $clog2(Places) : 1;
  localparam int PlaceRow = Columns ? 0 : RowWords;  // from a row to the next one
  localparam int StartPlace = -PadTop * PlaceRow - PadLeft * Beats;

  // As it comes after the one before, or a ring's length behind that.
  logic [AddressWidth-1:0] address_q, step, next;
  logic [AddressWidth:0]   step_round, next_round;

  // Steps that are not negative, modulo the ring.
  localparam int StepRow = (DilationRows * PlaceRow) % Places;
  localparam int StepCol =
      ((DilationCols * Beats - BackRows * PlaceRow) % Places + Places) % Places;
  localparam int StepBeat =
      ((1 - BackRows * PlaceRow - BackCols * Beats) % Places + Places) % Places;
  localparam int StepOutCol = ((StrideCols * Beats - (Beats - 1) - BackRows * PlaceRow -
                                BackCols * Beats) % Places + Places) % Places;
  localparam int BackToRow = BackRows * PlaceRow + BackOutCols * Beats + Beats - 1;
  localparam int StepOutRow = ((StrideRows * PlaceRow - BackToRow) % Places + Places) % Places;
  localparam int StepFrame =
      (((Rows - PadTop - LastFirst) * PlaceRow - BackToRow) % Places + Places) % Places;

  always_comb begin
    if (!ends_col) begin
      step       = AddressWidth'(StepRow);
      step_round = (AddressWidth + 1)'(StepRow - Places);
    end else if (!ends_kernel_cols) begin
      step       = AddressWidth'(StepCol);
      step_round = (AddressWidth + 1)'(StepCol - Places);
    end else if (!ends_beats) begin
      step       = AddressWidth'(StepBeat);
      step_round = (AddressWidth + 1)'(StepBeat - Places);
    end else if (!ends_cols) begin
      step       = AddressWidth'(StepOutCol);
      step_round = (AddressWidth + 1)'(StepOutCol - Places);
    end else if (!at_last) begin
      step       = AddressWidth'(StepOutRow);
      step_round = (AddressWidth + 1)'(StepOutRow - Places);
    end else begin
      step       = AddressWidth'(StepFrame);
      step_round = (AddressWidth + 1)'(StepFrame - Places);
    end
  end
  assign next       = address_q + step;
  assign next_round = {1'b0, address_q} + step_round;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      address_q <= AddressWidth'((StartPlace % Places + Places) % Places);
    end else if (issue) begin
      address_q <= next_round[AddressWidth] ? next : next_round[AddressWidth-1:0];
    end
  end

  // ---- the words, in registers right behind the memories: block RAM is slow to give them

  localparam int Memories = Columns ? Slots : 1;
  logic [Memories*BeatWidth-1:0] words, words_q;

  sl_row_buffer #(
    .WordWidth(BeatWidth),
    .Slots(Slots),
    .RowWords(RowWords),
    .Banked(Columns)
  ) u_rows (
    .clk_i,
    .rst_ni,
    .write_i  (write),
    .x_i,
    .read_i   (advance),
    .address_i(address_q),
    .words_o  (words)
  );

  always_ff @(posedge clk_i) begin
    if (leave) words_q <= words;
  end

  if (Columns) begin : gen_columns
    // The slots of the rows; the first one's, by which the others' lie.
    localparam int StartSlot = (Slots - PadTop % Slots) % Slots;
    localparam int FrameSlots = ((Rows - PadTop - LastFirst) % Slots + Slots) % Slots;
    logic [SlotWidth-1:0] first_slot_q, read_slot_q;
    logic [SlotWidth:0]   slot_step, next_slot;
    assign slot_step = at_last ? (SlotWidth + 1)'(FrameSlots) : (SlotWidth + 1)'(StrideRows);
    assign next_slot = {1'b0, first_slot_q} + slot_step;
    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        first_slot_q <= SlotWidth'(StartSlot);
      end else if (issue && ends_row) begin
        first_slot_q <= SlotWidth'(next_slot >= (SlotWidth + 1)'(Slots)
                                       ? next_slot - (SlotWidth + 1)'(Slots) : next_slot);
      end
    end
    always_ff @(posedge clk_i) begin
      if (advance) read_slot_q <= first_slot_q;
    end

    // Words a power of two bits apart: what chooses one is a mux, no shifter.
    localparam int ApartWidth = $clog2(BeatWidth);
    logic [(Slots<<ApartWidth)-1:0] apart;
    for (genvar s = 0; s < Slots; s++) begin : gen_slot
      assign apart[(s<<ApartWidth) +: (1<<ApartWidth)] =
          (1 << ApartWidth)'(words_q[s*BeatWidth +: BeatWidth]);
    end

    for (genvar r = 0; r < KernelRows; r++) begin : gen_row
      localparam int Below = r * DilationRows;
      logic [SlotWidth:0]   sum;
      logic [SlotWidth-1:0] slot_q;
      logic                 read_has_q, has_q;
      assign sum = {1'b0, read_slot_q} + (SlotWidth + 1)'(Below);
      always_ff @(posedge clk_i) begin
        if (advance) begin
          read_has_q <= has_col_q && first_row >= -CoordWidth'(Below) &&
                        first_row < CoordWidth'(Rows - Below);
        end
        if (leave) begin
          has_q  <= read_has_q;
          slot_q <= SlotWidth'(sum >= (SlotWidth + 1)'(Slots)
                                   ? sum - (SlotWidth + 1)'(Slots) : sum);
        end
      end
      assign y_o[r*BeatWidth +: BeatWidth] =
          has_q ? apart[(32'(slot_q)<<ApartWidth) +: BeatWidth] : {Lanes{PadWord}};
    end
  end else begin : gen_words
    logic read_has_q, has_q;
    always_ff @(posedge clk_i) begin
      if (advance) read_has_q <= has_col_q && has_rows;
      if (leave) has_q <= read_has_q;
    end
    assign y_o = has_q ? words_q : {Lanes{PadWord}};
    logic unused_row;
    assign unused_row = ^first_row;
  end

  `SL_ASSERT_STREAM(y, y_valid_o, y_ready_i, y_o)

endmodule : sl_window_taps
