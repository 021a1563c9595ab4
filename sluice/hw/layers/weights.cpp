// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/layers/weights.hpp"

#include <algorithm>
#include <cmath>

#include "sluice/hw/layers/kinds.hpp"
#include "sluice/hw/memory_blocks.hpp"

namespace sluice::hw {
namespace {

std::int64_t blocks_of(std::int64_t depth, std::int64_t width_bits, bool in_uram) {
  return in_uram ? uram_blocks(depth, width_bits)
                 : bram18_blocks(depth, real(width_bits), MemoryKind::Memory);
}

WeightMemory memory(const Layer& layer, double words, std::int64_t width_bits,
                    std::int64_t arrays) {
  const bool in_uram = layer.weights.in_uram;
  WeightMemory result{.depth = std::ceil(words),
                      .width_bits = width_bits * arrays,
                      .arrays = arrays,
                      .blocks_off_chip = layer.weights.blocks_off_chip,
                      .blocks_in_luts = layer.weights.blocks_in_luts,
                      .in_uram = in_uram};
  const auto depth = static_cast<std::int64_t>(result.depth);
  result.blocks = blocks_of(depth, width_bits, in_uram) * arrays;
  if (result.blocks > 0) {
    const BlockShape shape =
        in_uram ? uram_shape(real(width_bits)) : bram18_shape(real(width_bits));
    result.unit_width_bits = shape.width_bits;
    result.unit_depth = shape.depth;
  }
  return result;
}

}  // namespace

std::int64_t WeightMemory::blocks_per_unit() const {
  if (unit_width_bits == 0) return 1;
  return arrays * divide_up(width_bits / arrays, unit_width_bits);
}

std::int64_t WeightMemory::blocks_for(double share) const {
  if (unit_depth == 0) return 1;
  return static_cast<std::int64_t>(std::ceil(share * std::ceil(depth / real(unit_depth))));
}

double WeightMemory::depth_off_chip() const {
  return std::min(depth, real(blocks_off_chip) / real(blocks_per_unit()) * real(unit_depth));
}

double WeightMemory::streamed_bits() const {
  return depth_off_chip() * real(arrays) * real(width_bits);
}

double WeightMemory::streamed_cycles() const {
  return depth_on_chip() + real(unit_depth);
}

double WeightMemory::streamed_bits_per_cycle(Rules rules) const {
  if (blocks_off_chip == 0) return 0;
  return streamed_bits() / (is_compat(rules) ? streamed_cycles() : depth * real(arrays));
}

std::int64_t WeightMemory::buffer_blocks() const {
  return blocks_of(unit_depth, width_bits / arrays, in_uram) * arrays;
}

WeightMemory weight_memory(const Layer& layer) {
  const Folding& by = layer.folding;
  if (const auto* conv = layer.as<Convolution>()) {
    const std::int64_t dots = by.coarse_in * by.coarse_out * by.coarse_group;
    const std::int64_t beside = by.fine * dots;
    const double words = real(conv->filters) / real(conv->groups) * real(layer.map.channels) *
                         real(conv->kernel.size()) / real(beside);
    const std::int64_t bits = conv->weight.width_bits;
    return conv->sparsity == nullptr ? memory(layer, words, bits * beside, 1)
                                     : memory(layer, words, bits, beside);
  }
  if (const auto* product = layer.as<InnerProduct>()) {
    const std::int64_t beside = by.coarse_in * by.coarse_out;
    const double words = real(product->filters * layer.map.words()) / real(beside);
    return memory(layer, words, product->weight.width_bits * beside, 1);
  }
  return {};
}

std::int64_t weight_width_bits(const Layer& layer) {
  if (const auto* conv = layer.as<Convolution>()) return conv->weight.width_bits;
  if (const auto* product = layer.as<InnerProduct>()) return product->weight.width_bits;
  return 0;
}

ParameterCounts parameters_of(const Layer& layer, Rules rules) {
  if (const auto* conv = layer.as<Convolution>()) {
    const std::int64_t weights =
        layer.map.channels * conv->filters / conv->groups * conv->kernel.size();
    return {weights, conv->has_bias ? conv->filters : 0};
  }
  if (const auto* product = layer.as<InnerProduct>()) {
    // fpgaConvNet's counts one position.
    const FeatureMap& map = layer.map;
    const std::int64_t words = is_compat(rules) ? map.channels : map.words();
    return {words * product->filters, product->has_bias ? product->filters : 0};
  }
  return {};
}

}  // namespace sluice::hw
