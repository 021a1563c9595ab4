// SPDX-License-Identifier: Apache-2.0
//
// sl_shift_round: sums, or codes, become codes of a scale that is a power of two times theirs.
//
//   y = clamp(round(x / 2^shift[c]) + ZeroPoint, Lowest, Highest)
//
// Rounding 0: floor; 1: to nearest, halves up; 2: to nearest, halves to even. Bit-exact with
// numeric::requantize_wide in the arithmetics shift-floor, shift-half-up, shift-half-even.
// Entry c of File, Depth of them gone through in turn, has a shift of ShiftWidth bits for each
// lane, lane 0 least significant; ShiftWidth = 0: all shifts are Shift.
// Latency: 2 cycles. Throughput: one beat per cycle.
// Test: tests/rtl/sl_shift_round_test.cpp.

`include "sl_assert.svh"

module sl_shift_round #(
  parameter int XWidth = 24,
  parameter bit XSigned = 1'b1,
  parameter int YWidth = 8,
  parameter int Lanes = 1,
  parameter int Depth = 1,
  parameter int ShiftWidth = 0,
  parameter int Shift = 8,
  parameter int Rounding = 2,
  parameter int ZeroPoint = 0,
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

  `SL_ASSERT_PARAM(rounding, Rounding >= 0 && Rounding <= 2)
  `SL_ASSERT_PARAM(shift, Shift >= 0)
  `SL_ASSERT_PARAM(bounds, Lowest <= Highest)
  // Codes of YWidth bits, signed or not.
  `SL_ASSERT_PARAM(codes, YWidth > 30 || (Lowest >= -(1 << (YWidth - 1)) &&
                   Highest < (Lowest < 0 ? 1 << (YWidth - 1) : 1 << YWidth)))

  // Room for what rounding and the zero point add, and for the bounds.
  localparam int Widest = XWidth > YWidth ? XWidth : YWidth;
  localparam int SumWidth = Widest + 3;
  localparam int AmountWidth = ShiftWidth > 0 ? ShiftWidth : $clog2(Shift + 2);

  logic advance;
  assign advance   = y_ready_i || !y_valid_o;
  assign x_ready_o = advance;

  logic                         x_valid_q;
  logic [Lanes*XWidth-1:0]      x_q;
  logic [Lanes*AmountWidth-1:0] amounts;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      x_valid_q <= 1'b0;
      y_valid_o <= 1'b0;
    end else if (advance) begin
      x_valid_q <= x_valid_i;
      y_valid_o <= x_valid_q;
    end
  end

  always_ff @(posedge clk_i) begin
    if (advance) x_q <= x_i;
  end

  if (ShiftWidth > 0) begin : gen_table
    localparam int AddressWidth = Depth > 1 ? $clog2(Depth) : 1;
    logic [AddressWidth-1:0] address_q;
    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        address_q <= '0;
      end else if (advance && x_valid_i) begin
        address_q <= address_q == AddressWidth'(Depth - 1) ? '0 : address_q + 1'b1;
      end
    end
    sl_rom #(
      .Width(Lanes * ShiftWidth),
      .Depth(Depth),
      .File (File)
    ) u_amounts (
      .clk_i,
      .read_enable_i (advance),
      .read_address_i(address_q),
      .read_data_o   (amounts)
    );
  end else begin : gen_constant
    assign amounts = {Lanes{AmountWidth'(Shift)}};
  end

  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    logic signed [SumWidth-1:0] x, floor, below, rounded, sum;
    logic [AmountWidth-1:0]     amount;
    logic                       half, more, up;  // of what is shifted out

    assign amount = amounts[l*AmountWidth +: AmountWidth];
    if (XSigned) begin : gen_signed
      assign x = SumWidth'($signed(x_q[l*XWidth +: XWidth]));
    end else begin : gen_unsigned
      assign x = SumWidth'($signed({1'b0, x_q[l*XWidth +: XWidth]}));
    end

    assign floor = x >>> amount;
    // What is shifted out but its highest bit, and this bit.
    assign below = x & ~((-SumWidth'(1)) <<< (amount == '0 ? '0 : amount - 1'b1));
    assign more  = below != '0;
    // The cast keeps the shift from an unsigned neighbour, which would make it shift in zeros.
    assign half  = amount != '0 && 1'(x >>> (amount - 1'b1));
    if (Rounding == 0) begin : gen_floor
      assign up = 1'b0;
      logic unused_bits;
      assign unused_bits = half ^ more;
    end else if (Rounding == 1) begin : gen_half_up
      assign up = half;
      logic unused_bits;
      assign unused_bits = more;
    end else begin : gen_half_even
      assign up = half && (more || floor[0]);
    end
    assign rounded = floor + SumWidth'($signed({1'b0, up}));
    assign sum     = rounded + SumWidth'(ZeroPoint);

    always_ff @(posedge clk_i) begin
      if (advance) begin
        if (sum < SumWidth'(Lowest)) begin
          y_o[l*YWidth +: YWidth] <= YWidth'(Lowest);
        end else if (sum > SumWidth'(Highest)) begin
          y_o[l*YWidth +: YWidth] <= YWidth'(Highest);
        end else begin
          y_o[l*YWidth +: YWidth] <= YWidth'(sum);
        end
      end
    end
  end

  `SL_ASSERT_STREAM(y, y_valid_o, y_ready_i, y_o)

endmodule : sl_shift_round
