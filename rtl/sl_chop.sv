// SPDX-License-Identifier: Apache-2.0
//
// sl_chop: gives each output its range of the channels of each pixel.
//
//   y[0] = the first Beats[0] words of each pixel of x, y[1] = the next Beats[1] words, ...
//
// Beats has 16 bits an output, output 0 in the lowest.
// Latency: 1 cycle. Throughput: 1 word per cycle.
// An output that is not ready stops the others: where that matters an sl_fifo must follow.
// Test: tests/rtl/sl_chop_test.cpp.

`include "sl_assert.svh"

module sl_chop #(
  parameter int Width = 8,
  parameter int Lanes = 1,
  parameter int Outputs = 2,
  parameter bit [Outputs*16-1:0] Beats = {Outputs{16'd1}}
) (
  input  logic clk_i,
  input  logic rst_ni,

  input  logic                   x_valid_i,
  output logic                   x_ready_o,
  input  logic [Lanes*Width-1:0] x_i,

  output logic [Outputs-1:0]             y_valid_o,
  input  logic [Outputs-1:0]             y_ready_i,
  output logic [Outputs*Lanes*Width-1:0] y_o
);

  localparam int WordWidth = Lanes * Width;

  `SL_ASSERT_PARAM(width, Width >= 1 && Lanes >= 1)
  `SL_ASSERT_PARAM(outputs, Outputs >= 2 && Outputs <= 8)

  logic [Outputs-1:0]   turn_q;  // one bit: whose turn it is
  logic [15:0]          beat_q;
  logic [Outputs-1:0]   at_last;
  logic [WordWidth-1:0] word_q;

  for (genvar k = 0; k < Outputs; k++) begin : gen_output
    `SL_ASSERT_PARAM(beats, Beats[k*16 +: 16] != 0)
    assign at_last[k] = turn_q[k] && beat_q == Beats[k*16 +: 16] - 16'd1;
    `SL_ASSERT_STREAM(y, y_valid_o[k], y_ready_i[k], y_o[k*WordWidth +: WordWidth])
  end

  // At most one output is valid.
  assign x_ready_o = (y_valid_o & ~y_ready_i) == '0;
  assign y_o       = {Outputs{word_q}};

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      turn_q    <= Outputs'(1);
      beat_q    <= '0;
      y_valid_o <= '0;
    end else if (x_ready_o) begin
      y_valid_o <= turn_q & {Outputs{x_valid_i}};
      if (x_valid_i) begin
        beat_q <= |at_last ? '0 : beat_q + 1'b1;
        if (|at_last) turn_q <= {turn_q[Outputs-2:0], turn_q[Outputs-1]};
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (x_ready_o) word_q <= x_i;
  end

endmodule : sl_chop
