// SPDX-License-Identifier: Apache-2.0
//
// sl_formal_stream: proves that a stream keeps the rules: a word that is not taken stays.

module sl_formal_stream #(
  parameter int Width = 1
) (
  input logic clk_i,
  input logic rst_ni,

  input logic             x_valid_i,
  input logic             x_ready_i,
  input logic [Width-1:0] x_i
);

  logic             stands_q;
  logic [Width-1:0] word_q;

  always_ff @(posedge clk_i) begin
    stands_q <= rst_ni && x_valid_i && !x_ready_i;
    word_q   <= x_i;
  end

  always_comb begin
    if (rst_ni && stands_q) begin
      assert (x_valid_i);
      assert (x_i == word_q);
    end
  end

endmodule : sl_formal_stream
