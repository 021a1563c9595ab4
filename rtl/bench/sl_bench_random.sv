// SPDX-License-Identifier: Apache-2.0
//
// sl_bench_random: tells a stream's end when to hold back: in Stall of 256 cycles on average.
//
// By turns of 128 cycles on average it decides anew in each cycle, or in one of eight only, so
// that pauses come in bursts too. `+no_stalls` on the command line ends all of them; `+seed=N`
// changes their order. Not synthesized.

module sl_bench_random #(
  parameter int Stall = 0,
  parameter int Seed = 1
) (
  input  logic clk_i,
  input  logic rst_ni,

  output logic hold_o  // a register
);

  // Marsaglia's xorshift of 32 bits; its state is never 0.
  function automatic logic [31:0] next(input logic [31:0] state);
    logic [31:0] x;
    x = state;
    x = x ^ (x << 13);
    x = x ^ (x >> 17);
    x = x ^ (x << 5);
    next = x;
  endfunction

  logic        stalls;
  logic [31:0] seed;
  logic [31:0] state_q;
  logic        slow_q;

  initial begin
    stalls = !$test$plusargs("no_stalls");
    if (!$value$plusargs("seed=%d", seed)) seed = 1;
  end

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q <= next(next(32'(Seed) * 32'h9E3779B9 + seed * 32'h85EBCA6B) | 32'h1);
      hold_o  <= stalls && Stall > 0;
      slow_q  <= 1'b0;
    end else begin
      state_q <= next(state_q);
      if (state_q[31:25] == '0) slow_q <= !slow_q;
      if (!slow_q || state_q[24:22] == '0) begin
        hold_o <= stalls && $signed({24'b0, state_q[15:8]}) < Stall;
      end
    end
  end

endmodule : sl_bench_random
