// SPDX-License-Identifier: Apache-2.0
//
// sl_row_walk: which rows of a feature map the windows of an output row need, and when they can be
// given up.
//
//   first row = output row * Stride - Pad (negative within the padding)
//   base row  = min(max(0, first row), Rows): the oldest row needed, in slot `base_slot_o` of a
//               ring of Slots; Rows where the windows lie in the padding behind the map
//
// With `next_i` the walk goes on to the next output row, after the last one to the next frame;
// `release_words_o` are the words of the rows that are not needed any more then, `may_go_o` says
// that they have all been written. Latency: 1 cycle from `next_i` to the next row. Throughput: a row
// per cycle.
// Test: tests/rtl/sl_window_taps_test.cpp, in what walks by it.

`include "sl_assert.svh"

module sl_row_walk #(
  parameter int Rows = 4,
  parameter int RowWords = 16,
  parameter int OutRows = 4,
  parameter int Stride = 1,
  parameter int Pad = 1,
  parameter int Slots = 4,
  parameter int CoordWidth = 8,
  localparam int HeldWidth = $clog2(Slots * RowWords + 1),
  localparam int SlotWidth = Slots > 1 ? $clog2(Slots) : 1
) (
  input  logic clk_i,
  input  logic rst_ni,

  input  logic                         next_i,
  input  logic [HeldWidth-1:0]         held_i,
  output logic                         may_go_o,
  output logic [HeldWidth-1:0]         release_words_o,
  output logic signed [CoordWidth-1:0] first_row_o,
  output logic signed [CoordWidth-1:0] base_row_o,
  output logic [SlotWidth-1:0]         base_slot_o
);

  localparam int OutWidth = OutRows > 1 ? $clog2(OutRows) : 1;
  // Rows given up at once: those of a stride, or all that are left of the frame.
  localparam int LastFirst = (OutRows - 1) * Stride > Pad ? (OutRows - 1) * Stride - Pad : 0;
  localparam int LastBase = LastFirst < Rows ? LastFirst : Rows;
  `SL_ASSERT_PARAM(slots_hold_the_end, Rows - LastBase <= Slots && Stride <= Slots)

  logic [OutWidth-1:0]          out_row_q;
  logic                         is_last;
  logic signed [CoordWidth-1:0] next_first, next_base;
  logic [SlotWidth:0]           released, next_slot;  // rows

  assign is_last    = out_row_q == OutWidth'(OutRows - 1);
  assign base_row_o = first_row_o < 0 ? '0
                      : first_row_o > CoordWidth'(Rows) ? CoordWidth'(Rows) : first_row_o;
  assign next_first = first_row_o + CoordWidth'(Stride);
  assign next_base  = next_first < 0 ? '0
                      : next_first > CoordWidth'(Rows) ? CoordWidth'(Rows) : next_first;
  assign released   = (SlotWidth + 1)'((is_last ? CoordWidth'(Rows) : next_base) - base_row_o);

  assign release_words_o = HeldWidth'(released) * HeldWidth'(RowWords);
  assign may_go_o        = held_i >= release_words_o;
  assign next_slot       = {1'b0, base_slot_o} + released;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      out_row_q   <= '0;
      first_row_o <= -CoordWidth'(Pad);
      base_slot_o <= '0;
    end else if (next_i) begin
      out_row_q   <= is_last ? '0 : out_row_q + 1'b1;
      first_row_o <= is_last ? -CoordWidth'(Pad) : next_first;
      base_slot_o <= SlotWidth'(next_slot >= (SlotWidth + 1)'(Slots)
                                ? next_slot - (SlotWidth + 1)'(Slots) : next_slot);
    end
  end

endmodule : sl_row_walk
