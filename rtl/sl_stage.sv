// SPDX-License-Identifier: Apache-2.0
//
// sl_stage: one register in a stream, which moves when it is empty or its word leaves.
//
//   y = x
//
// Latency: 1 cycle. Throughput: 1 word per cycle. Holds 1 word.
// Does not cut the path of ready: for that there is sl_register.
// Test: tests/rtl/sl_stage_test.cpp.

`include "sl_assert.svh"

module sl_stage #(
  parameter int Width = 8
) (
  input  logic clk_i,
  input  logic rst_ni,

  input  logic             x_valid_i,
  output logic             x_ready_o,
  input  logic [Width-1:0] x_i,

  output logic             y_valid_o,
  input  logic             y_ready_i,
  output logic [Width-1:0] y_o
);

  `SL_ASSERT_PARAM(width, Width >= 1)

  assign x_ready_o = y_ready_i || !y_valid_o;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) y_valid_o <= 1'b0;
    else if (x_ready_o) y_valid_o <= x_valid_i;
  end

  always_ff @(posedge clk_i) begin
    if (x_ready_o) y_o <= x_i;
  end

  `SL_ASSERT_STREAM(y, y_valid_o, y_ready_i, y_o)

endmodule : sl_stage
