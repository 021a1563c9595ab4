// SPDX-License-Identifier: Apache-2.0
// The main program of a bench in Verilator: a clock, four cycles of reset, and on until $finish.
#include <verilated.h>

#include "Vsl_bench.h"

int main(int argc, char** argv) {
  VerilatedContext context;
  context.commandArgs(argc, argv);
  Vsl_bench bench(&context);
  for (int reset_cycles = 4; !context.gotFinish(); reset_cycles -= reset_cycles > 0 ? 1 : 0) {
    bench.rst_ni = reset_cycles == 0 ? 1 : 0;
    bench.clk_i = 0;
    bench.eval();
    bench.clk_i = 1;
    bench.eval();
  }
  bench.final();
  return 0;
}
