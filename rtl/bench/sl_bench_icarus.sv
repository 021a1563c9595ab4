// SPDX-License-Identifier: Apache-2.0
//
// sl_bench_icarus: the clock and the reset of a bench in Icarus; Verilator has sl_bench_main.cpp.

module sl_bench_icarus;

  logic clk, rst_n;

  initial begin
    clk = 1'b0;
    rst_n = 1'b0;
    repeat (4) @(negedge clk);
    rst_n = 1'b1;
  end

  always #1 clk = !clk;

  sl_bench u_bench (.clk_i(clk), .rst_ni(rst_n));

endmodule : sl_bench_icarus
