// SPDX-License-Identifier: Apache-2.0
//
// sl_pixel_shift: moves each channel of a frame by at most one pixel; Fill enters at the borders.
//
//   y[r][c][channel] = x[r + t / 3 - 1][c + t % 3 - 1][channel],  t = Taps[channel % Period]
//
// Tap t is a place in a window of 3 x 3: 4 stays, 1 reads from above, 3 from the left, 5 from the
// right, 7 from below. The default is the cross of five of shift networks. Taps has 4 bits each.
// Holds two rows and two pixels, a memory a lane.
// Latency: (Cols + 1) * Beats + 2 cycles, or a frame's words + 1 if that is less. Throughput: 1 word
// per cycle, frame after frame.
// Does not move by more than a pixel, nor by fractions.
// Test: tests/rtl/sl_pixel_shift_test.cpp.

`include "sl_assert.svh"

module sl_pixel_shift #(
  parameter int Width = 8,
  parameter int Lanes = 1,
  parameter int Rows = 4,
  parameter int Cols = 4,
  parameter int Beats = 5,  // words in a pixel
  parameter int Period = 5,
  parameter bit [Period*4-1:0] Taps = {4'd7, 4'd5, 4'd4, 4'd3, 4'd1},
  parameter bit [Width-1:0] Fill = '0
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
  `SL_ASSERT_PARAM(period, Period >= 1)

  localparam int FrameWords = Rows * Cols * Beats;
  // The taps of word n are the words n - Reach .. n + Reach. The ring has room for these and for the
  // word that comes in.
  localparam int Reach = (Cols + 1) * Beats;
  localparam int Ring = 2 * Reach + 2;
  localparam int AddressWidth = $clog2(Ring);
  localparam int HeldWidth = $clog2(Reach + 3);
  localparam int WholeWidth = $clog2(Reach / FrameWords + 3);
  localparam int WordWidth = $clog2(FrameWords + 1);
  localparam int RowWidth = Rows > 1 ? $clog2(Rows) : 1;
  localparam int ColWidth = Cols > 1 ? $clog2(Cols) : 1;
  localparam int BeatWidth = Beats > 1 ? $clog2(Beats) : 1;

  // In: words into the ring.
  logic [HeldWidth-1:0]    held_q;   // words that came and did not leave yet
  logic [WholeWidth-1:0]   whole_q;  // frames all of whose words came but did not leave
  logic [WordWidth-1:0]    word_q;   // of the frame that comes in
  logic [AddressWidth-1:0] write_address_q;
  logic                    take, frame_came;

  // Out: the word at row_q, col_q, beat_q of the oldest frame.
  logic [RowWidth-1:0]  row_q;
  logic [ColWidth-1:0]  col_q;
  logic [BeatWidth-1:0] beat_q;
  logic                 give, beat_last, col_last, row_last, frame_left;

  assign x_ready_o  = held_q <= HeldWidth'(Reach + 1);
  assign take       = x_valid_i && x_ready_o;
  assign frame_came = take && word_q == WordWidth'(FrameWords - 1);

  // The words below the last row never come; those right below it of the next frame are not for it.
  assign give       = (held_q > HeldWidth'(Reach) || whole_q != '0) && (y_ready_i || !y_valid_o);
  assign beat_last  = beat_q == BeatWidth'(Beats - 1);
  assign col_last   = col_q == ColWidth'(Cols - 1);
  assign row_last   = row_q == RowWidth'(Rows - 1);
  assign frame_left = give && beat_last && col_last && row_last;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      held_q          <= '0;
      whole_q         <= '0;
      word_q          <= '0;
      write_address_q <= '0;
      row_q           <= '0;
      col_q           <= '0;
      beat_q          <= '0;
      y_valid_o       <= 1'b0;
    end else begin
      held_q  <= held_q + HeldWidth'(take) - HeldWidth'(give);
      whole_q <= whole_q + WholeWidth'(frame_came) - WholeWidth'(frame_left);
      if (take) begin
        word_q          <= frame_came ? '0 : word_q + 1'b1;
        write_address_q <= write_address_q == AddressWidth'(Ring - 1) ? '0 : write_address_q + 1'b1;
      end
      if (give) begin
        beat_q <= beat_last ? '0 : beat_q + 1'b1;
        if (beat_last) col_q <= col_last ? '0 : col_q + 1'b1;
        if (beat_last && col_last) row_q <= row_last ? '0 : row_q + 1'b1;
      end
      if (y_ready_i || !y_valid_o) y_valid_o <= give;
    end
  end

  // Where each tap is, and whether it is outside of the frame.
  logic [9*AddressWidth-1:0] tap_address;
  logic [8:0]                tap_outside;

  for (genvar t = 0; t < 9; t++) begin : gen_tap
    localparam int Down = t / 3 - 1;
    localparam int Right = t % 3 - 1;
    localparam int First = (Ring + (Down * Cols + Right) * Beats) % Ring;

    logic [AddressWidth-1:0] address_q;

    always_ff @(posedge clk_i) begin
      if (!rst_ni) address_q <= AddressWidth'(First);
      else if (give) address_q <= address_q == AddressWidth'(Ring - 1) ? '0 : address_q + 1'b1;
    end

    assign tap_address[t*AddressWidth +: AddressWidth] = address_q;
    assign tap_outside[t] = (Down < 0 && row_q == '0) || (Down > 0 && row_last)
                         || (Right < 0 && col_q == '0) || (Right > 0 && col_last);
  end

  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    logic [Beats*4-1:0]      taps;  // of this lane, in each word of a pixel
    logic [3:0]              tap;
    logic [AddressWidth-1:0] address;
    logic [Width-1:0]        code;
    logic                    outside_q;

    for (genvar g = 0; g < Beats; g++) begin : gen_beat
      `SL_ASSERT_PARAM(tap, Taps[((g*Lanes + l) % Period)*4 +: 4] <= 8)
      assign taps[g*4 +: 4] = Taps[((g*Lanes + l) % Period)*4 +: 4];
    end

    assign tap     = taps[beat_q*4 +: 4];
    assign address = tap_address[tap*AddressWidth +: AddressWidth];

    always_ff @(posedge clk_i) begin
      if (give) outside_q <= tap_outside[tap];
    end

    sl_ram #(.Width(Width), .Depth(Ring)) u_ring (
      .clk_i,
      .write_enable_i (take),
      .write_address_i(write_address_q),
      .write_data_i   (x_i[l*Width +: Width]),
      .read_enable_i  (give),
      .read_address_i (address),
      .read_data_o    (code)
    );

    assign y_o[l*Width +: Width] = outside_q ? Fill : code;
  end

  `SL_ASSERT_STREAM(y, y_valid_o, y_ready_i, y_o)

endmodule : sl_pixel_shift
