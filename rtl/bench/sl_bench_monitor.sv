// SPDX-License-Identifier: Apache-2.0
//
// sl_bench_monitor: watches a stream and compares its words with the Words words of File.
//
// A difference is printed as `SL MISMATCH <name> word <i> got <hex> expected <hex>`, the first
// MaxReports of them; a word after the last one as `SL EXTRA <name> word <i> got <hex>`. Bits that
// are unknown (Icarus) are differences. Prints the marks of sl_bench_marker. Not synthesized.

module sl_bench_monitor #(
  parameter int Width = 8,
  parameter int Words = 1,
  parameter     File = "monitor.mem",
  parameter     Name = "monitor",
  parameter int FrameWords = 0,
  parameter int MaxReports = 10
) (
  input  logic clk_i,
  input  logic rst_ni,
  input  logic [63:0] cycle_i,

  input  logic             x_valid_i,
  input  logic             x_ready_i,
  input  logic [Width-1:0] x_i,

  output logic        done_o,   // all words have come
  output logic        failed_o,
  output logic [31:0] words_o,
  output logic [31:0] mismatches_o
);

  logic [Width-1:0] words [0:Words-1];
  initial $readmemh(File, words);

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      mismatches_o <= '0;
    end else if (x_valid_i && x_ready_i) begin
      if (words_o >= Words) begin
        mismatches_o <= mismatches_o + 1;
        if (mismatches_o < MaxReports) $display("SL EXTRA %0s word %0d got %h", Name, words_o, x_i);
      end else if (x_i !== words[words_o]) begin
        mismatches_o <= mismatches_o + 1;
        if (mismatches_o < MaxReports) begin
          $display("SL MISMATCH %0s word %0d got %h expected %h", Name, words_o, x_i,
                   words[words_o]);
        end
      end
    end
  end

  assign done_o   = words_o >= Words;
  assign failed_o = mismatches_o != 0;

  sl_bench_marker #(.Words(Words), .FrameWords(FrameWords), .Name(Name)) u_marker (
    .clk_i,
    .rst_ni,
    .cycle_i,
    .x_valid_i,
    .x_ready_i,
    .words_o
  );

endmodule : sl_bench_monitor
