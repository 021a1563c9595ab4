// SPDX-License-Identifier: Apache-2.0
//
// sl_parts: a wide word as Parts narrow ones, the least significant first.
//
//   y = x[p*Width +: Width] for p = 0 .. Parts-1
//
// Latency: 0 cycles. Throughput: one part per cycle.
// Keeps nothing: x stands still until its last part has gone.
// Test: tests/rtl/sl_parts_test.cpp.

`include "sl_assert.svh"

module sl_parts #(
  parameter int Width = 8,
  parameter int Parts = 2
) (
  input  logic clk_i,
  input  logic rst_ni,

  input  logic                   x_valid_i,
  output logic                   x_ready_o,
  input  logic [Parts*Width-1:0] x_i,

  output logic             y_valid_o,
  input  logic             y_ready_i,
  output logic [Width-1:0] y_o
);

  `SL_ASSERT_PARAM(width, Width >= 1)
  `SL_ASSERT_PARAM(parts, Parts >= 1)

  localparam int PartWidth = Parts > 1 ? $clog2(Parts) : 1;

  logic [PartWidth-1:0] part_q;
  logic                 is_last;

  assign is_last   = part_q == PartWidth'(Parts - 1);
  assign y_valid_o = x_valid_i;
  assign x_ready_o = y_ready_i && is_last;
  assign y_o       = x_i[32'(part_q)*Width +: Width];

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      part_q <= '0;
    end else if (y_valid_o && y_ready_i) begin
      part_q <= is_last ? '0 : part_q + 1'b1;
    end
  end

  `SL_ASSERT_STREAM(y, y_valid_o, y_ready_i, y_o)

endmodule : sl_parts
