// SPDX-License-Identifier: Apache-2.0
//
// sl_mul: the product of two streams of codes, word by word.
//
//   y = (a - AZero) * (b - BZero), of ProductWidth bits, which hold it for all codes
//
// With sl_requantize, sl_shift_round or sl_thresholds behind it, the multiplication of numbers with
// scales of their own.
// Latency: 2 cycles from the later of the two words. Throughput: one beat per cycle.
// Test: tests/rtl/sl_mul_test.cpp.

`include "sl_assert.svh"

module sl_mul #(
  parameter int AWidth = 8,
  parameter bit ASigned = 1'b1,
  parameter int AZero = 0,
  parameter int BWidth = 8,
  parameter bit BSigned = 1'b1,
  parameter int BZero = 0,
  parameter int Lanes = 1,
  parameter int ProductWidth = 16
) (
  input  logic clk_i,
  input  logic rst_ni,

  input  logic                    a_valid_i,
  output logic                    a_ready_o,
  input  logic [Lanes*AWidth-1:0] a_i,

  input  logic                    b_valid_i,
  output logic                    b_ready_o,
  input  logic [Lanes*BWidth-1:0] b_i,

  output logic                          y_valid_o,
  input  logic                          y_ready_i,
  output logic [Lanes*ProductWidth-1:0] y_o
);

  // A bit for unsigned codes, one for the zero point.
  localparam int AFactorWidth = AWidth + 2;
  localparam int BFactorWidth = BWidth + 2;
  `SL_ASSERT_PARAM(lanes, Lanes >= 1)
  `SL_ASSERT_PARAM(product, ProductWidth >= 1 && ProductWidth <= AFactorWidth + BFactorWidth)

  // The pipe moves as one: it stalls only when its last word is held.
  logic advance, factors_valid_q;
  assign advance   = y_ready_i || !y_valid_o;
  assign a_ready_o = advance && b_valid_i;
  assign b_ready_o = advance && a_valid_i;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      factors_valid_q <= 1'b0;
      y_valid_o       <= 1'b0;
    end else if (advance) begin
      factors_valid_q <= a_valid_i && b_valid_i;
      y_valid_o       <= factors_valid_q;
    end
  end

  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    logic signed [AWidth:0]                         a;
    logic signed [BWidth:0]                         b;
    logic signed [AFactorWidth-1:0]                 a_factor_q;
    logic signed [BFactorWidth-1:0]                 b_factor_q;
    logic signed [AFactorWidth+BFactorWidth-1:0]    product;

    assign a = {ASigned && a_i[l*AWidth+AWidth-1], a_i[l*AWidth +: AWidth]};
    assign b = {BSigned && b_i[l*BWidth+BWidth-1], b_i[l*BWidth +: BWidth]};
    assign product = (AFactorWidth + BFactorWidth)'(a_factor_q) *
                     (AFactorWidth + BFactorWidth)'(b_factor_q);

    always_ff @(posedge clk_i) begin
      if (advance) begin
        a_factor_q <= AFactorWidth'(a) - AFactorWidth'(AZero);
        b_factor_q <= BFactorWidth'(b) - BFactorWidth'(BZero);
        y_o[l*ProductWidth +: ProductWidth] <= product[ProductWidth-1:0];
      end
    end

    if (ProductWidth < AFactorWidth + BFactorWidth) begin : gen_unused
      logic unused_bits;
      assign unused_bits = ^product[AFactorWidth+BFactorWidth-1:ProductWidth];
    end
  end

  `SL_ASSERT_STREAM(y, y_valid_o, y_ready_i, y_o)

endmodule : sl_mul
