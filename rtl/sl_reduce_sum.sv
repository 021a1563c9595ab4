// SPDX-License-Identifier: Apache-2.0
//
// sl_reduce_sum: the sum of Words words that come at once, over Parts words of the stream.
//
//   y[l] = Constant + sum over w and p of x(p)[w * Lanes + l]
//
// Bits [(w*Lanes + l)*Width +: Width] of x are word w of lane l: a window for average pooling.
// Signed codes have signed sums, unsigned ones unsigned sums, exact in SumWidth bits, which a
// Constant may have to be widened for: modulo 2^SumWidth.
// Latency: from the last of the parts 1 cycle if Words > 1, 1 cycle if Parts > 1; at least 1.
// Throughput: 1 word of x per cycle.
// Does not divide: sl_requantize does.
// Test: tests/rtl/sl_reduce_sum_test.cpp.

`include "sl_assert.svh"

module sl_reduce_sum #(
  parameter int Width = 8,
  parameter bit Signed = 1'b1,
  parameter int Lanes = 1,
  parameter int Words = 9,
  parameter int Parts = 1,
  parameter int SumWidth = 12,
  parameter int Constant = 0
) (
  input  logic clk_i,
  input  logic rst_ni,

  input  logic                         x_valid_i,
  output logic                         x_ready_o,
  input  logic [Words*Lanes*Width-1:0] x_i,

  output logic                      y_valid_o,
  input  logic                      y_ready_i,
  output logic [Lanes*SumWidth-1:0] y_o
);

  `SL_ASSERT_PARAM(width, Width >= 1 && Lanes >= 1)
  `SL_ASSERT_PARAM(words, Words >= 1 && Parts >= 1)
  // Else a sum could overflow.
  `SL_ASSERT_PARAM(sum_width, SumWidth >= Width + $clog2(Words * Parts))

  localparam int BeatWidth = Lanes * SumWidth;

  // The words of one beat, by a tree.
  logic                 beat_valid, beat_ready;
  logic [BeatWidth-1:0] words_sum, beat;

  for (genvar l = 0; l < Lanes; l++) begin : gen_words_lane
    // Nodes 0 .. Words - 1 are the words, node Words + i the sum of nodes 2i and 2i + 1.
    for (genvar n = 0; n < 2 * Words - 1; n++) begin : gen_node
      logic [SumWidth-1:0] value;
      if (n < Words) begin : gen_leaf
        logic [Width-1:0] code;
        assign code  = x_i[(n*Lanes + l)*Width +: Width];
        assign value = Signed ? SumWidth'($signed(code)) : SumWidth'(code);
      end else begin : gen_sum
        assign value = gen_node[2*(n - Words)].value + gen_node[2*(n - Words) + 1].value;
      end
    end
    assign words_sum[l*SumWidth +: SumWidth] =
        gen_node[2*Words - 2].value + (Parts == 1 && Words > 1 ? SumWidth'(Constant) : '0);
  end

  if (Words == 1) begin : gen_word
    assign beat_valid = x_valid_i;
    assign x_ready_o  = beat_ready;
    assign beat       = words_sum;
  end else begin : gen_words
    sl_stage #(.Width(BeatWidth)) u_stage (
      .clk_i,
      .rst_ni,
      .x_valid_i,
      .x_ready_o,
      .x_i      (words_sum),
      .y_valid_o(beat_valid),
      .y_ready_i(beat_ready),
      .y_o      (beat)
    );
  end

  if (Parts == 1 && Words > 1) begin : gen_through
    assign y_valid_o  = beat_valid;
    assign beat_ready = y_ready_i;
    assign y_o        = beat;
  end else begin : gen_parts
    localparam int PartWidth = Parts > 1 ? $clog2(Parts) : 1;

    logic [PartWidth-1:0] part_q;
    logic                 first, last, take;

    assign first      = part_q == '0;
    assign last       = part_q == PartWidth'(Parts - 1);
    assign beat_ready = y_ready_i || !y_valid_o;
    assign take       = beat_valid && beat_ready;

    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        part_q    <= '0;
        y_valid_o <= 1'b0;
      end else if (beat_ready) begin
        y_valid_o <= take && last;
        if (take) part_q <= last ? '0 : part_q + 1'b1;
      end
    end

    // The output register gathers; it is valid once all parts are in it.
    for (genvar l = 0; l < Lanes; l++) begin : gen_lane
      always_ff @(posedge clk_i) begin
        if (take) begin
          y_o[l*SumWidth +: SumWidth] <= beat[l*SumWidth +: SumWidth]
              + (first ? SumWidth'(Constant) : y_o[l*SumWidth +: SumWidth]);
        end
      end
    end
  end

  `SL_ASSERT_STREAM(y, y_valid_o, y_ready_i, y_o)

endmodule : sl_reduce_sum
