// SPDX-License-Identifier: Apache-2.0
//
// sl_shuffle: shuffles the channels of each pixel (ONNX: reshape to Groups x Channels / Groups,
// transpose, reshape back).
//
//   channel k * Groups + j of y = channel j * (Channels / Groups) + k of x
//
// Latency: with one lane 2 cycles, and up to Channels in the middle of a pixel; else 2 * Channels /
// Lanes + 1 less what is read at once. Throughput: 1 word per cycle.
// One lane: two pixels in an sl_ping_pong. More: two pixels in registers, the order in wires.
// Test: tests/rtl/sl_shuffle_test.cpp.

`include "sl_assert.svh"

module sl_shuffle #(
  parameter int Width = 8,
  parameter int Lanes = 1,
  parameter int Channels = 8,
  parameter int Groups = 2
) (
  input  logic clk_i,
  input  logic rst_ni,

  input  logic                   x_valid_i,
  output logic                   x_ready_o,
  input  logic [Lanes*Width-1:0] x_i,

  output logic                   y_valid_o,
  input  logic                   y_ready_i,
  output logic [Lanes*Width-1:0] y_o
);

  `SL_ASSERT_PARAM(width, Width >= 1 && Lanes >= 1)
  `SL_ASSERT_PARAM(groups, Groups >= 1 && Channels % Groups == 0)
  `SL_ASSERT_PARAM(lanes, Channels % Lanes == 0)

  localparam int GroupSize = Channels / Groups;

  if (Lanes == 1) begin : gen_memory
    localparam int AddressWidth = Channels > 1 ? $clog2(Channels) : 1;
    localparam int GroupWidth = Groups > 1 ? $clog2(Groups) : 1;

    logic [AddressWidth-1:0] address_q;
    logic [GroupWidth-1:0]   group_q;
    logic                    next, group_last, last;

    assign group_last = group_q == GroupWidth'(Groups - 1);
    assign last       = address_q == AddressWidth'(Channels - 1);  // the last of both sides

    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        address_q <= '0;
        group_q   <= '0;
      end else if (next) begin
        group_q <= group_last ? '0 : group_q + 1'b1;
        if (last) address_q <= '0;
        else if (group_last) address_q <= address_q - AddressWidth'((Groups - 1) * GroupSize - 1);
        else address_q <= address_q + AddressWidth'(GroupSize);
      end
    end

    sl_ping_pong #(.Width(Width), .Block(Channels)) u_pixels (
      .clk_i,
      .rst_ni,
      .x_valid_i,
      .x_ready_o,
      .x_i,
      .address_i(address_q),
      .last_i   (last),
      .next_o   (next),
      .y_valid_o,
      .y_ready_i,
      .y_o
    );
  end else begin : gen_wires
    logic                      gathered_valid, gathered_ready;
    logic [Channels*Width-1:0] gathered, shuffled;

    sl_regroup #(
      .Width(Width), .LanesIn(Lanes), .LanesOut(Channels), .Beats(Channels / Lanes)
    ) u_gather (
      .clk_i,
      .rst_ni,
      .x_valid_i,
      .x_ready_o,
      .x_i,
      .y_valid_o(gathered_valid),
      .y_ready_i(gathered_ready),
      .y_o      (gathered)
    );

    for (genvar k = 0; k < GroupSize; k++) begin : gen_channel
      for (genvar j = 0; j < Groups; j++) begin : gen_group
        assign shuffled[(k*Groups + j)*Width +: Width] = gathered[(j*GroupSize + k)*Width +: Width];
      end
    end

    sl_regroup #(.Width(Width), .LanesIn(Channels), .LanesOut(Lanes), .Beats(1)) u_scatter (
      .clk_i,
      .rst_ni,
      .x_valid_i(gathered_valid),
      .x_ready_o(gathered_ready),
      .x_i      (shuffled),
      .y_valid_o,
      .y_ready_i,
      .y_o
    );
  end

endmodule : sl_shuffle
