// SPDX-License-Identifier: Apache-2.0
// Poolings, functions of words, and what joins or repeats streams.
#include <algorithm>
#include <numeric>

#include "sluice/hw/memory_blocks.hpp"
#include "sluice/hw/modules/kinds.hpp"

namespace sluice::hw {

ModuleResources Pool::resources(const Coefficients& by) const {
  const double bits = real(stream.streams * stream.data_bits);
  const auto k0 = real(kernel.rows);
  const auto k1 = real(kernel.cols);
  const std::int64_t levels = count_bits(kernel.rows * kernel.cols);
  const std::array logic_lut{k0 * k1, bits * k0 * k1, bits * real(levels), k0, k1, 1.0};
  const std::array lut_ram{real(lutram_arrays(levels + 1, stream.streams * stream.data_bits)), 1.0};
  const std::array ff{bits, bits * k0 * k1, real(levels), 1.0};
  return count(by, Regression::Pool, {logic_lut, lut_ram, {}, ff});
}

Timing GlobalPool::timing() const {
  const FeatureMap& map = stream.map;
  return timing_of(map, {1, 1, 1, map.channels}, 1, 1, map.words());
}

ModuleResources GlobalPool::resources(const Coefficients& by) const {
  const FeatureMap& map = stream.map;
  const auto acc = real(acc_bits);
  const auto data = real(stream.data_bits);
  const std::array counts{real(count_bits(map.channels)), real(count_bits(map.rows * map.cols))};
  const std::array logic_lut{acc, data, counts[0], counts[1], 1.0};
  const std::array lut_ram{real(lutram_arrays(4, stream.data_bits))};
  const std::array ff{data, counts[0], counts[1], acc * real(map.channels), 1.0};
  ModuleResources result = count(by, Regression::GlobalPool, {logic_lut, lut_ram, {}, ff});
  result.dsp = dsp_blocks(stream.data_bits, acc_bits);
  return result;
}

ModuleResources Activation::resources(const Coefficients& by) const {
  ModuleResources result = count_by_bits(by, Regression::Activation, stream);
  switch (function) {
    case Function::Relu:
      break;
    case Function::Sigmoid:
      result.dsp = 3 * stream.streams;
      break;
    case Function::Silu:
      result.dsp = 4 * stream.streams;
      break;
    case Function::HardSwish:
      result.dsp = 5 * stream.streams;
      break;
    case Function::HardSigmoid:  // a product, clipped
      result.dsp = stream.streams;
      break;
  }
  return result;
}

ModuleResources EltwiseModule::resources(const Coefficients& by) const {
  ModuleResources result = count_by_bits(by, Regression::Eltwise, stream);
  result.dsp = op == Eltwise::Mul ? stream.streams : 0;
  if (broadcasts) {
    const std::int64_t word_bits = stream.streams * stream.data_bits;
    result.bram18 = bram18_blocks(stream.map.channels, real(word_bits), MemoryKind::Fifo);
  }
  return result;
}

Timing ConcatModule::timing() const {
  FeatureMap out = stream.map;
  out.channels = channels;
  Timing result = timing_of(stream.map, out, real(stream.map.channels) / real(channels), 1);
  // fpgaConvNet's leaves out the depth.
  const bool flat = is_compat(stream.rules);
  result.latency_cycles = real(out.rows * out.cols * (flat ? 1 : out.depth) * channels);
  return result;
}

ModuleResources ConcatModule::resources(const Coefficients& by) const {
  if (is_compat(stream.rules)) return {};
  return count_by_bits(by, Regression::Concat, stream);
}

ModuleResources Squeeze::resources(const Coefficients& by) const {
  const std::int64_t words = std::lcm(coarse_in, coarse_out);
  const std::int64_t in_turns = words / coarse_in;
  const std::int64_t out_turns = words / coarse_out;
  const std::int64_t word_bits = stream.streams * stream.data_bits;
  const std::int64_t depth = words / coarse_in + 1;
  const std::int64_t bram18 = words * bram18_blocks(depth, real(word_bits), MemoryKind::Fifo);
  const std::int64_t lutram = bram18 > 0 ? 0 : words * lutram_arrays(depth, word_bits);
  const double out_bits = real(word_bits * coarse_out);
  const std::array logic_lut{
      real(in_turns),  out_bits * real(out_turns), real(in_turns), real(out_turns),
      real(coarse_in), real(coarse_out),           out_bits,       1.0};
  const std::array lut_ram{real(lutram)};
  const std::array ff{real(count_bits(in_turns)),
                      real(words),
                      out_bits,
                      real(coarse_out),
                      real(coarse_out * count_bits(out_turns)),
                      1.0};
  ModuleResources result = count(by, Regression::Squeeze, {logic_lut, lut_ram, {}, ff});
  // fpgaConvNet's leaves them out in three dimensions.
  result.bram18 = stream.is_3d && is_compat(stream.rules) ? 0 : bram18;
  return result;
}

Timing Resize::timing() const {
  const FeatureMap& map = stream.map;
  const FeatureMap out{map.rows * rows, map.cols * cols, map.depth * depth,
                       map.channels * channels};
  const std::int64_t waits = stream.is_3d
                                 ? map.cols * map.depth * map.channels * (rows - 1) * (cols - 1) +
                                       map.channels * (depth - 1)
                                 : map.cols * map.channels * (rows - 1) + map.channels * (cols - 1);
  if (is_compat(stream.rules)) {
    return timing_of(map, out, real(rows * cols * depth * channels * other), 1, waits);
  }
  return timing_of(map, out, real(map.words()) / real(out.words()), 1, waits);
}

ModuleResources Resize::resources(const Coefficients& by) const {
  if (is_compat(stream.rules)) return {};
  ModuleResources result = count_by_bits(by, Regression::Resize, stream);
  // Rows that come several times are kept: a line of pixels, and a plane where planes do.
  const FeatureMap& map = stream.map;
  const std::int64_t line = rows > 1 ? map.cols * map.depth * map.channels : 0;
  const std::int64_t pixel = cols > 1 || depth > 1 ? map.depth * map.channels : 0;
  const std::int64_t depth_words = std::max(line, pixel);
  const std::int64_t word_bits = stream.streams * stream.data_bits;
  result.bram18 = bram18_blocks(depth_words, real(word_bits), MemoryKind::Fifo);
  if (result.bram18 == 0) result.lut += kLutsPerArray * lutram_arrays(depth_words, word_bits);
  return result;
}

}  // namespace sluice::hw
