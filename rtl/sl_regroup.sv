// SPDX-License-Identifier: Apache-2.0
//
// sl_regroup: carries a stream of LanesIn codes a word over to words of LanesOut codes.
//
//   code n of y = code n of x, codes numbered word by word, lane by lane
//
// A pixel of Beats * LanesIn channels is a whole number of words on both sides.
// Latency: as many cycles as words of x are in the first word of y, rounded up.
// Throughput: 1 word per cycle on the side of fewer lanes.
// Holds LanesIn codes going down to a divisor, 2 * LanesOut - LanesIn going up to a multiple, so that
// a reader may let a word of y stand for as long as the next one takes to come, and the least common
// multiple of both otherwise, behind a multiplexer. Does not reorder.
// Test: tests/rtl/sl_regroup_test.cpp.

`include "sl_assert.svh"

module sl_regroup #(
  parameter int Width = 8,
  parameter int LanesIn = 4,
  parameter int LanesOut = 2,
  parameter int Beats = 1  // words of x in a pixel
) (
  input  logic clk_i,
  input  logic rst_ni,

  input  logic                     x_valid_i,
  output logic                     x_ready_o,
  input  logic [LanesIn*Width-1:0] x_i,

  output logic                      y_valid_o,
  input  logic                      y_ready_i,
  output logic [LanesOut*Width-1:0] y_o
);

  `SL_ASSERT_PARAM(width, Width >= 1)
  `SL_ASSERT_PARAM(lanes, LanesIn >= 1 && LanesOut >= 1 && Beats >= 1)
  // Else a word of y would begin in one pixel and end in the next.
  `SL_ASSERT_PARAM(whole_words, (Beats * LanesIn) % LanesOut == 0)

  function automatic int gcd(input int a, input int b);
    int rest;
    while (b != 0) begin
      rest = a % b;
      a = b;
      b = rest;
    end
    gcd = a;
  endfunction

  localparam int XWidth = LanesIn * Width;
  localparam int YWidth = LanesOut * Width;

  if (LanesIn == LanesOut) begin : gen_same
    sl_register #(.Width(XWidth)) u_register (
      .clk_i,
      .rst_ni,
      .x_valid_i,
      .x_ready_o,
      .x_i,
      .y_valid_o,
      .y_ready_i,
      .y_o
    );
  end else if (LanesIn % LanesOut == 0) begin : gen_down
    localparam int Ratio = LanesIn / LanesOut;
    localparam int CountWidth = $clog2(Ratio);

    logic [XWidth-1:0]     codes_q;
    logic [CountWidth-1:0] sent_q;  // words of y that are gone of this word of x
    logic                  last;

    assign last      = sent_q == CountWidth'(Ratio - 1);
    assign x_ready_o = !y_valid_o || (y_ready_i && last);
    assign y_o       = codes_q[YWidth-1:0];

    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        y_valid_o <= 1'b0;
        sent_q    <= '0;
      end else begin
        if (x_ready_o) y_valid_o <= x_valid_i;
        if (y_valid_o && y_ready_i) sent_q <= last ? '0 : sent_q + 1'b1;
      end
    end

    always_ff @(posedge clk_i) begin
      if (x_ready_o) codes_q <= x_i;
      else if (y_ready_i) codes_q <= codes_q >> YWidth;
    end

    `SL_ASSERT_STREAM(y, y_valid_o, y_ready_i, y_o)
  end else if (LanesOut % LanesIn == 0) begin : gen_up
    localparam int Ratio = LanesOut / LanesIn;
    localparam int CountWidth = $clog2(Ratio);

    localparam int HeadWidth = YWidth - XWidth;

    // The next word of y but for its last codes: it is collected while the one before stands.
    logic [HeadWidth-1:0]  head_q;
    logic [CountWidth-1:0] held_q;  // words of x in it
    logic                  last, take;

    assign last      = held_q == CountWidth'(Ratio - 1);
    assign x_ready_o = !last || y_ready_i || !y_valid_o;
    assign take      = x_valid_i && x_ready_o;

    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        y_valid_o <= 1'b0;
        held_q    <= '0;
      end else begin
        if (y_ready_i || !y_valid_o) y_valid_o <= x_valid_i && last;
        if (take) held_q <= last ? '0 : held_q + 1'b1;
      end
    end

    // From the top: after Ratio - 1 words the first one is in the lowest bits.
    always_ff @(posedge clk_i) begin
      if (take && last) y_o <= {x_i, head_q};
      if (take) head_q <= HeadWidth'({x_i, head_q} >> XWidth);
    end

    `SL_ASSERT_STREAM(y, y_valid_o, y_ready_i, y_o)
  end else begin : gen_any
    // Units of as many lanes as divide both sides. A ring of InUnits * OutUnits of them is a whole
    // number of words of either side, and long enough for the side of fewer lanes never to wait:
    // that takes the greater number of units, twice the lesser, less one.
    localparam int InUnits = LanesIn / gcd(LanesIn, LanesOut);
    localparam int OutUnits = LanesOut / gcd(LanesIn, LanesOut);
    localparam int Ring = InUnits * OutUnits;
    localparam int LevelWidth = $clog2(Ring + 1);
    localparam int InSlotWidth = $clog2(OutUnits);
    localparam int OutSlotWidth = $clog2(InUnits);

    logic [LevelWidth-1:0]   level_q;  // units held
    logic [InSlotWidth-1:0]  in_slot_q;
    logic [OutSlotWidth-1:0] out_slot_q;
    logic                    take, give;
    logic [InUnits*YWidth-1:0] ring_q;  // Ring units

    assign x_ready_o = level_q <= LevelWidth'(Ring - InUnits);
    assign y_valid_o = level_q >= LevelWidth'(OutUnits);
    assign take      = x_valid_i && x_ready_o;
    assign give      = y_valid_o && y_ready_i;

    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        level_q    <= '0;
        in_slot_q  <= '0;
        out_slot_q <= '0;
      end else begin
        level_q <= level_q + (take ? LevelWidth'(InUnits) : '0)
                           - (give ? LevelWidth'(OutUnits) : '0);
        if (take) begin
          in_slot_q <= in_slot_q == InSlotWidth'(OutUnits - 1) ? '0 : in_slot_q + 1'b1;
        end
        if (give) begin
          out_slot_q <= out_slot_q == OutSlotWidth'(InUnits - 1) ? '0 : out_slot_q + 1'b1;
        end
      end
    end

    for (genvar slot = 0; slot < OutUnits; slot++) begin : gen_in
      always_ff @(posedge clk_i) begin
        if (take && in_slot_q == InSlotWidth'(slot)) ring_q[slot*XWidth +: XWidth] <= x_i;
      end
    end

    // Words a power of two bits apart: what chooses one is a mux, no shifter.
    localparam int ApartWidth = $clog2(YWidth);
    logic [(InUnits<<ApartWidth)-1:0] apart;
    for (genvar slot = 0; slot < InUnits; slot++) begin : gen_out
      assign apart[(slot<<ApartWidth) +: (1<<ApartWidth)] =
          (1 << ApartWidth)'(ring_q[slot*YWidth +: YWidth]);
    end
    assign y_o = apart[(32'(out_slot_q)<<ApartWidth) +: YWidth];

    `SL_ASSERT_STREAM(y, y_valid_o, y_ready_i, y_o)
  end

endmodule : sl_regroup
