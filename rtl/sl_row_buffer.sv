// SPDX-License-Identifier: Apache-2.0
//
// sl_row_buffer: the last rows of a feature map, written in stream order, read at any place.
//
//   held = words written - words released; a word w after the oldest row's start may be read while
//   w < held
//
// Slots rows in a ring. Banked = 1: one memory a slot, and a read gives the word of every slot at
// one place of the row; Banked = 0: one memory, and a read gives that of one slot.
// Latency: a read gives its words one cycle later, and keeps them until the next one. Throughput:
// one word in and one read a cycle. Does not check that what is read is held.
// Test: tests/rtl/sl_window_taps_test.cpp, in what reads it.

`include "sl_assert.svh"

module sl_row_buffer #(
  parameter int WordWidth = 8,
  parameter int Slots = 4,
  parameter int RowWords = 16,
  parameter bit Banked = 1'b0,
  localparam int Capacity = Slots * RowWords,
  localparam int HeldWidth = $clog2(Capacity + 1),
  localparam int SlotWidth = Slots > 1 ? $clog2(Slots) : 1,
  localparam int IndexWidth = RowWords > 1 ? $clog2(RowWords) : 1,
  localparam int ReadWidth = (Banked ? Slots : 1) * WordWidth
) (
  input  logic clk_i,
  input  logic rst_ni,

  input  logic                 x_valid_i,
  output logic                 x_ready_o,
  input  logic [WordWidth-1:0] x_i,

  input  logic                  read_i,
  input  logic [SlotWidth-1:0]  slot_i,  // not looked at if Banked
  input  logic [IndexWidth-1:0] index_i,
  output logic [ReadWidth-1:0]  words_o,

  input  logic                 release_i,
  input  logic [HeldWidth-1:0] release_words_i,
  output logic [HeldWidth-1:0] held_o
);

  logic [SlotWidth-1:0]  slot_q;
  logic [IndexWidth-1:0] index_q;
  logic [HeldWidth-1:0]  held_q;
  logic                  write;
  logic                  row_ends;

  assign x_ready_o = held_q != HeldWidth'(Capacity);
  assign write     = x_valid_i && x_ready_o;
  assign row_ends  = index_q == IndexWidth'(RowWords - 1);
  assign held_o    = held_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      slot_q  <= '0;
      index_q <= '0;
      held_q  <= '0;
    end else begin
      if (write) begin
        index_q <= row_ends ? '0 : index_q + 1'b1;
        if (row_ends) slot_q <= slot_q == SlotWidth'(Slots - 1) ? '0 : slot_q + 1'b1;
      end
      held_q <= held_q + HeldWidth'(write) - (release_i ? release_words_i : '0);
    end
  end

  if (Banked) begin : gen_banks
    for (genvar s = 0; s < Slots; s++) begin : gen_slot
      sl_ram #(
        .Width(WordWidth),
        .Depth(RowWords)
      ) u_ram (
        .clk_i,
        .write_enable_i (write && slot_q == SlotWidth'(s)),
        .write_address_i(index_q),
        .write_data_i   (x_i),
        .read_enable_i  (read_i),
        .read_address_i (index_i),
        .read_data_o    (words_o[s*WordWidth +: WordWidth])
      );
    end
    logic unused_slot;
    assign unused_slot = ^slot_i;
  end else begin : gen_one
    localparam int AddressWidth = Capacity > 1 ? $clog2(Capacity) : 1;
    sl_ram #(
      .Width(WordWidth),
      .Depth(Capacity)
    ) u_ram (
      .clk_i,
      .write_enable_i (write),
      .write_address_i(AddressWidth'(slot_q) * AddressWidth'(RowWords) + AddressWidth'(index_q)),
      .write_data_i   (x_i),
      .read_enable_i  (read_i),
      .read_address_i (AddressWidth'(slot_i) * AddressWidth'(RowWords) + AddressWidth'(index_i)),
      .read_data_o    (words_o)
    );
  end

  `SL_ASSERT(released_is_held, !release_i || release_words_i <= held_q)

endmodule : sl_row_buffer
