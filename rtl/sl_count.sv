// SPDX-License-Identifier: Apache-2.0
//
// sl_count: says which of Steps steps is the last one, from a register; then they begin again.
//
//   last = 1 while Steps - 1 steps of the round have gone
//
// Latency: 1 cycle from `step_i` to the next step. Throughput: a step per cycle.
// Test: tests/rtl/sl_window_taps_test.cpp, in what counts by it.

`include "sl_assert.svh"

module sl_count #(
  parameter int Steps = 4
) (
  input  logic clk_i,
  input  logic rst_ni,

  input  logic step_i,
  output logic last_o
);

  `SL_ASSERT_PARAM(steps, Steps >= 1)

  if (Steps == 1) begin : gen_one
    assign last_o = 1'b1;
    logic unused_inputs;
    assign unused_inputs = clk_i ^ rst_ni ^ step_i;
  end else begin : gen_count
    localparam int CountWidth = $clog2(Steps);
    logic [CountWidth-1:0] left_q;  // steps before the last one

    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        left_q <= CountWidth'(Steps - 1);
        last_o <= 1'b0;
      end else if (step_i) begin
        left_q <= last_o ? CountWidth'(Steps - 1) : left_q - 1'b1;
        last_o <= left_q == CountWidth'(1);
      end
    end
  end

endmodule : sl_count
