// SPDX-License-Identifier: Apache-2.0
//
// sl_requantize: sums, or codes, become codes of another scale.
//
//   sum = x * multiplier[c] + (x < 0 ? negative_offset[c] : offset[c])
//   y = clamp(floor(sum / 2^Shift) - (1 if floor(sum / 2^Shift) mod 2 = TieParity and
//             sum mod 2^Shift < tie_window[c]), Lowest, Highest)
//
// Offsets have the zero point and the rounding in them. Bit-exact with numeric::requantize for
// what rtl::fit_scalers() has proven. Entry c of File, Depth of them gone through in turn, has for
// each lane, lane 0 least significant, the multiplier in its lowest MultiplierWidth bits, then the
// offset, then, if HasNegative, the negative offset, of OffsetWidth bits each, then the tie window
// of TieWidth bits, without a sign.
// MultiplierWidth = 0: the multiplier is 1 and not in the file. TieWidth = 0: no ties are missed.
// ProductWidth holds sum, and where there are tie windows sum - 1, for every x that comes.
// Latency: 4 cycles. Throughput: one beat per cycle.
// Test: tests/rtl/sl_requantize_test.cpp.

`include "sl_assert.svh"

module sl_requantize #(
  parameter int XWidth = 24,
  parameter bit XSigned = 1'b1,
  parameter int YWidth = 8,
  parameter int Lanes = 1,
  parameter int Depth = 1,
  parameter int MultiplierWidth = 16,
  parameter int OffsetWidth = 32,
  parameter bit HasNegative = 1'b0,
  parameter int TieWidth = 0,
  parameter bit TieParity = 1'b0,
  parameter int ProductWidth = 41,
  parameter int Shift = 16,
  parameter int Lowest = -128,
  parameter int Highest = 127,
  parameter     File = ""
) (
  input  logic clk_i,
  input  logic rst_ni,

  input  logic                    x_valid_i,
  output logic                    x_ready_o,
  input  logic [Lanes*XWidth-1:0] x_i,

  output logic                    y_valid_o,
  input  logic                    y_ready_i,
  output logic [Lanes*YWidth-1:0] y_o
);

  localparam int TieAt = MultiplierWidth + (HasNegative ? 2 : 1) * OffsetWidth;
  localparam int EntryWidth = TieAt + TieWidth;
  localparam int AddressWidth = Depth > 1 ? $clog2(Depth) : 1;
  localparam int OperandWidth = XSigned ? XWidth : XWidth + 1;
  `SL_ASSERT_PARAM(shift, Shift >= 0 && Shift < ProductWidth)
  `SL_ASSERT_PARAM(tie, TieWidth >= 0 && TieWidth <= ProductWidth)
  `SL_ASSERT_PARAM(bounds, Lowest <= Highest)
  // Codes of YWidth bits, signed or not.
  `SL_ASSERT_PARAM(codes, YWidth > 30 || (Lowest >= -(1 << (YWidth - 1)) &&
                   Highest < (Lowest < 0 ? 1 << (YWidth - 1) : 1 << YWidth)))
  `SL_ASSERT_PARAM(product, ProductWidth >= OperandWidth && ProductWidth >= YWidth + 1)

  // The pipe moves as one: it stalls only when its last word is held.
  logic advance;
  assign advance   = y_ready_i || !y_valid_o;
  assign x_ready_o = advance;

  logic [AddressWidth-1:0]     address_q;
  logic [Lanes*EntryWidth-1:0] entries;
  logic [Lanes*XWidth-1:0]     x_q;
  logic                        x_valid_q, product_valid_q, sum_valid_q;

  sl_rom #(
    .Width(Lanes * EntryWidth),
    .Depth(Depth),
    .File (File)
  ) u_entries (
    .clk_i,
    .read_enable_i (advance),
    .read_address_i(address_q),
    .read_data_o   (entries)
  );

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      address_q       <= '0;
      x_valid_q       <= 1'b0;
      product_valid_q <= 1'b0;
      sum_valid_q     <= 1'b0;
      y_valid_o       <= 1'b0;
    end else if (advance) begin
      if (x_valid_i) address_q <= address_q == AddressWidth'(Depth - 1) ? '0 : address_q + 1'b1;
      x_valid_q       <= x_valid_i;
      product_valid_q <= x_valid_q;
      sum_valid_q     <= product_valid_q;
      y_valid_o       <= sum_valid_q;
    end
  end

  always_ff @(posedge clk_i) begin
    if (advance) x_q <= x_i;
  end

  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    localparam int At = l * EntryWidth;
    logic signed [OperandWidth-1:0] x;
    logic signed [OffsetWidth-1:0]  offset, offset_q;
    logic signed [ProductWidth-1:0] product, product_q, sum_q, shifted, code;

    if (XSigned) begin : gen_signed
      assign x = $signed(x_q[l*XWidth +: XWidth]);
    end else begin : gen_unsigned
      assign x = $signed({1'b0, x_q[l*XWidth +: XWidth]});
    end
    if (HasNegative) begin : gen_negative
      assign offset = $signed(x < 0 ? entries[At+MultiplierWidth+OffsetWidth +: OffsetWidth]
                                    : entries[At+MultiplierWidth +: OffsetWidth]);
    end else begin : gen_one
      assign offset = $signed(entries[At+MultiplierWidth +: OffsetWidth]);
    end
    if (MultiplierWidth > 0) begin : gen_product
      logic signed [MultiplierWidth-1:0] multiplier;
      assign multiplier = $signed(entries[At +: MultiplierWidth]);
      assign product = ProductWidth'(x) * ProductWidth'(multiplier);
    end else begin : gen_itself
      assign product = ProductWidth'(x);
    end

    always_ff @(posedge clk_i) begin
      if (advance) begin
        product_q <= product;
        offset_q  <= offset;
        sum_q     <= product_q + ProductWidth'(offset_q);
      end
    end

    assign shifted = sum_q >>> Shift;
    if (TieWidth > 0) begin : gen_tie
      logic [TieWidth-1:0]     window_before_q, window_q;
      logic [ProductWidth-1:0] rest;  // what is shifted out
      logic                    is_missed;
      always_ff @(posedge clk_i) begin
        if (advance) begin
          window_before_q <= entries[At+TieAt +: TieWidth];
          window_q        <= window_before_q;
        end
      end
      assign rest      = sum_q & ~({ProductWidth{1'b1}} << Shift);
      assign is_missed = shifted[0] == TieParity && rest < ProductWidth'(window_q);
      assign code      = shifted - ProductWidth'($signed({1'b0, is_missed}));
    end else begin : gen_all
      assign code = shifted;
    end
    always_ff @(posedge clk_i) begin
      if (advance) begin
        if (code < ProductWidth'(Lowest)) begin
          y_o[l*YWidth +: YWidth] <= YWidth'(Lowest);
        end else if (code > ProductWidth'(Highest)) begin
          y_o[l*YWidth +: YWidth] <= YWidth'(Highest);
        end else begin
          y_o[l*YWidth +: YWidth] <= YWidth'(code);
        end
      end
    end
  end

  `SL_ASSERT_STREAM(y, y_valid_o, y_ready_i, y_o)

endmodule : sl_requantize
