// SPDX-License-Identifier: Apache-2.0
//
// sl_reduce_max: the greatest of Words words that come at once, over Parts words of the stream.
//
//   y[l] = max over w and p of x(p)[w * Lanes + l]
//
// Bits [(w*Lanes + l)*Width +: Width] of x are word w of lane l: a window for max pooling.
// Latency: from the last of the parts ceil(log4(Words)) cycles, 1 more if Parts > 1; at least 1.
// Throughput: 1 word of x per cycle.
// Test: tests/rtl/sl_reduce_max_test.cpp.

`include "sl_assert.svh"

module sl_reduce_max #(
  parameter int Width = 8,
  parameter bit Signed = 1'b1,
  parameter int Lanes = 1,
  parameter int Words = 9,
  parameter int Parts = 1
) (
  input  logic clk_i,
  input  logic rst_ni,

  input  logic                         x_valid_i,
  output logic                         x_ready_o,
  input  logic [Words*Lanes*Width-1:0] x_i,

  output logic                   y_valid_o,
  input  logic                   y_ready_i,
  output logic [Lanes*Width-1:0] y_o
);

  `SL_ASSERT_PARAM(width, Width >= 1 && Lanes >= 1)
  `SL_ASSERT_PARAM(words, Words >= 1 && Parts >= 1)

  localparam int BeatWidth = Lanes * Width;

  function automatic logic [Width-1:0] greater(
    input logic [Width-1:0] a, input logic [Width-1:0] b
  );
    // Signed codes are in the order of unsigned ones once their sign is turned over.
    logic [Width-1:0] turn;
    turn = '0;
    turn[Width-1] = Signed;
    greater = (a ^ turn) > (b ^ turn) ? a : b;
  endfunction

  // The words of one beat: of each four the greatest into a register, until one is left.
  localparam int Stages = ($clog2(Words) + 1) / 2;
  logic                 beat_valid, beat_ready;
  logic [BeatWidth-1:0] beat;

  for (genvar k = 0; k <= Stages; k++) begin : gen_stage
    localparam int Left = (Words + (1 << (2 * k)) - 1) >> (2 * k);
    logic                      valid, ready;
    logic [Left*BeatWidth-1:0] words;
    if (k == 0) begin : gen_input
      assign valid     = x_valid_i;
      assign x_ready_o = ready;
      assign words     = x_i;
    end else begin : gen_fewer
      localparam int Before = (Words + (1 << (2 * k - 2)) - 1) >> (2 * k - 2);
      logic [Left*BeatWidth-1:0] greatest;
      for (genvar t = 0; t < Left; t++) begin : gen_four
        localparam int Count = Before - 4 * t < 4 ? Before - 4 * t : 4;
        for (genvar l = 0; l < Lanes; l++) begin : gen_lane
          // Nodes 0 .. Count - 1 are words, node Count + i the greater of nodes 2i and 2i + 1.
          for (genvar n = 0; n < 2 * Count - 1; n++) begin : gen_node
            logic [Width-1:0] value;
            if (n < Count) begin : gen_leaf
              assign value = gen_stage[k-1].words[((4*t + n)*Lanes + l)*Width +: Width];
            end else begin : gen_greater
              assign value =
                  greater(gen_node[2*(n - Count)].value, gen_node[2*(n - Count) + 1].value);
            end
          end
          assign greatest[(t*Lanes + l)*Width +: Width] = gen_node[2*Count - 2].value;
        end
      end
      sl_stage #(.Width(Left * BeatWidth)) u_stage (
        .clk_i,
        .rst_ni,
        .x_valid_i(gen_stage[k-1].valid),
        .x_ready_o(gen_stage[k-1].ready),
        .x_i      (greatest),
        .y_valid_o(valid),
        .y_ready_i(ready),
        .y_o      (words)
      );
    end
  end
  assign beat_valid              = gen_stage[Stages].valid;
  assign gen_stage[Stages].ready = beat_ready;
  assign beat                    = gen_stage[Stages].words;

  if (Parts == 1 && Words > 1) begin : gen_through
    assign y_valid_o  = beat_valid;
    assign beat_ready = y_ready_i;
    assign y_o        = beat;
  end else begin : gen_parts
    localparam int PartWidth = Parts > 1 ? $clog2(Parts) : 1;

    logic [PartWidth-1:0] part_q;
    logic                 first, last, take;
    logic [BeatWidth-1:0] greatest;

    assign first      = part_q == '0;
    assign last       = part_q == PartWidth'(Parts - 1);
    assign beat_ready = y_ready_i || !y_valid_o;
    assign take       = beat_valid && beat_ready;

    for (genvar l = 0; l < Lanes; l++) begin : gen_lane
      assign greatest[l*Width +: Width] =
          greater(beat[l*Width +: Width], y_o[l*Width +: Width]);
    end

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
    always_ff @(posedge clk_i) begin
      if (take) y_o <= first ? beat : greatest;
    end
  end

  `SL_ASSERT_STREAM(y, y_valid_o, y_ready_i, y_o)

endmodule : sl_reduce_max
