// SPDX-License-Identifier: Apache-2.0
//
// sl_adder_tree: the sum of Inputs signed numbers.
//
//   y = sum of x[i*InWidth +: InWidth], modulo 2^OutWidth
//
// Latency: ceil(log2(Inputs)) cycles that advance_i is high in, a register after each level of
// additions; 0 for one input. Throughput: a sum per cycle.
// Has no handshake: what goes with its numbers is delayed by whoever uses it.
// Test: tests/rtl/sl_dot_test.cpp, in what adds by it.

`include "sl_assert.svh"

module sl_adder_tree #(
  parameter int Inputs = 9,
  parameter int InWidth = 16,
  parameter int OutWidth = 20
) (
  input  logic clk_i,
  input  logic advance_i,

  input  logic [Inputs*InWidth-1:0] x_i,
  output logic [OutWidth-1:0]       y_o
);

  `SL_ASSERT_PARAM(inputs, Inputs >= 1)

  localparam int Levels = $clog2(Inputs);

  // Level l has ceil(Inputs / 2^l) numbers; each is as wide as the sum, synthesis cuts what sign
  // extension only repeats.
  for (genvar l = 0; l <= Levels; l++) begin : gen_level
    localparam int Terms = (Inputs + (1 << l) - 1) >> l;
    logic [Terms*OutWidth-1:0] terms;
    if (l == 0) begin : gen_inputs
      for (genvar t = 0; t < Terms; t++) begin : gen_term
        assign terms[t*OutWidth +: OutWidth] = OutWidth'($signed(x_i[t*InWidth +: InWidth]));
      end
    end else begin : gen_sums
      localparam int Before = (Inputs + (1 << (l - 1)) - 1) >> (l - 1);
      for (genvar t = 0; t < Terms; t++) begin : gen_term
        if (2 * t + 1 < Before) begin : gen_pair
          always_ff @(posedge clk_i) begin
            if (advance_i) begin
              terms[t*OutWidth +: OutWidth] <=
                  gen_level[l-1].terms[2*t*OutWidth +: OutWidth] +
                  gen_level[l-1].terms[(2*t+1)*OutWidth +: OutWidth];
            end
          end
        end else begin : gen_single
          always_ff @(posedge clk_i) begin
            if (advance_i) begin
              terms[t*OutWidth +: OutWidth] <= gen_level[l-1].terms[2*t*OutWidth +: OutWidth];
            end
          end
        end
      end
    end
  end

  assign y_o = gen_level[Levels].terms;

  if (Levels == 0) begin : gen_unused
    logic unused_clock;
    assign unused_clock = clk_i ^ advance_i;
  end

endmodule : sl_adder_tree
