// SPDX-License-Identifier: Apache-2.0
//
// sl_bisect: one step of the search for a sum in the thresholds of its channel.
//
//   count = 2 * found + (x >= threshold[c][found] ? 1 : 0),  found = what the steps before counted
//   y = {count, x}, in the last step Lowest + count
//
// Steps 0, 1, ... in a row count the thresholds that a sum reaches, from the highest bit on: step s
// of n compares with number (2 * found + 1) * 2^(n-1-s) of the sorted 2^n - 1. A lane of x has `found`
// (Step bits) above the sum; of y, what follows from it. Entry c * 2^Step + found of File, c of Depth
// channels gone through in turn, has the threshold of each lane, lane 0 least significant, of
// XWidth + 1 bits: one more than the sum, so that a threshold may lie beyond all of them.
// Any non-decreasing function of the sum, so no rounding is stated here.
// Latency: 2 cycles. Throughput: one beat per cycle.
// Test: tests/rtl/sl_bisect_test.cpp.

`include "sl_assert.svh"

module sl_bisect #(
  parameter int XWidth = 24,
  parameter bit XSigned = 1'b1,
  parameter int Lanes = 1,
  parameter int Depth = 1,
  parameter int Step = 0,
  parameter bit IsLast = 1'b0,
  parameter int YWidth = 8,  // of a code, in the last step
  parameter int Lowest = -128,
  parameter     File = "",
  localparam int InWidth = XWidth + Step,
  localparam int OutWidth = IsLast ? YWidth : InWidth + 1
) (
  input  logic clk_i,
  input  logic rst_ni,

  input  logic                     x_valid_i,
  output logic                     x_ready_o,
  input  logic [Lanes*InWidth-1:0] x_i,

  output logic                      y_valid_o,
  input  logic                      y_ready_i,
  output logic [Lanes*OutWidth-1:0] y_o
);

  `SL_ASSERT_PARAM(sizes, XWidth >= 1 && Lanes >= 1 && Depth >= 1 && Step >= 0)
  `SL_ASSERT_PARAM(codes, YWidth <= 16 && Step < 16)

  localparam int EntryWidth = XWidth + 1;
  localparam int Entries = Depth << Step;
  localparam int AddressWidth = Entries > 1 ? $clog2(Entries) : 1;
  localparam int CountWidth = Step + 1;
  localparam int CodeWidth = (YWidth > CountWidth ? YWidth : CountWidth) + 1;

  // The pipe moves as one: it stalls only when its last word is held.
  logic advance, valid_q;
  assign advance   = y_ready_i || !y_valid_o;
  assign x_ready_o = advance;

  logic [AddressWidth-1:0]  base_q;  // the first entry of the channel that comes next
  logic [Lanes*InWidth-1:0] x_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      base_q    <= '0;
      valid_q   <= 1'b0;
      y_valid_o <= 1'b0;
    end else if (advance) begin
      if (x_valid_i) begin
        base_q <= base_q == AddressWidth'(Entries - (1 << Step)) ? '0
                                                                  : base_q + AddressWidth'(1 << Step);
      end
      valid_q   <= x_valid_i;
      y_valid_o <= valid_q;
    end
  end

  always_ff @(posedge clk_i) begin
    if (advance) x_q <= x_i;
  end

  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    logic [AddressWidth-1:0]     address;
    logic [Lanes*EntryWidth-1:0] entries;
    logic [EntryWidth-1:0]       threshold, sum;
    logic [CountWidth-1:0]       count;
    logic                        reaches;

    if (Step == 0) begin : gen_first
      assign address = base_q;
      assign count   = reaches;
    end else begin : gen_further
      assign address = base_q + AddressWidth'(x_i[l*InWidth+XWidth +: Step]);
      assign count   = {x_q[l*InWidth+XWidth +: Step], reaches};
    end

    // Blocks that hold nothing of this lane's thresholds go when memories are made.
    sl_rom #(
      .Width(Lanes * EntryWidth),
      .Depth(Entries),
      .File (File)
    ) u_thresholds (
      .clk_i,
      .read_enable_i (advance),
      .read_address_i(address),
      .read_data_o   (entries)
    );

    assign threshold = entries[l*EntryWidth +: EntryWidth];
    assign sum       = {XSigned && x_q[l*InWidth+XWidth-1], x_q[l*InWidth +: XWidth]};
    if (XSigned) begin : gen_signed
      assign reaches = $signed(sum) >= $signed(threshold);
    end else begin : gen_unsigned
      assign reaches = sum >= threshold;
    end
    if (Lanes > 1) begin : gen_unused
      logic unused_entries;
      assign unused_entries = ^entries;
    end

    if (IsLast) begin : gen_code
      logic signed [CodeWidth-1:0] code;
      assign code = CodeWidth'(Lowest) + CodeWidth'(count);
      always_ff @(posedge clk_i) begin
        if (advance) y_o[l*OutWidth +: OutWidth] <= code[YWidth-1:0];
      end
      logic unused_bits;
      assign unused_bits = ^code[CodeWidth-1:YWidth];
    end else begin : gen_count
      always_ff @(posedge clk_i) begin
        if (advance) y_o[l*OutWidth +: OutWidth] <= {count, x_q[l*InWidth +: XWidth]};
      end
    end
  end

  `SL_ASSERT_STREAM(y, y_valid_o, y_ready_i, y_o)

endmodule : sl_bisect
