// SPDX-License-Identifier: Apache-2.0
//
// sl_bench_marker: counts a stream's words and prints the cycles of the first and the last transfer
// of each frame: `SL FIRST <name> <cycle>`, `SL LAST <name> <cycle>`.
//
// A frame is FrameWords words, all Words if FrameWords is 0. Not synthesized.

module sl_bench_marker #(
  parameter int Words = 1,
  parameter int FrameWords = 0,
  parameter     Name = "stream"
) (
  input  logic clk_i,
  input  logic rst_ni,
  input  logic [63:0] cycle_i,

  input  logic x_valid_i,
  input  logic x_ready_i,

  output logic [31:0] words_o
);

  localparam int Frame = FrameWords == 0 ? Words : FrameWords;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      words_o <= '0;
    end else if (x_valid_i && x_ready_i) begin
      if (words_o < Words) begin
        if (words_o % Frame == 0) $display("SL FIRST %0s %0d", Name, cycle_i);
        if (words_o % Frame == Frame - 1) $display("SL LAST %0s %0d", Name, cycle_i);
      end
      words_o <= words_o + 1;
    end
  end

endmodule : sl_bench_marker
