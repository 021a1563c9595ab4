// SPDX-License-Identifier: Apache-2.0
//
// sl_formal_order: proves that what goes into a module comes out once, unchanged and in order.
//
// Of all codes that go in one is followed, which any_* choose: the time, and the lane. Its place in
// the queue falls as others leave; when it is its turn, what leaves must be it. Since it may be any,
// none is lost, changed, repeated or overtaken. And never are there more than Capacity inside, or
// fewer than leave.

module sl_formal_order #(
  parameter int Width = 1,
  parameter int LanesIn = 1,   // codes in a word that goes in
  parameter int LanesOut = 1,  // and in one that comes out
  parameter int Capacity = 2,  // codes
  localparam int CountWidth = $clog2(Capacity + LanesIn + LanesOut) + 1
) (
  input logic clk_i,
  input logic rst_ni,

  input logic                  any_begin_i,
  input logic [CountWidth-1:0] any_lane_i,

  input logic                     x_valid_i,
  input logic                     x_ready_i,
  input logic [LanesIn*Width-1:0] x_i,

  input logic                      y_valid_i,
  input logic                      y_ready_i,
  input logic [LanesOut*Width-1:0] y_i
);

  logic comes, leaves, begins, is_next;
  assign comes  = rst_ni && x_valid_i && x_ready_i;
  assign leaves = rst_ni && y_valid_i && y_ready_i;

  logic [CountWidth-1:0] inside_q, ahead_q, ahead;  // codes; ahead of the one that is followed
  logic                  follows_q, was_followed_q;
  logic [Width-1:0]      code_q, code;

  // A module may show a word in the cycle in which it takes it: then it is followed at once.
  assign begins  = comes && any_begin_i && any_lane_i < CountWidth'(LanesIn) && !was_followed_q;
  assign ahead   = begins ? inside_q + any_lane_i : ahead_q;
  assign code    = begins ? x_i[32'(any_lane_i)*Width +: Width] : code_q;
  assign is_next = (begins || follows_q) && ahead < CountWidth'(LanesOut);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      inside_q       <= '0;
      follows_q      <= 1'b0;
      was_followed_q <= 1'b0;
    end else begin
      inside_q <= inside_q + (comes ? CountWidth'(LanesIn) : '0) -
                  (leaves ? CountWidth'(LanesOut) : '0);
      was_followed_q <= was_followed_q || begins;
      follows_q      <= (follows_q || begins) && !(leaves && is_next);
      ahead_q        <= leaves ? ahead - CountWidth'(LanesOut) : ahead;
      code_q         <= code;
    end
  end

  always_comb begin
    if (rst_ni) begin
      assert (inside_q <= CountWidth'(Capacity));
      if (leaves) assert (inside_q + (comes ? CountWidth'(LanesIn) : '0) >= CountWidth'(LanesOut));
      if (leaves && is_next) assert (y_i[32'(ahead)*Width +: Width] == code);
    end
  end

endmodule : sl_formal_order
