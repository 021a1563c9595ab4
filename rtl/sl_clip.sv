// SPDX-License-Identifier: Apache-2.0
//
// sl_clip: codes between two bounds: ReLU, ReLU6 and their like, where input and output have one
// scale.
//
//   y = min(max(x, Lowest), Highest)
//
// Latency: 1 cycle. Throughput: one beat per cycle.
// Test: tests/rtl/sl_clip_test.cpp.

`include "sl_assert.svh"

module sl_clip #(
  parameter int Width = 8,
  parameter bit Signed = 1'b1,
  parameter int Lanes = 1,
  parameter int Lowest = 0,
  parameter int Highest = 127
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

  `SL_ASSERT_PARAM(bounds, Lowest <= Highest)
  `SL_ASSERT_PARAM(codes, Width > 30 || (Lowest >= (Signed ? -(1 << (Width - 1)) : 0) &&
                   Highest < (Signed ? 1 << (Width - 1) : 1 << Width)))

  logic advance;
  assign advance   = y_ready_i || !y_valid_o;
  assign x_ready_o = advance;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      y_valid_o <= 1'b0;
    end else if (advance) begin
      y_valid_o <= x_valid_i;
    end
  end

  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    logic signed [Width:0] x;
    assign x = {Signed && x_i[l*Width+Width-1], x_i[l*Width +: Width]};
    always_ff @(posedge clk_i) begin
      if (advance) begin
        if (x < (Width + 1)'(Lowest)) begin
          y_o[l*Width +: Width] <= Width'(Lowest);
        end else if (x > (Width + 1)'(Highest)) begin
          y_o[l*Width +: Width] <= Width'(Highest);
        end else begin
          y_o[l*Width +: Width] <= x[Width-1:0];
        end
      end
    end
  end

  `SL_ASSERT_STREAM(y, y_valid_o, y_ready_i, y_o)

endmodule : sl_clip
