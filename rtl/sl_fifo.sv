// SPDX-License-Identifier: Apache-2.0
//
// sl_fifo: holds up to Depth words, first in, first out.
//
//   y = x
//
// Latency: 1 cycle at Depth 2 (an sl_register), else 2 cycles.
// Throughput: 1 word per cycle at any occupancy.
// Depth counts all words that fit: Depth - 1 in an sl_ram and one in its output register.
// Where SL_BENCH is defined, peak_q is the greatest number of words held at once so far, and the end
// of a simulation prints it: `SL PEAK <instance> <peak> <Depth>`.
// Test: tests/rtl/sl_fifo_test.cpp.

`include "sl_assert.svh"

module sl_fifo #(
  parameter int Width = 8,
  parameter int Depth = 16
) (
  input  logic clk_i,
  input  logic rst_ni,

  input  logic             x_valid_i,
  output logic             x_ready_o,
  input  logic [Width-1:0] x_i,

  output logic             y_valid_o,
  input  logic             y_ready_i,
  output logic [Width-1:0] y_o
);

  `SL_ASSERT_PARAM(width, Width >= 1)
  `SL_ASSERT_PARAM(depth, Depth >= 2)

  localparam int CountWidth = $clog2(Depth + 1);

  if (Depth <= 2) begin : gen_register
    sl_register #(.Width(Width)) u_register (
      .clk_i,
      .rst_ni,
      .x_valid_i,
      .x_ready_o,
      .x_i,
      .y_valid_o,
      .y_ready_i,
      .y_o
    );
  end else begin : gen_ram
    localparam int Words = Depth - 1;
    localparam int AddressWidth = $clog2(Words);
    localparam logic [AddressWidth-1:0] Last = AddressWidth'(Words - 1);

    // Words in the memory; one that is written now is counted, and may leave, from the next cycle on.
    logic [CountWidth-1:0]   count_q;
    logic [AddressWidth-1:0] write_address_q, read_address_q;
    logic                    write, read;

    assign x_ready_o = count_q != CountWidth'(Words);
    assign write     = x_valid_i && x_ready_o;
    assign read      = count_q != '0 && (y_ready_i || !y_valid_o);

    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        count_q         <= '0;
        write_address_q <= '0;
        read_address_q  <= '0;
        y_valid_o       <= 1'b0;
      end else begin
        if (write && !read) count_q <= count_q + 1'b1;
        if (read && !write) count_q <= count_q - 1'b1;
        if (write) write_address_q <= write_address_q == Last ? '0 : write_address_q + 1'b1;
        if (read) read_address_q <= read_address_q == Last ? '0 : read_address_q + 1'b1;
        if (y_ready_i || !y_valid_o) y_valid_o <= count_q != '0;
      end
    end

    sl_ram #(.Width(Width), .Depth(Words)) u_ram (
      .clk_i,
      .write_enable_i (write),
      .write_address_i(write_address_q),
      .write_data_i   (x_i),
      .read_enable_i  (read),
      .read_address_i (read_address_q),
      .read_data_o    (y_o)
    );

    `SL_ASSERT_STREAM(y, y_valid_o, y_ready_i, y_o)
  end

`ifdef SL_BENCH
  logic [CountWidth-1:0] held_q, peak_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      held_q <= '0;
      peak_q <= '0;
    end else begin
      held_q <= held_q + CountWidth'(x_valid_i && x_ready_o) - CountWidth'(y_valid_o && y_ready_i);
      if (held_q > peak_q) peak_q <= held_q;
    end
  end

  final $display("SL PEAK %m %0d %0d", peak_q, Depth);
`endif

endmodule : sl_fifo
