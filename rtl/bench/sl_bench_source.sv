// SPDX-License-Identifier: Apache-2.0
//
// sl_bench_source: sends the Words words of File ($readmemh) as a stream, with pauses.
//
// Holds back in Stall of 256 cycles (sl_bench_random). Prints the marks of sl_bench_marker.
// Not synthesized.

module sl_bench_source #(
  parameter int Width = 8,
  parameter int Words = 1,
  parameter     File = "source.mem",
  parameter int Stall = 0,
  parameter int Seed = 1,
  parameter     Name = "source",
  parameter int FrameWords = 0
) (
  input  logic clk_i,
  input  logic rst_ni,
  input  logic [63:0] cycle_i,

  output logic             y_valid_o,
  input  logic             y_ready_i,
  output logic [Width-1:0] y_o,

  output logic        done_o,  // all words have gone
  output logic [31:0] words_o
);

  logic [Width-1:0] words [0:Words-1];
  initial $readmemh(File, words);

  logic        hold;
  logic [31:0] index_q;  // of the next word to show

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      y_valid_o <= 1'b0;
      index_q   <= '0;
    end else if (y_ready_i || !y_valid_o) begin
      y_valid_o <= index_q < Words && !hold;
      if (index_q < Words && !hold) begin
        y_o     <= words[index_q];
        index_q <= index_q + 1;
      end
    end
  end

  assign done_o = words_o == Words;

  sl_bench_random #(.Stall(Stall), .Seed(Seed)) u_random (.clk_i, .rst_ni, .hold_o(hold));

  sl_bench_marker #(.Words(Words), .FrameWords(FrameWords), .Name(Name)) u_marker (
    .clk_i,
    .rst_ni,
    .cycle_i,
    .x_valid_i(y_valid_o),
    .x_ready_i(y_ready_i),
    .words_o
  );

endmodule : sl_bench_source
