// SPDX-License-Identifier: Apache-2.0
// Poolings, functions of words, and what joins or repeats streams.
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

ModuleResources Activation::resources(const Coefficients& /*by*/) const {
  switch (function) {
    case Function::Relu:
      return fixed(16, 35);
    case Function::Sigmoid:
      return fixed(16, 35, 3);
    case Function::Silu:
      return fixed(16, 35, 4);
    case Function::HardSwish:
      return fixed(16, 35, 5);
  }
  return {};
}

ModuleResources EltwiseModule::resources(const Coefficients& /*by*/) const {
  ModuleResources result = fixed(49, 23, op == Eltwise::Mul ? 1 : 0);
  if (broadcasts) {
    result.bram18 = bram18_blocks(stream.map.channels, real(stream.data_bits), MemoryKind::Fifo);
  }
  return result;
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
  result.bram18 = stream.is_3d ? 0 : bram18;
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
  return timing_of(map, out, real(rows * cols * depth * channels), 1, waits);
}

}  // namespace sluice::hw
