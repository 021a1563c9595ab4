// SPDX-License-Identifier: Apache-2.0
//
// sl_table: a function of one code, looked up: sigmoid, hard swish, leaky ReLU and their like.
//
//   y[l] = word[x[l]] of File ($readmemh, 2^XWidth words of YWidth bits), x without its sign:
//   the word of code c is word c mod 2^XWidth
//
// Any function at all, so no rounding is stated here: what writes File asks its definition for the
// code of every code. Each lane has a memory of its own.
// Latency: 1 cycle. Throughput: one beat per cycle.
// Test: tests/rtl/sl_table_test.cpp.

`include "sl_assert.svh"

module sl_table #(
  parameter int XWidth = 8,
  parameter int YWidth = 8,
  parameter int Lanes = 1,
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

  `SL_ASSERT_PARAM(lanes, Lanes >= 1 && YWidth >= 1)
  // 4096 words of 8 bits are a block RAM of the larger kind.
  `SL_ASSERT_PARAM(depth, XWidth >= 1 && XWidth <= 12)

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
    sl_rom #(
      .Width(YWidth),
      .Depth(1 << XWidth),
      .File (File)
    ) u_words (
      .clk_i,
      .read_enable_i (advance),
      .read_address_i(x_i[l*XWidth +: XWidth]),
      .read_data_o   (y_o[l*YWidth +: YWidth])
    );
  end

  `SL_ASSERT_STREAM(y, y_valid_o, y_ready_i, y_o)

endmodule : sl_table
