// SPDX-License-Identifier: Apache-2.0
//
// sl_register: cuts every path of a stream, forward and back, by two registers (a skid buffer).
//
//   y = x
//
// Latency: 1 cycle. Throughput: 1 word per cycle. Holds 2 words.
// Does not decouple rates: for more than two words there is sl_fifo.
// Test: tests/rtl/sl_register_test.cpp.

`include "sl_assert.svh"

module sl_register #(
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

  // The word that came in the cycle in which the output was found to stand still.
  logic             skid_valid_q;
  logic [Width-1:0] skid_q;

  logic advance;
  assign advance   = y_ready_i || !y_valid_o;
  assign x_ready_o = !skid_valid_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      skid_valid_q <= 1'b0;
      y_valid_o    <= 1'b0;
    end else if (advance) begin
      skid_valid_q <= 1'b0;
      y_valid_o    <= skid_valid_q || x_valid_i;
    end else if (x_valid_i) begin
      skid_valid_q <= 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (advance) y_o <= skid_valid_q ? skid_q : x_i;
    if (!skid_valid_q) skid_q <= x_i;
  end

  `SL_ASSERT_STREAM(y, y_valid_o, y_ready_i, y_o)

endmodule : sl_register
