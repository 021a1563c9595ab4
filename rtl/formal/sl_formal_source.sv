// SPDX-License-Identifier: Apache-2.0
//
// sl_formal_source: any stream that keeps the rules: what it shows stands until it is taken.
//
// any_valid_i and any_i are free; so the words and the pauses are any.

module sl_formal_source #(
  parameter int Width = 1
) (
  input  logic clk_i,
  input  logic rst_ni,

  input  logic             any_valid_i,
  input  logic [Width-1:0] any_i,

  output logic             y_valid_o,
  input  logic             y_ready_i,
  output logic [Width-1:0] y_o
);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      y_valid_o <= 1'b0;
    end else if (y_ready_i || !y_valid_o) begin
      y_valid_o <= any_valid_i;
      y_o       <= any_i;
    end
  end

endmodule : sl_formal_source
