// SPDX-License-Identifier: Apache-2.0
//
// sl_bench_sink: takes a stream, with pauses, and compares its words with those of File.
//
// Holds back in Stall of 256 cycles (sl_bench_random). What it prints, sl_bench_monitor says.
// Not synthesized.

module sl_bench_sink #(
  parameter int Width = 8,
  parameter int Words = 1,
  parameter     File = "sink.mem",
  parameter int Stall = 0,
  parameter int Seed = 1,
  parameter     Name = "sink",
  parameter int FrameWords = 0,
  parameter int MaxReports = 10
) (
  input  logic clk_i,
  input  logic rst_ni,
  input  logic [63:0] cycle_i,

  input  logic             x_valid_i,
  output logic             x_ready_o,
  input  logic [Width-1:0] x_i,

  output logic        done_o,
  output logic        failed_o,
  output logic [31:0] words_o,
  output logic [31:0] mismatches_o
);

  logic hold;
  assign x_ready_o = !hold;

  sl_bench_random #(.Stall(Stall), .Seed(Seed)) u_random (.clk_i, .rst_ni, .hold_o(hold));

  sl_bench_monitor #(
    .Width(Width), .Words(Words), .File(File), .Name(Name), .FrameWords(FrameWords),
    .MaxReports(MaxReports)
  ) u_monitor (
    .clk_i,
    .rst_ni,
    .cycle_i,
    .x_valid_i,
    .x_ready_i(x_ready_o),
    .x_i,
    .done_o,
    .failed_o,
    .words_o,
    .mismatches_o
  );

endmodule : sl_bench_sink
