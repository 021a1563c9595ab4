// SPDX-License-Identifier: Apache-2.0
//
// sl_axis_out: words as an AXI4-Stream, filled up to bytes with zeros.
//
//   y = {tlast, tdata},  tdata = x in 8 * ceil(Width / 8) bits; tlast = 1 in the last of FrameWords words
//
// Latency: 0 cycles. Throughput: 1 word per cycle.
// Test: tests/rtl/sl_axis_out_test.cpp.

`include "sl_assert.svh"

module sl_axis_out #(
  parameter int Width = 8,
  parameter int FrameWords = 16,
  localparam int DataWidth = (Width + 7) / 8 * 8
) (
  input  logic clk_i,
  input  logic rst_ni,

  input  logic             x_valid_i,
  output logic             x_ready_o,
  input  logic [Width-1:0] x_i,

  output logic               y_valid_o,
  input  logic               y_ready_i,
  output logic [DataWidth:0] y_o
);

  `SL_ASSERT_PARAM(sizes, Width >= 1 && FrameWords >= 1)

  localparam int WordWidth = FrameWords > 1 ? $clog2(FrameWords) : 1;
  logic [WordWidth-1:0] word_q;
  logic                 last;

  assign last      = word_q == WordWidth'(FrameWords - 1);
  assign y_valid_o = x_valid_i;
  assign x_ready_o = y_ready_i;
  assign y_o       = {last, DataWidth'(x_i)};

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      word_q <= '0;
    end else if (x_valid_i && x_ready_o) begin
      word_q <= last ? '0 : word_q + 1'b1;
    end
  end

  `SL_ASSERT_STREAM(y, y_valid_o, y_ready_i, y_o)

endmodule : sl_axis_out
