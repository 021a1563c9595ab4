// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/layers/kinds.hpp"
#include "sluice/hw/layers/weights.hpp"
#include "sluice/hw/memory_blocks.hpp"

namespace sluice::hw::kinds {
namespace {

void add_sums(Chain& modules, const Layer& layer, const InnerProduct& of, Rules rules) {
  const Folding& by = layer.folding;
  const std::int64_t words = layer.map.words();
  const auto stream = [&](std::int64_t channels, const FixedPoint& type) {
    return Stream{.map = {1, 1, 1, channels},
                  .is_3d = layer.is_3d,
                  .data_bits = type.width_bits,
                  .streams = by.coarse_out,
                  .rules = rules};
  };
  modules.add("glue", Glue{stream(words, of.acc), of.filters, by.coarse_in, by.coarse_out, 1},
              by.coarse_in > 1 ? 1 : 0);
  const std::int64_t filters = of.filters / by.coarse_out;
  if (is_compat(rules)) {
    // There its memory has a word a weight, and in three dimensions 16 bits for all filters.
    Stream biases = stream(words, of.output);
    if (layer.is_3d) biases.data_bits = 16;
    modules.add("bias", Bias{biases, layer.is_3d ? of.filters : filters}, of.has_bias ? 1 : 0);
    modules.add("shift_scale", ShiftScale{stream(words, of.output)},
                of.block_floating_point ? 1 : 0);
    return;
  }
  if (of.has_bias) modules.add("bias", Bias{stream(filters, of.output), filters});
  if (of.block_floating_point) {
    modules.add("shift_scale", ShiftScale{stream(filters, of.output)});
  }
}

}  // namespace

FeatureMap map_out(const Layer& /*layer*/, const InnerProduct& of, std::size_t /*port*/) {
  return {1, 1, 1, of.filters};
}

Chain chain(const Layer& layer, const InnerProduct& of, Rules rules) {
  const Folding& by = layer.folding;
  const std::int64_t words = layer.map.words() / by.coarse_in;
  const std::int64_t filters = of.filters / by.coarse_out;
  const auto stream = [&](const FeatureMap& map, const FixedPoint& type, std::int64_t streams) {
    return Stream{.map = map,
                  .is_3d = layer.is_3d,
                  .data_bits = type.width_bits,
                  .streams = streams,
                  .rules = rules};
  };
  Chain modules;
  modules.add("fork",
              Fork{stream(part_of(layer.map, by.coarse_in), layer.data, by.coarse_in),
                   {1, 1, 1},
                   by.coarse_out},
              by.coarse_out > 1 ? 1 : 0);
  const FeatureMap products{1, 1, 1, words};
  const std::int64_t dots = by.coarse_in * by.coarse_out;
  modules.add("vector_dot", VectorDot{stream(products, layer.data, dots), filters, 1,
                                      of.weight.width_bits, of.acc.width_bits});
  modules.back().dsp_share = dsp_share(layer.data, of.weight);
  modules.back().whole_dsps = !is_compat(rules);
  modules.add("accum", Accum{stream(products, of.acc, dots), filters, 1}, words > 1 ? 1 : 0);
  add_sums(modules, layer, of, rules);
  return modules;
}

Resources resources(const Layer& layer, const InnerProduct& of, const Chain& modules,
                    const Coefficients& by, Rules /*rules*/) {
  Resources result = modules.resources(by);
  const std::int64_t streams = layer.folding.coarse_out;
  const std::int64_t acc_bits = of.acc.width_bits;
  std::int64_t blocks = 0;
  if (of.has_bias) {
    blocks +=
        bram18_blocks(divide_up(of.filters, streams), real(acc_bits * streams), MemoryKind::Memory);
  }
  if (of.block_floating_point) {
    blocks += 2 * streams * bram18_blocks(of.filters / streams, real(acc_bits), MemoryKind::Memory);
  }
  result.bram18 += real(blocks);
  const WeightMemory weights = weight_memory(layer);
  (weights.in_uram ? result.uram : result.bram18) += real(weights.total_blocks());
  result.lut += real(kLutsPerBram18 * weights.blocks_in_luts);
  return result;
}

double operations(const Layer& layer, const InnerProduct& of, Rules rules) {
  // fpgaConvNet's counts one position.
  const std::int64_t words = is_compat(rules) ? layer.map.channels : layer.map.words();
  return real(2 * words * of.filters + (of.has_bias ? of.filters : 0));
}

}  // namespace sluice::hw::kinds
