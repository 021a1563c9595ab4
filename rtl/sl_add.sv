// SPDX-License-Identifier: Apache-2.0
//
// sl_add: the weighted sum of two streams of codes, word by word.
//
//   y = a * FactorA + b * FactorB + Constant, of SumWidth bits, which hold it for all codes
//
// With sl_requantize or sl_shift_round behind it, the addition of numbers with scales of their own;
// a factor of -1 or less makes it a subtraction.
// Latency: 2 cycles from the later of the two words. Throughput: one beat per cycle.
// Test: tests/rtl/sl_add_test.cpp.

`include "sl_assert.svh"

module sl_add #(
  parameter int AWidth = 8,
  parameter bit ASigned = 1'b1,
  parameter int BWidth = 8,
  parameter bit BSigned = 1'b1,
  parameter int Lanes = 1,
  parameter int FactorA = 1,
  parameter int FactorB = 1,
  parameter int Constant = 0,
  parameter int SumWidth = 9
) (
  input  logic clk_i,
  input  logic rst_ni,

  input  logic                    a_valid_i,
  output logic                    a_ready_o,
  input  logic [Lanes*AWidth-1:0] a_i,

  input  logic                    b_valid_i,
  output logic                    b_ready_o,
  input  logic [Lanes*BWidth-1:0] b_i,

  output logic                      y_valid_o,
  input  logic                      y_ready_i,
  output logic [Lanes*SumWidth-1:0] y_o
);

  `SL_ASSERT_PARAM(widths, SumWidth >= AWidth && SumWidth >= BWidth)

  // The pipe moves as one: it stalls only when its last word is held.
  logic advance, products_valid_q;
  assign advance   = y_ready_i || !y_valid_o;
  assign a_ready_o = advance && b_valid_i;
  assign b_ready_o = advance && a_valid_i;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      products_valid_q <= 1'b0;
      y_valid_o        <= 1'b0;
    end else if (advance) begin
      products_valid_q <= a_valid_i && b_valid_i;
      y_valid_o        <= products_valid_q;
    end
  end

  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    logic signed [AWidth:0]       a;
    logic signed [BWidth:0]       b;
    logic signed [SumWidth:0]     a_wide, b_wide, a_product_q, b_product_q, sum;
    assign a = {ASigned && a_i[l*AWidth+AWidth-1], a_i[l*AWidth +: AWidth]};
    assign b = {BSigned && b_i[l*BWidth+BWidth-1], b_i[l*BWidth +: BWidth]};
    assign a_wide = (SumWidth + 1)'(a);
    assign b_wide = (SumWidth + 1)'(b);
    assign sum = a_product_q + b_product_q;
    always_ff @(posedge clk_i) begin
      if (advance) begin
        a_product_q <= a_wide * (SumWidth + 1)'(FactorA) + (SumWidth + 1)'(Constant);
        b_product_q <= b_wide * (SumWidth + 1)'(FactorB);
        y_o[l*SumWidth +: SumWidth] <= sum[SumWidth-1:0];
      end
    end
    logic unused_bit;
    assign unused_bit = sum[SumWidth];
  end

  `SL_ASSERT_STREAM(y, y_valid_o, y_ready_i, y_o)

endmodule : sl_add
