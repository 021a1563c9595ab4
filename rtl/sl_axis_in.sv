// SPDX-License-Identifier: Apache-2.0
//
// sl_axis_in: the words of an AXI4-Stream, without what fills them up to bytes.
//
//   y = x[Width-1:0],  x = {tlast, tdata}, tdata of 8 * ceil(Width / 8) bits
//
// Frames of FrameWords words follow one another; tlast is not looked at but in simulation, where it
// must be with the last word of each and with no other.
// Latency: 0 cycles. Throughput: 1 word per cycle.
// Test: tests/rtl/sl_axis_in_test.cpp.

`include "sl_assert.svh"

module sl_axis_in #(
  parameter int Width = 8,
  parameter int FrameWords = 16,
  localparam int DataWidth = (Width + 7) / 8 * 8
) (
  input  logic clk_i,
  input  logic rst_ni,

  input  logic               x_valid_i,
  output logic               x_ready_o,
  input  logic [DataWidth:0] x_i,

  output logic             y_valid_o,
  input  logic             y_ready_i,
  output logic [Width-1:0] y_o
);

  `SL_ASSERT_PARAM(sizes, Width >= 1 && FrameWords >= 1)

  assign y_valid_o = x_valid_i;
  assign x_ready_o = y_ready_i;
  assign y_o       = x_i[Width-1:0];

`ifdef SL_ASSERTIONS
  localparam int WordWidth = FrameWords > 1 ? $clog2(FrameWords) : 1;
  logic [WordWidth-1:0] word_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      word_q <= '0;
    end else if (x_valid_i && x_ready_o) begin
      word_q <= word_q == WordWidth'(FrameWords - 1) ? '0 : word_q + 1'b1;
    end
  end
  `SL_ASSERT(last_ends_a_frame,
             !x_valid_i || x_i[DataWidth] == (word_q == WordWidth'(FrameWords - 1)))
  if (DataWidth > Width) begin : gen_unused
    logic unused_fill;
    assign unused_fill = ^x_i[DataWidth-1:Width];
  end
`else
  logic unused_bits;
  assign unused_bits = ^{clk_i, rst_ni, x_i[DataWidth:Width]};
`endif

endmodule : sl_axis_in
