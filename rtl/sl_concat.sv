// SPDX-License-Identifier: Apache-2.0
//
// sl_concat: puts the channels of several streams behind one another in each pixel.
//
//   pixel of y = Beats[0] words of x[0], then Beats[1] words of x[1], ...
//
// Beats has 16 bits an input, input 0 in the lowest.
// Latency: 1 cycle. Throughput: 1 word per cycle.
// Takes from one input at a time: the others wait, so where inputs come from one fork an sl_fifo
// must hold what comes meanwhile.
// Test: tests/rtl/sl_concat_test.cpp.

`include "sl_assert.svh"

module sl_concat #(
  parameter int Width = 8,
  parameter int Lanes = 1,
  parameter int Inputs = 2,
  parameter bit [Inputs*16-1:0] Beats = {Inputs{16'd1}}
) (
  input  logic clk_i,
  input  logic rst_ni,

  input  logic [Inputs-1:0]             x_valid_i,
  output logic [Inputs-1:0]             x_ready_o,
  input  logic [Inputs*Lanes*Width-1:0] x_i,

  output logic                   y_valid_o,
  input  logic                   y_ready_i,
  output logic [Lanes*Width-1:0] y_o
);

  localparam int WordWidth = Lanes * Width;

  `SL_ASSERT_PARAM(width, Width >= 1 && Lanes >= 1)
  `SL_ASSERT_PARAM(inputs, Inputs >= 2 && Inputs <= 8)

  logic [Inputs-1:0]    turn_q;  // one bit: whose turn it is
  logic [15:0]          beat_q;
  logic [Inputs-1:0]    at_last;
  logic                 advance, take;
  logic [WordWidth-1:0] chosen;

  logic [Inputs*WordWidth-1:0] masked;

  for (genvar k = 0; k < Inputs; k++) begin : gen_input
    `SL_ASSERT_PARAM(beats, Beats[k*16 +: 16] != 0)
    assign at_last[k] = turn_q[k] && beat_q == Beats[k*16 +: 16] - 16'd1;
    assign masked[k*WordWidth +: WordWidth] =
        x_i[k*WordWidth +: WordWidth] & {WordWidth{turn_q[k]}};
  end

  always_comb begin
    chosen = '0;
    for (int k = 0; k < Inputs; k++) begin
      chosen = chosen | masked[k*WordWidth +: WordWidth];
    end
  end

  assign advance   = y_ready_i || !y_valid_o;
  assign x_ready_o = turn_q & {Inputs{advance}};
  assign take      = |(x_valid_i & x_ready_o);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      turn_q    <= Inputs'(1);
      beat_q    <= '0;
      y_valid_o <= 1'b0;
    end else begin
      if (advance) y_valid_o <= take;
      if (take) begin
        beat_q <= |at_last ? '0 : beat_q + 1'b1;
        if (|at_last) turn_q <= {turn_q[Inputs-2:0], turn_q[Inputs-1]};
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (advance) y_o <= chosen;
  end

  `SL_ASSERT_STREAM(y, y_valid_o, y_ready_i, y_o)

endmodule : sl_concat
