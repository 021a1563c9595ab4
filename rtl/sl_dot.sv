// SPDX-License-Identifier: Apache-2.0
//
// sl_dot: the sums of a convolution or an inner product, several at once.
//
//   an x beat has Fine words for each of Groups*LanesIn lanes (word w of lane l at
//   [(w*Groups*LanesIn + l)*XWidth]); Beats beats make the windows of a set of Groups groups.
//   y lane g*LanesOut + o of output f of set s =
//     bias[s][f][lane] + sum over beats n, words w, lanes i of
//       x[n][w][g*LanesIn + i] * weight[s][n][f][lane][i*Fine + w]
//   modulo 2^AccWidth, for f = 0 .. Filters-1; s goes through Sets and begins again.
// Bit-exact with exact::reference::accumulate on codes whose zero points are in the bias.
//
// WeightsFile: Sets*Beats*Filters words, each with the weights of all lanes, (lane, i, w) with w
// innermost and lane 0 least significant. BiasFile: Sets*Filters words of Groups*LanesOut biases.
// Each beat is multiplied with the weights of Filters outputs in turn; sums wait in a memory of
// Filters words meanwhile, and a sum leaves in each of the last beat's cycles.
// Latency: 4 + ceil(log2(Fine*LanesIn)) cycles from the first cycle of a window's last beat, which
// stands there for Filters cycles, to its first sum. Throughput: Fine*LanesIn*LanesOut*Groups
// products per cycle; a beat takes exactly Filters cycles, a position Beats*Filters*Sets.
// Narrow words share multipliers: x*(a*2^S + b) = x*a*2^S + x*b is two products, of neighbouring
// lanes, in one of SL_MULTIPLIER_WIDTH (25) by 18 bits. Smaller ones still are left to LUTs, alone.
// Test: tests/rtl/sl_dot_test.cpp.

`include "sl_assert.svh"

// The wider operand of the multipliers of the device's family.
`ifndef SL_MULTIPLIER_WIDTH
  `define SL_MULTIPLIER_WIDTH 25
`endif

module sl_dot #(
  parameter int XWidth = 8,
  parameter bit XSigned = 1'b1,
  parameter int WeightWidth = 8,
  parameter int AccWidth = 24,
  parameter int Fine = 1,
  parameter int Groups = 1,
  parameter int LanesIn = 1,
  parameter int LanesOut = 1,
  parameter int Beats = 9,
  parameter int Filters = 4,
  parameter int Sets = 1,
  parameter     WeightsFile = "",
  parameter     BiasFile = "",
  localparam int YLanes = Groups * LanesOut,
  localparam int XBeatWidth = Fine * Groups * LanesIn * XWidth
) (
  input  logic clk_i,
  input  logic rst_ni,

  input  logic                  x_valid_i,
  output logic                  x_ready_o,
  input  logic [XBeatWidth-1:0] x_i,

  output logic                       y_valid_o,
  input  logic                       y_ready_i,
  output logic [YLanes*AccWidth-1:0] y_o
);

  `SL_ASSERT_PARAM(sizes, Fine >= 1 && Groups >= 1 && LanesIn >= 1 && LanesOut >= 1)
  `SL_ASSERT_PARAM(counts, Beats >= 1 && Filters >= 1 && Sets >= 1)

  localparam int Products = Fine * LanesIn;  // of a sum
  localparam int WeightsWidth = YLanes * Products * WeightWidth;
  // A sign bit for codes that have none. Products fit without it.
  localparam int OperandWidth = XSigned ? XWidth : XWidth + 1;
  localparam int ProductWidth = XWidth + WeightWidth;
  localparam int PairWidth = ProductWidth + WeightWidth + 1;
  localparam bit Pairs =
      ProductWidth > 8 && PairWidth <= `SL_MULTIPLIER_WIDTH && OperandWidth <= 18;
  localparam int LanesAtOnce = Pairs ? 2 : 1;
  localparam int TreeLatency = $clog2(Products);
  localparam int WeightsDepth = Sets * Beats * Filters;
  localparam int BiasDepth = Sets * Filters;
  localparam int WeightsAddressWidth = WeightsDepth > 1 ? $clog2(WeightsDepth) : 1;
  localparam int BiasAddressWidth = BiasDepth > 1 ? $clog2(BiasDepth) : 1;
  localparam int FilterWidth = Filters > 1 ? $clog2(Filters) : 1;
  localparam int BeatWidth = Beats > 1 ? $clog2(Beats) : 1;
  // Cycles from weights and words in registers to their sum.
  localparam int SumStages = 2 + TreeLatency;

  // The pipe moves as one: it stalls only when its last word is held.
  logic advance;
  assign advance = y_ready_i || !y_valid_o;

  // ---- which weights are next

  logic [FilterWidth-1:0]         filter_q;
  logic [BeatWidth-1:0]           beat_q;
  logic [WeightsAddressWidth-1:0] weights_address_q;
  logic [BiasAddressWidth-1:0]    bias_address_q;  // of the set's first filter
  logic                           ends_filters, ends_beats, take;

  assign ends_filters = filter_q == FilterWidth'(Filters - 1);
  assign ends_beats   = beat_q == BeatWidth'(Beats - 1);
  assign take         = x_valid_i && advance;
  assign x_ready_o    = advance && ends_filters;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      filter_q          <= '0;
      beat_q            <= '0;
      weights_address_q <= '0;
      bias_address_q    <= '0;
    end else if (take) begin
      filter_q <= ends_filters ? '0 : filter_q + 1'b1;
      weights_address_q <= weights_address_q == WeightsAddressWidth'(WeightsDepth - 1)
                               ? '0 : weights_address_q + 1'b1;
      if (ends_filters) begin
        beat_q <= ends_beats ? '0 : beat_q + 1'b1;
        if (ends_beats) begin
          bias_address_q <= bias_address_q == BiasAddressWidth'(BiasDepth - Filters)
                                ? '0 : bias_address_q + BiasAddressWidth'(Filters);
        end
      end
    end
  end

  // ---- words and weights, in registers twice since block RAM is slow to give its word, then
  // products, then sums of products

  logic [WeightsWidth-1:0]     weights;
  logic [YLanes*AccWidth-1:0]  bias;
  logic [XBeatWidth-1:0]       x_q;

  sl_rom #(
    .Width(WeightsWidth),
    .Depth(WeightsDepth),
    .File (WeightsFile)
  ) u_weights (
    .clk_i,
    .read_enable_i (advance),
    .read_address_i(weights_address_q),
    .read_data_o   (weights)
  );

  always_ff @(posedge clk_i) begin
    if (advance) x_q <= x_i;
  end

  logic [YLanes*AccWidth-1:0] sums;

  for (genvar g = 0; g < Groups; g++) begin : gen_group
    logic [LanesOut*Products*ProductWidth-1:0] products_q;  // lane by lane
    for (genvar i = 0; i < LanesIn; i++) begin : gen_input
      for (genvar w = 0; w < Fine; w++) begin : gen_word
        localparam int Product = i * Fine + w;
        localparam int XAt = (w * Groups * LanesIn + g * LanesIn + i) * XWidth;
        logic        [XWidth-1:0]       word_q;
        logic signed [OperandWidth-1:0] x;
        always_ff @(posedge clk_i) begin
          if (advance) word_q <= x_q[XAt +: XWidth];
        end
        if (XSigned) begin : gen_signed
          assign x = $signed(word_q);
        end else begin : gen_unsigned
          assign x = $signed({1'b0, word_q});
        end
        for (genvar o = 0; o < LanesOut; o = o + LanesAtOnce) begin : gen_lane
          localparam int WeightAt = ((g * LanesOut + o) * Products + Product) * WeightWidth;
          localparam int At = (o * Products + Product) * ProductWidth;
          logic signed [WeightWidth-1:0] weight;
          assign weight = $signed(weights[WeightAt +: WeightWidth]);
          if (o + 1 < LanesOut && Pairs) begin : gen_pair
            localparam int NextAt = At + Products * ProductWidth;
            localparam int WideWidth = PairWidth + OperandWidth;
            logic signed [WeightWidth-1:0] next;
            logic signed [PairWidth-1:0]   both_q;
            logic signed [WideWidth-1:0]   pair_q;
            assign next = $signed(weights[WeightAt+Products*WeightWidth +: WeightWidth]);
            // Half of 2^ProductWidth more, so that the lower product borrows nothing of the upper.
            always_ff @(posedge clk_i) begin
              if (advance) begin
                both_q <= $signed({next, {ProductWidth{1'b0}}}) + PairWidth'(weight);
                pair_q <= x * both_q + WideWidth'(1 << (ProductWidth - 1));
              end
            end
            assign products_q[At +: ProductWidth] =
                {!pair_q[ProductWidth-1], pair_q[ProductWidth-2:0]};
            assign products_q[NextAt +: ProductWidth] = pair_q[ProductWidth +: ProductWidth];
            logic unused_bits;
            assign unused_bits = ^pair_q[WideWidth-1:2*ProductWidth];
          end else begin : gen_single
            logic signed [WeightWidth-1:0]  weight_q;
            logic signed [ProductWidth-1:0] product_q;
            always_ff @(posedge clk_i) begin
              if (advance) begin
                weight_q  <= weight;
                product_q <= x * weight_q;
              end
            end
            assign products_q[At +: ProductWidth] = product_q;
          end
        end
      end
    end
    for (genvar o = 0; o < LanesOut; o++) begin : gen_sum
      sl_adder_tree #(
        .Inputs  (Products),
        .InWidth (ProductWidth),
        .OutWidth(AccWidth)
      ) u_tree (
        .clk_i,
        .advance_i(advance),
        .x_i      (products_q[o*Products*ProductWidth +: Products*ProductWidth]),
        .y_o      (sums[(g*LanesOut+o)*AccWidth +: AccWidth])
      );
    end
  end

  // ---- what goes with the sums: stage 0 is beside the registers of words and weights

  logic [SumStages:0] valid_q, first_q, last_q;
  logic [SumStages*BiasAddressWidth-1:0] bias_addresses_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      valid_q <= '0;
    end else if (advance) begin
      valid_q <= {valid_q[SumStages-1:0], x_valid_i};
    end
  end

  always_ff @(posedge clk_i) begin
    if (advance) begin
      first_q <= {first_q[SumStages-1:0], beat_q == '0};
      last_q  <= {last_q[SumStages-1:0], ends_beats};
      bias_addresses_q <= (SumStages*BiasAddressWidth)'({bias_addresses_q,
          bias_address_q + BiasAddressWidth'(filter_q)});
    end
  end

  // The bias comes out of its memory beside the sums.
  sl_rom #(
    .Width(YLanes*AccWidth),
    .Depth(BiasDepth),
    .File (BiasFile)
  ) u_bias (
    .clk_i,
    .read_enable_i (advance),
    .read_address_i(bias_addresses_q[(SumStages-1)*BiasAddressWidth +: BiasAddressWidth]),
    .read_data_o   (bias)
  );

  // ---- the sums of beats

  logic [YLanes*AccWidth-1:0] so_far, total;
  logic                       is_first;

  assign is_first = first_q[SumStages];

  for (genvar l = 0; l < YLanes; l++) begin : gen_total
    assign total[l*AccWidth +: AccWidth] = sums[l*AccWidth +: AccWidth] +
        (is_first ? bias[l*AccWidth +: AccWidth] : so_far[l*AccWidth +: AccWidth]);
  end

  if (Beats == 1) begin : gen_none
    assign so_far = '0;
  end else if (Filters == 1) begin : gen_register
    logic [YLanes*AccWidth-1:0] total_q;
    always_ff @(posedge clk_i) begin
      if (advance && valid_q[SumStages]) total_q <= total;
    end
    assign so_far = total_q;
  end else begin : gen_memory
    // Read and written in one cycle, which only LUTs do.
    (* ram_style = "distributed" *)
    logic [YLanes*AccWidth-1:0] totals_q [0:Filters-1];
    logic [(SumStages+1)*FilterWidth-1:0] filters_q;
    logic [FilterWidth-1:0]               filter;
    assign filter = filters_q[SumStages*FilterWidth +: FilterWidth];
    always_ff @(posedge clk_i) begin
      if (advance) filters_q <= {filters_q[SumStages*FilterWidth-1:0], filter_q};
      if (advance && valid_q[SumStages]) totals_q[filter] <= total;
    end
    assign so_far = totals_q[filter];
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      y_valid_o <= 1'b0;
    end else if (advance) begin
      y_valid_o <= valid_q[SumStages] && last_q[SumStages];
    end
  end

  always_ff @(posedge clk_i) begin
    if (advance) y_o <= total;
  end

  `SL_ASSERT_STREAM(y, y_valid_o, y_ready_i, y_o)

endmodule : sl_dot
