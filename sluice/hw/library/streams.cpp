// SPDX-License-Identifier: Apache-2.0
// Modules that pass words on: as they are, clipped, in other orders or numbers.
#include <algorithm>
#include <numeric>

#include "sluice/base/divide.hpp"
#include "sluice/hw/library/kinds.hpp"
#include "sluice/hw/library/memories.hpp"

namespace sluice::hw::library {
namespace {

// The output register of a memory; that of a block is its own.
double out_bits(std::int64_t width_bits, std::int64_t depth) {
  return is_in_luts(width_bits, depth) ? real(width_bits) : 0;
}

// sl_ping_pong, with the bits that address a block.
struct PingPong {
  std::int64_t width, block;
  [[nodiscard]] double luts() const { return ram_luts(width, 2 * block); }
  [[nodiscard]] double out() const { return out_bits(width, 2 * block); }
  [[nodiscard]] std::int64_t bram18() const { return memory_bram18(width, 2 * block); }
};

}  // namespace

Cost cost_of(const Clip& of) {
  const double bits = real(of.lanes * of.width);
  return {.lut = {bits, 1}, .ff = {bits, 1}};
}

Cost cost_of(const Fork& of) {
  const auto outputs = real(of.outputs);
  return {.lut = {outputs, 1}, .ff = {real(of.width), outputs, 1}};
}

Cost cost_of(const Stage& of) {
  return {.lut = {1}, .ff = {real(of.width), 1}};
}

Cost cost_of(const Register& of) {
  return {.lut = {real(of.width), 1}, .ff = {real(of.width), 1}};
}

Cost cost_of(const Fifo& of) {
  if (of.depth <= 2) return {.lut = {0, 0, real(of.width), 1}, .ff = {2 * real(of.width), 0, 1}};
  const std::int64_t words = of.depth - 1;
  return {.lut = {ram_luts(of.width, words), counter_bits(of.depth + 1), 0, 1},
          .ff = {out_bits(of.width, words), counter_bits(of.depth + 1), 1},
          .bram18 = memory_bram18(of.width, words)};
}

Cost cost_of(const Concat& of) {
  const double bits = real(of.lanes * of.width);
  // Two inputs a LUT, with whose turn it is.
  return {.lut = {bits * real(divide_up(of.inputs, 3)), real(of.inputs), 1},
          .ff = {bits, real(of.inputs), 1}};
}

Cost cost_of(const Chop& of) {
  return {.lut = {real(of.outputs), 1}, .ff = {real(of.lanes * of.width), real(of.outputs), 1}};
}

Cost cost_of(const Parts& of) {
  const auto width = real(of.width);
  return {.lut = {width * choice_luts(of.parts), counter_bits(of.parts), 1},
          .ff = {width, counter_bits(of.parts), 1}};
}

Cost cost_of(const Regroup& of) {
  const double x = real(of.lanes_in * of.width);
  const double y = real(of.lanes_out * of.width);
  if (of.lanes_in == of.lanes_out) {
    return {.lut = {x, 0, 0, 0, 0, 1}, .ff = {2 * x, 0, 0, 0, 1}};
  }
  if (of.lanes_in % of.lanes_out == 0) {
    // A shift register that is loaded at once.
    return {.lut = {0, x - y, 0, 0, counter_bits(of.lanes_in / of.lanes_out), 1},
            .ff = {0, x, 0, counter_bits(of.lanes_in / of.lanes_out), 1}};
  }
  if (of.lanes_out % of.lanes_in == 0) {
    return {.lut = {0, 0, 0, 0, counter_bits(of.lanes_out / of.lanes_in), 1},
            .ff = {0, 2 * y - x, 0, counter_bits(of.lanes_out / of.lanes_in), 1}};
  }
  const std::int64_t unit = std::gcd(of.lanes_in, of.lanes_out);
  const std::int64_t in_units = of.lanes_in / unit;
  const std::int64_t out_units = of.lanes_out / unit;
  const double states =
      counter_bits(in_units * out_units + 1) + counter_bits(in_units) + counter_bits(out_units);
  return {.lut = {0, 0, y * choice_luts(in_units), real(out_units), states, 1},
          .ff = {0, 0, real(in_units) * y, states, 1}};
}

Cost cost_of(const Repeat& of) {
  // A pixel is a block of its own if no row comes twice.
  const std::int64_t block = (of.row_scale > 1 ? of.cols : 1) * of.beats;
  const PingPong blocks{of.width * of.lanes, block};
  const double bits = counter_bits(block) + counter_bits(of.beats);
  return {
      .lut = {blocks.luts(), bits, 1}, .ff = {blocks.out(), bits, 1}, .bram18 = blocks.bram18()};
}

Cost cost_of(const Spread& of) {
  const double bits = real(of.lanes * of.width);
  const double counters = counter_bits(of.rows) + counter_bits(of.cols) + counter_bits(of.beats) +
                          counter_bits(of.row_step) + counter_bits(of.col_step);
  return {.lut = {bits, counters, 1}, .ff = {bits, counters, 1}};
}

// A memory a lane, whose output register is that of a block.
Cost cost_of(const Table& of) {
  const std::int64_t depth = std::int64_t{1} << of.x_width;
  const auto lanes = real(of.lanes);
  return {.lut = {lanes * rom_luts(of.y_width, depth), 1},
          .ff = {lanes * out_bits(of.y_width, depth), 1},
          .bram18 = of.lanes * memory_bram18(of.y_width, depth)};
}

Cost cost_of(const Shuffle& of) {
  const double bits = counter_bits(of.channels) + counter_bits(of.groups);
  if (of.lanes == 1) {
    const PingPong pixels{of.width, of.channels};
    return {.lut = {pixels.luts(), 0, bits, 0, 1},
            .ff = {pixels.out(), 0, bits, 0, 1},
            .bram18 = pixels.bram18()};
  }
  // Whole pixels in registers.
  const double pixel = real(of.channels * of.width);
  return {.lut = {0, pixel, 0, bits, 1}, .ff = {0, pixel, 0, bits, 1}};
}

Cost cost_of(const PixelShift& of) {
  const std::int64_t ring = 2 * (of.cols + 1) * of.beats + 2;
  const double address = counter_bits(ring);
  const auto lanes = real(of.lanes);
  return {.lut = {lanes * ram_luts(of.width, ring), lanes * real(of.width), address,
                  lanes * address, 1},
          .ff = {lanes * out_bits(of.width, ring), address, lanes, 1},
          .bram18 = of.lanes * memory_bram18(of.width, ring)};
}

}  // namespace sluice::hw::library
