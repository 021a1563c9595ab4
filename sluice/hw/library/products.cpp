// SPDX-License-Identifier: Apache-2.0
// Modules that multiply and add.
#include <algorithm>
#include <cmath>

#include "sluice/base/divide.hpp"
#include "sluice/hw/library/kinds.hpp"
#include "sluice/hw/library/memories.hpp"

namespace sluice::hw::library {
namespace {

constexpr std::int64_t kDspA = 25, kDspB = 18;  // bits of a block's operands
constexpr std::int64_t kLutProduct = 8;         // bits of a product that is left to LUTs

// Of additions of `inputs` numbers of `width` bits, which grow by a bit a level, up to `most` bits:
// the bits of all sums but those of the first `skipped` levels.
double tree_bits(std::int64_t inputs, std::int64_t width, std::int64_t most, bool adders,
                 std::int64_t skipped) {
  double sum = 0;
  for (std::int64_t level = 1; inputs > 1; ++level) {
    const std::int64_t added = inputs / 2;
    inputs = divide_up(inputs, 2);
    width = std::min(width + 1, most);
    if (level > skipped) sum += real((adders ? added : inputs) * width);
  }
  return sum;
}

bool is_power_of_two(std::int64_t n) {
  return n > 0 && (n & (n - 1)) == 0;
}

}  // namespace

std::int64_t product_dsp(std::int64_t a_bits, std::int64_t b_bits) {
  const auto [narrow, wide] = std::minmax(a_bits, b_bits);
  if (narrow + wide <= kLutProduct) return 0;
  if (narrow <= kDspB && wide <= kDspA) return 1;
  // Parts without a sign but the highest have a bit less.
  const auto parts = [](std::int64_t bits, std::int64_t most) {
    return bits <= most ? 1 : divide_up(bits - 1, most - 1);
  };
  return std::min(parts(wide, kDspA) * parts(narrow, kDspB),
                  parts(wide, kDspB) * parts(narrow, kDspB));
}

namespace {

// How sl_dot is put together.
struct DotParts {
  explicit DotParts(const Dot& of)
      : products(of.fine * of.lanes_in),
        lanes(of.groups * of.lanes_out),
        product_width(of.x_width + of.weight_width),
        in_luts(product_width <= kLutProduct),
        is_paired(!in_luts && product_width + of.weight_width + 1 <= kDspA &&
                  of.x_width + 1 <= kDspB),
        paired(is_paired ? of.lanes_out / 2 * 2 : 0),
        weights_width(lanes * products * of.weight_width),
        weights_depth(of.sets * of.beats * of.filters),
        bias_width(lanes * of.acc_width),
        bias_depth(of.sets * of.filters),
        has_rom(of.has_weights && is_in_luts(weights_width, weights_depth)) {}

  std::int64_t products;  // of a sum
  std::int64_t lanes;
  std::int64_t product_width;
  bool in_luts;         // the products are, not in blocks
  bool is_paired;       // two products share a block
  std::int64_t paired;  // lanes of a group that do
  std::int64_t weights_width, weights_depth;
  std::int64_t bias_width, bias_depth;
  bool has_rom;  // of weights, in LUTs

  [[nodiscard]] double weights_rom() const {
    return has_rom ? rom_luts(weights_width, weights_depth) : 0;
  }
  // Registers behind memories in LUTs; those behind block RAM are its own.
  [[nodiscard]] double weights_out() const {
    return has_rom ? distinct_bits(weights_width, weights_depth) : 0;
  }
  [[nodiscard]] double bias_out() const {
    return is_in_luts(bias_width, bias_depth) ? distinct_bits(bias_width, bias_depth) : 0;
  }
  // Bits of the trees' adders, or registers. Where lanes share no block, the first additions are
  // in it.
  [[nodiscard]] double trees(const Dot& of, bool adders) const {
    const double of_paired = tree_bits(products, product_width, of.acc_width, adders, 0);
    const double of_single =
        tree_bits(products, product_width, of.acc_width, adders, in_luts ? 0 : 1);
    return real(of.groups) * (real(paired) * of_paired + real(of.lanes_out - paired) * of_single);
  }
  [[nodiscard]] std::int64_t dsp(const Dot& of) const {
    if (in_luts) return 0;
    const std::int64_t each = is_paired ? 1 : product_dsp(of.x_width, of.weight_width);
    return of.groups * products * (of.lanes_out - paired / 2) * each;
  }
};

}  // namespace

Cost cost_of(const Dot& of) {
  const DotParts parts(of);
  const bool has_so_far = of.beats > 1;
  const bool in_memory = has_so_far && of.filters > 1;
  // A lone product takes its bias in the block that makes it.
  const bool is_lone = !parts.in_luts && parts.products == 1 && !has_so_far && parts.paired == 0;
  const double totals = is_lone ? 0 : real(parts.bias_width);
  const double counters = counter_bits(parts.weights_depth) + counter_bits(parts.bias_depth);
  const double turns = counter_bits(of.filters) + counter_bits(of.beats);
  const double in_luts = parts.in_luts ? real(parts.lanes * parts.products) : 0;
  const bool keeps_weights = parts.paired > 0 || parts.in_luts;
  return {.lut = {parts.trees(of, true), has_so_far ? totals : 0, has_so_far ? 0 : totals,
                  in_memory ? ram_luts(parts.bias_width, of.filters) : 0, parts.weights_rom(),
                  rom_luts(parts.bias_width, parts.bias_depth),
                  in_luts * real(of.x_width * of.weight_width), in_luts * real(parts.product_width),
                  counters, turns, 1},
          .ff = {parts.trees(of, false), totals, has_so_far && !in_memory ? totals : 0,
                 keeps_weights ? parts.weights_out() : 0, keeps_weights ? 0 : parts.weights_out(),
                 parts.bias_out(), in_luts * real(parts.product_width),
                 parts.in_luts ? real(of.fine * of.groups * of.lanes_in * of.x_width) : 0, counters,
                 turns, 2 + counter_bits(parts.products), 1},
          .dsp = parts.dsp(of),
          .bram18 = memory_bram18(parts.bias_width, parts.bias_depth) +
                    (of.has_weights ? memory_bram18(parts.weights_width, parts.weights_depth) : 0)};
}

Cost cost_of(const Requantize& of) {
  const std::int64_t offsets = of.has_negative != 0 ? 2 : 1;
  const std::int64_t entry = of.multiplier_width + offsets * of.offset_width + of.tie_width;
  const std::int64_t words = of.lanes * entry;
  const auto lanes = real(of.lanes);
  const bool multiplies = of.multiplier_width > 0;
  const std::int64_t blocks = multiplies ? product_dsp(of.x_width, of.multiplier_width) : 0;
  // What is shifted out is neither compared nor kept.
  const double kept = real(of.product_width - of.shift);
  const double out =
      is_in_luts(words, of.depth) && of.depth > 1 ? distinct_bits(words, of.depth) : 0;
  return {.lut = {rom_luts(words, of.depth), multiplies ? 0 : lanes * real(of.product_width),
                  blocks > 1 ? lanes * real(of.product_width) : 0,
                  of.has_negative != 0 && of.depth > 1 ? lanes * real(of.offset_width) : 0,
                  lanes * kept, lanes * real(of.y_width),
                  of.tie_width > 0 ? lanes * real(of.tie_width) : 0, counter_bits(of.depth), 1},
          .ff = {out, of.has_negative != 0 || !multiplies ? lanes * real(of.x_width) : 0,
                 multiplies ? 0 : lanes * real(of.product_width),
                 blocks > 1 ? lanes * real(of.product_width) : 0, lanes * real(of.y_width),
                 of.tie_width > 0 ? lanes * real(of.product_width) : 0, counter_bits(of.depth), 1},
          .dsp = of.lanes * blocks,
          .bram18 = memory_bram18(words, of.depth)};
}

Cost cost_of(const ShiftRound& of) {
  const auto lanes = real(of.lanes);
  const bool shifts_by_words = of.shift_width > 0;
  const std::int64_t kept = std::max<std::int64_t>(of.x_width - of.shift, 1);
  const std::int64_t beyond = std::max<std::int64_t>(kept - of.y_width, 0);
  return {
      .lut = {of.rounding != 0 ? lanes * real(kept) : 0, beyond > 0 ? lanes * real(of.y_width) : 0,
              lanes * real(beyond), of.rounding == 2 ? lanes * real(of.shift) : 0,
              shifts_by_words ? lanes * real(of.x_width * of.shift_width) : 0, lanes,
              counter_bits(of.depth), 1},
      .ff = {lanes * real(std::min(of.y_width, kept + 1)), lanes * real(kept),
             of.rounding != 0 ? lanes * real(of.shift) : 0, counter_bits(of.depth), 1}};
}

// Factors that are powers of two are wires, and registers behind them. A block adds the product of
// the other, or what is in those.
Cost cost_of(const Add& of) {
  const auto lanes = real(of.lanes);
  const auto blocks = [](std::int64_t width, std::int64_t factor) {
    const std::int64_t bits = static_cast<std::int64_t>(counter_bits(std::abs(factor) + 1)) + 1;
    return is_power_of_two(factor) ? 0 : product_dsp(width, bits);
  };
  const std::int64_t a_blocks = blocks(of.a_width, of.factor_a);
  const std::int64_t b_blocks = blocks(of.b_width, of.factor_b);
  const bool is_within = a_blocks + b_blocks > 0;
  const double sums = is_within ? 0 : lanes * real(of.sum_width);
  const double shifted =
      lanes * real((a_blocks > 0 ? 0 : of.a_width) + (b_blocks > 0 ? 0 : of.b_width));
  return {.lut = {sums, is_within || of.constant == 0 ? 0 : lanes * real(of.a_width), 1},
          .ff = {sums, shifted, 1},
          .dsp = of.lanes * (a_blocks + b_blocks)};
}

namespace {

// Bits of registers of a reduction: of the words of a beat, of each four of `width` bits one that
// is up to two wider, until one is left; and over beats.
double reduction_registers(std::int64_t words, std::int64_t parts, std::int64_t width,
                           std::int64_t most) {
  std::int64_t bits = parts > 1 || words == 1 ? most : 0;
  while (words > 1) {
    words = divide_up(words, 4);
    width = words > 1 ? std::min(width + 2, most) : most;
    bits += words * width;
  }
  return real(bits);
}

}  // namespace

Cost cost_of(const ReduceMax& of) {
  const std::int64_t bits = of.lanes * of.width;
  const double held = of.parts > 1 ? real(bits) : 0;
  return {.lut = {real(bits * (of.words - 1)), held, counter_bits(of.parts), 1},
          .ff = {real(of.lanes) * reduction_registers(of.words, of.parts, of.width, of.width),
                 counter_bits(of.parts), 1}};
}

Cost cost_of(const ReduceSum& of) {
  const std::int64_t bits = of.lanes * of.sum_width;
  const double added = real(of.lanes) * tree_bits(of.words, of.width, of.sum_width, true, 0);
  const double held = of.parts > 1 ? real(bits) : 0;
  return {.lut = {added, held, counter_bits(of.parts), 1},
          .ff = {real(of.lanes) * reduction_registers(of.words, of.parts, of.width, of.sum_width),
                 counter_bits(of.parts), 1}};
}

namespace {

// sl_frame_max and sl_frame_sum, of words of `bits`: a register or a memory of what is found so
// far.
Cost cost_of_frame(std::int64_t bits, std::int64_t x_bits, std::int64_t positions,
                   std::int64_t beats) {
  const bool in_memory = beats > 1;
  const bool in_luts = in_memory && is_in_luts(bits, beats);
  const double words = real(bits);
  return {.lut = {words, in_memory ? ram_luts(bits, beats) : 0, in_memory ? words : 0,
                  counter_bits(positions), counter_bits(beats), 1},
          .ff = {words, in_luts ? words : 0, real(x_bits), counter_bits(positions),
                 counter_bits(beats), 1},
          .bram18 = in_memory ? memory_bram18(bits, beats) : 0};
}

}  // namespace

Cost cost_of(const FrameMax& of) {
  return cost_of_frame(of.lanes * of.width, of.lanes * of.width, of.positions, of.beats);
}

Cost cost_of(const FrameSum& of) {
  return cost_of_frame(of.lanes * of.sum_width, of.lanes * of.width, of.positions, of.beats);
}

// A bit more where a zero point is taken off. What is in a block has its registers there too.
Cost cost_of(const Mul& of) {
  const std::int64_t a = of.a_width + (of.a_zero != 0 ? 1 : 0);
  const std::int64_t b = of.b_width + (of.b_zero != 0 ? 1 : 0);
  const std::int64_t blocks = product_dsp(a, b);
  const bool in_luts = blocks == 0;
  const auto lanes = real(of.lanes);
  const double less = real((of.a_zero != 0 ? of.a_width : 0) + (of.b_zero != 0 ? of.b_width : 0));
  return {.lut = {in_luts ? lanes * real(a * b) : 0, lanes * less, 1},
          .ff = {in_luts ? lanes * real(a + b + of.product_width) : 0, 1},
          .dsp = of.lanes * blocks};
}

// Each lane reads its thresholds of a memory that has those of all.
Cost cost_of(const Bisect& of) {
  const std::int64_t threshold = of.x_width + 1;
  const std::int64_t width = of.lanes * threshold;
  const std::int64_t entries = of.depth << of.step;
  const bool in_luts = is_in_luts(width, entries);
  const auto lanes = real(of.lanes);
  // In the first step all lanes read the same word.
  const double distinct =
      of.step == 0 ? distinct_bits(width, entries) : lanes * distinct_bits(threshold, entries);
  const double arrays = in_luts && entries > 2 ? real(divide_up(entries, 64)) : 0;
  const bool adds = of.step > 0 && of.depth > 1;
  const double made = lanes * real(of.is_last != 0 ? of.y_width : of.x_width + of.step + 1);
  std::int64_t bram18 = 0;
  for (std::int64_t lane = 0; lane < of.lanes; ++lane) {
    bram18 += memory_bram18_of_bits(width, entries, lane * threshold, threshold);
  }
  return {.lut = {arrays * distinct, lanes * real(threshold),
                  of.is_last != 0 ? lanes * real(of.y_width) : 0,
                  adds ? lanes * counter_bits(entries) : 0, counter_bits(of.depth), 1},
          .ff = {in_luts && entries > 1 ? distinct : 0, lanes * real(of.x_width + of.step), made,
                 counter_bits(of.depth), 1},
          .bram18 = bram18};
}

}  // namespace sluice::hw::library
