// SPDX-License-Identifier: Apache-2.0
//
// sl_row_walk: the rows of a feature map that the windows of an output row need, and when they can
// be given up.
//
//   first row = output row * Stride - Pad (negative within the padding)
//   base row  = min(max(0, first row), Rows): the oldest row needed; Rows where the windows lie in
//               the padding behind the map
//   full      = Slots rows of words are held from the base row's start on: no word may be written
//   begun     = a word of the frame has been written
//
// With `next_i` the walk goes on to the next output row, after the last one to the next frame, and
// gives up the rows before its base row; `may_go_o` says that they have all been written.
// `at_last_o` is high in the last output row.
// Latency: 1 cycle from `next_i` to the next row. Throughput: a row per cycle.
// Test: tests/rtl/sl_window_taps_test.cpp, in what walks by it.

`include "sl_assert.svh"

module sl_row_walk #(
  parameter int Rows = 4,
  parameter int RowWords = 16,
  parameter int OutRows = 4,
  parameter int Stride = 1,
  parameter int Pad = 1,
  parameter int Slots = 4,
  parameter int CoordWidth = 8
) (
  input  logic clk_i,
  input  logic rst_ni,

  input  logic write_i,
  output logic full_o,

  input  logic                         next_i,
  output logic                         may_go_o,
  output logic                         begun_o,
  output logic                         at_last_o,
  output logic signed [CoordWidth-1:0] first_row_o
);

  localparam int AheadWidth = $clog2((Slots + Pad) * RowWords + 1);
  localparam int LastFirst = (OutRows - 1) * Stride - Pad;
  // Rows given up at once: those of a stride, or all that are left of the frame.
  localparam int LastBase = LastFirst < 0 ? 0 : LastFirst < Rows ? LastFirst : Rows;
  `SL_ASSERT_PARAM(slots_hold_the_end, Rows - LastBase <= Slots && Stride <= Slots)

  // Words from a first row to the next one, in the frame and to the next frame's.
  localparam int RowStep = Stride * RowWords;
  localparam int FrameStep = (Rows - Pad - LastFirst) * RowWords;
  localparam int LeftWords = (Rows - LastFirst) * RowWords;  // of the last output row's

  logic at_last;
  sl_count #(.Steps(OutRows)) u_out_rows (
    .clk_i,
    .rst_ni,
    .step_i(next_i),
    .last_o(at_last)
  );
  assign at_last_o = at_last;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      first_row_o <= -CoordWidth'(Pad);
    end else if (next_i) begin
      first_row_o <= at_last ? -CoordWidth'(Pad) : first_row_o + CoordWidth'(Stride);
    end
  end

  // ---- the words written after the place where the first row begins, in the padding too, so that
  // they become fewer by constants

  logic [AheadWidth-1:0] ahead_q;
  logic [AheadWidth-1:0] stays, goes;  // for the row of now, and for the next one
  assign stays = ahead_q + AheadWidth'(write_i);
  assign goes  = ahead_q + AheadWidth'(write_i) -
                 (at_last ? AheadWidth'(FrameStep) : AheadWidth'(RowStep));

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      ahead_q <= AheadWidth'(Pad * RowWords);
      begun_o <= 1'b0;
    end else begin
      ahead_q <= next_i ? goes : stays;
      begun_o <= write_i || (next_i && at_last ? ahead_q != AheadWidth'(LeftWords) : begun_o);
    end
  end

  // The words that are given up; none of those in the padding are.
  logic may_leave, may_end;
  if (LastFirst > Rows) begin : gen_goes_below
    // The last first row within the map, before one below it.
    localparam int Steps = (Rows - 1 + Pad) / Stride;
    localparam int CrossWords = (Rows + Pad - Steps * Stride) * RowWords;
    assign may_leave = first_row_o >= CoordWidth'(Rows) ||
                       ahead_q >= (first_row_o + CoordWidth'(Stride) > CoordWidth'(Rows)
                                   ? AheadWidth'(CrossWords) : AheadWidth'(RowStep));
  end else begin : gen_stays_within
    assign may_leave = ahead_q >= AheadWidth'(RowStep);
  end
  if (LastFirst >= Rows) begin : gen_ends_below
    assign may_end = 1'b1;
  end else begin : gen_ends_within
    assign may_end = ahead_q >= AheadWidth'(LeftWords);
  end
  assign may_go_o = at_last ? may_end : may_leave;

  // ---- whether all slots are taken

  // How far ahead is one word before all are.
  localparam int StartLimit = (Slots + Pad) * RowWords - 1;
  localparam int Limit = Slots * RowWords - 1;
  logic [AheadWidth-1:0] limit;
  logic                  gives_up;  // words, with the row of now

  if (Pad == 0 && LastFirst <= Rows) begin : gen_one_limit
    assign limit = AheadWidth'(Limit);
  end else begin : gen_limits
    localparam int Below = (Rows + Pad + Stride - 1) / Stride * Stride - Pad;  // the first one there
    logic [AheadWidth-1:0] limit_q;
    assign limit = limit_q;
    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        limit_q <= AheadWidth'(StartLimit);
      end else if (next_i) begin
        if (at_last) limit_q <= AheadWidth'(StartLimit);
        else if (Pad > Stride && first_row_o < -CoordWidth'(Stride)) begin
          limit_q <= limit_q - AheadWidth'(RowStep);
        end else if (LastFirst > Rows && first_row_o >= CoordWidth'(Rows)) begin
          limit_q <= limit_q - AheadWidth'(RowStep);
        end else if (LastFirst > Rows &&
                     first_row_o + CoordWidth'(Stride) > CoordWidth'(Rows)) begin
          limit_q <= AheadWidth'(Limit - (Below - Rows) * RowWords);
        end else begin
          limit_q <= AheadWidth'(Limit);
        end
      end
    end
  end
  assign gives_up = (at_last || first_row_o > -CoordWidth'(Stride)) &&
                    (LastFirst < Rows || first_row_o < CoordWidth'(Rows));

  always_ff @(posedge clk_i) begin
    if (!rst_ni) full_o <= 1'b0;
    else full_o <= (full_o || (write_i && ahead_q == limit)) && !(next_i && gives_up);
  end

  `SL_ASSERT(written_where_free, !(write_i && full_o))
  `SL_ASSERT(given_up_is_written, !next_i || may_go_o)

endmodule : sl_row_walk
