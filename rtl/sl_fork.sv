// SPDX-License-Identifier: Apache-2.0
//
// sl_fork: copies a stream to several outputs; each takes its copy when it is ready.
//
//   y[k] = x  for k = 0 .. Outputs - 1
//
// Latency: 1 cycle. Throughput: 1 word per cycle while all outputs are ready.
// The next word comes in when the last output has taken its copy: an output is at most one word
// ahead of another. Where paths of different latency meet again, an sl_fifo must follow.
// Test: tests/rtl/sl_fork_test.cpp.

`include "sl_assert.svh"

module sl_fork #(
  parameter int Width = 8,
  parameter int Outputs = 2
) (
  input  logic clk_i,
  input  logic rst_ni,

  input  logic             x_valid_i,
  output logic             x_ready_o,
  input  logic [Width-1:0] x_i,

  output logic [Outputs-1:0]       y_valid_o,
  input  logic [Outputs-1:0]       y_ready_i,
  output logic [Outputs*Width-1:0] y_o
);

  `SL_ASSERT_PARAM(width, Width >= 1)
  `SL_ASSERT_PARAM(outputs, Outputs >= 1)

  logic [Width-1:0] word_q;

  assign y_o       = {Outputs{word_q}};
  assign x_ready_o = (y_valid_o & ~y_ready_i) == '0;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) y_valid_o <= '0;
    else if (x_ready_o) y_valid_o <= {Outputs{x_valid_i}};
    else y_valid_o <= y_valid_o & ~y_ready_i;
  end

  always_ff @(posedge clk_i) begin
    if (x_ready_o) word_q <= x_i;
  end

  for (genvar k = 0; k < Outputs; k++) begin : gen_assert
    `SL_ASSERT_STREAM(y, y_valid_o[k], y_ready_i[k], y_o[k*Width +: Width])
  end

endmodule : sl_fork
