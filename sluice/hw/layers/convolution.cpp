// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sluice/hw/layers/kinds.hpp"
#include "sluice/hw/layers/sparsity.hpp"
#include "sluice/hw/layers/weights.hpp"
#include "sluice/hw/layers/windows.hpp"
#include "sluice/hw/memory_blocks.hpp"

namespace sluice::hw::kinds {
namespace {

// The numbers that the modules of a convolution share.
struct Shares {
  std::int64_t in_streams, out_streams, dots;  // SI, SO, V
  std::int64_t channels;                       // of an input stream
  std::int64_t filters;                        // of a product
  std::int64_t words;                          // that a product sums: n

  Shares(const Layer& layer, const Convolution& of)
      : in_streams(streams_in(layer)),
        out_streams(streams_out(layer)),
        dots(layer.folding.coarse_in * layer.folding.coarse_out * layer.folding.coarse_group),
        channels(layer.map.channels / in_streams),
        filters(of.filters / (layer.folding.coarse_out * of.groups)),
        words(of.kernel.size() * layer.map.channels / (layer.folding.fine * in_streams)) {}
};

// What the modules of a chain are given, in their turn.
class ConvolutionChain {
 public:
  // Adds them to `chain`: some kilobytes, not to be copied.
  ConvolutionChain(const Layer& layer, const Convolution& of, Rules rules, Chain& chain)
      : layer_(layer), of_(of), rules_(rules), is_packed_(of.sparsity == nullptr), chain_(chain) {}

  void build() {
    add_windows();
    add_products();
    add_sums();
  }

 private:
  // A module's streams are one module if packed, else as many modules.
  Stream stream(FeatureMap map, const FixedPoint& words, std::int64_t streams) const {
    return {.map = map,
            .is_3d = layer_.is_3d,
            .data_bits = words.width_bits,
            .streams = is_packed_ ? streams : 1,
            .rules = rules_};
  }
  double copies(std::int64_t streams, bool is_needed = true) const {
    if (!is_needed) return 0;
    return is_packed_ ? 1 : real(streams);
  }

  void add_windows() {
    const Folding& by = layer_.folding;
    const std::int64_t streams = shares_.in_streams;
    const FeatureMap map = spread_map(part_of(layer_.map, streams), of_.spread);
    const Pad pad{stream(map, layer_.data, streams), of_.padding};
    chain_.add("pad", pad, copies(streams));
    const FeatureMap around = pad.timing().out;
    const SlidingWindow windows{
        stream(around, layer_.data, streams), of_.kernel, of_.step, {}, of_.dilation};
    chain_.add("sliding_window", windows, copies(streams, of_.kernel.size() > 1));
    out_ = windows.timing().out;
    chain_.add("squeeze", Squeeze{stream(out_, layer_.data, streams), of_.kernel.size(), by.fine},
               copies(streams, by.fine != of_.kernel.size()));
    chain_.add("fork", Fork{stream(out_, layer_.data, streams), {by.fine, 1, 1}, by.coarse_out},
               copies(streams, by.coarse_out > 1));
  }

  void add_products() {
    const bool skips = of_.sparsity != nullptr && !of_.sparsity->is_pointwise;
    FeatureMap map = out_;
    map.channels = skips ? shares_.channels : shares_.words;
    if (skips) {
      add_sparse_products(map);
    } else {
      add_dense_products(map);
    }
    chain_.back().dsp_share = dsp_share(layer_.data, of_.weight);
    // fpgaConvNet's leaves the sums out for one channel, though there may be parts of its windows.
    const bool sums = is_compat(rules_) || skips ? shares_.channels > 1 : shares_.words > 1;
    Accum accum{stream(map, of_.acc, shares_.dots), shares_.filters, 1};
    if (skips) accum.words_per_cycle = nonzero_words_per_cycle(layer_, of_);
    chain_.add("accum", accum, copies(shares_.dots, sums));
  }

  void add_dense_products(FeatureMap map) {
    std::int64_t filters = shares_.filters;
    if (layer_.is_3d && is_compat(rules_)) {
      // There groups and their streams are exchanged.
      const Folding& by = layer_.folding;
      filters = of_.filters / (by.coarse_out * by.coarse_group);
      map.channels =
          layer_.map.channels * of_.kernel.size() / (by.fine * by.coarse_in * of_.groups);
    }
    chain_.add("vector_dot",
               VectorDot{stream(map, layer_.data, shares_.dots), filters, layer_.folding.fine,
                         of_.weight.width_bits, of_.acc.width_bits},
               copies(shares_.dots));
  }

  void add_sparse_products(const FeatureMap& map) {
    chain_.add(
        "vector_dot",
        SparseVectorDot{stream(map, layer_.data, 1), shares_.filters, layer_.folding.fine,
                        of_.weight.width_bits, of_.acc.width_bits, windows_per_cycle(layer_, of_)},
        copies(shares_.dots));
  }

  void add_sums() {
    const Folding& by = layer_.folding;
    const std::int64_t streams = shares_.out_streams;
    FeatureMap map = out_;
    map.channels = 1;
    chain_.add("glue",
               Glue{stream(map, of_.acc, streams), of_.filters / by.coarse_group, by.coarse_in,
                    by.coarse_out, by.coarse_group},
               by.coarse_in > 1 ? 1 : 0);
    if (of_.has_bias) {
      chain_.add("bias", Bias{stream(map, of_.output, streams), of_.filters / streams},
                 copies(streams));
    }
    chain_.add("shift_scale", ShiftScale{stream(map, of_.output, streams)},
               copies(streams, of_.block_floating_point));
  }

  const Layer& layer_;
  const Convolution& of_;
  Rules rules_;
  bool is_packed_;
  Shares shares_{layer_, of_};
  FeatureMap out_;
  Chain& chain_;
};

double positions_out(const Layer& layer, const Convolution& of) {
  return real(map_out(layer, of, 0).positions());
}

// The memories of biases, and of factors and shifts of block floating point.
double parameter_blocks(const Layer& layer, const Convolution& of) {
  const std::int64_t streams = streams_out(layer);
  const std::int64_t acc_bits = of.acc.width_bits;
  const bool is_packed = of.sparsity == nullptr;
  std::int64_t result = 0;
  if (of.has_bias) {
    const std::int64_t depth = divide_up(of.filters, streams);
    result += is_packed ? bram18_blocks(depth, real(acc_bits * streams), MemoryKind::Memory)
                        : streams * bram18_blocks(depth, real(acc_bits), MemoryKind::Memory);
  }
  if (of.block_floating_point) {
    result += 2 * streams * bram18_blocks(of.filters / streams, real(acc_bits), MemoryKind::Memory);
  }
  return real(result);
}

// Of the sliding window, that waits outside the device where the input does.
double line_blocks(const Layer& layer, const Convolution& of, const Chain& modules) {
  if (of.kernel.size() == 1 || !layer.inputs[0].is_off_chip) return 0;
  const auto& windows = std::get<SlidingWindow>(modules.modules()[1].module);
  return real(windows.line_bram18()) * modules.modules()[1].copies;
}

}  // namespace

FeatureMap map_out(const Layer& layer, const Convolution& of, std::size_t /*port*/) {
  const FeatureMap map = spread_map(layer.map, of.spread);
  const Pad pad{{.map = map, .is_3d = layer.is_3d}, of.padding};
  const SlidingWindow windows{
      {.map = pad.timing().out, .is_3d = layer.is_3d}, of.kernel, of.step, {}, of.dilation};
  FeatureMap out = windows.timing().out;
  out.channels = of.filters;
  return out;
}

Chain chain(const Layer& layer, const Convolution& of, Rules rules) {
  Chain modules;
  ConvolutionChain(layer, of, rules, modules).build();
  return modules;
}

double latency_cycles(const Layer& layer, const Convolution& of, const Chain& modules,
                      Rules rules) {
  if (of.sparsity != nullptr) return sparse_latency_cycles(layer, of, rules);
  if (is_compat(rules)) return modules.latency_cycles();
  const Shares shares(layer, of);
  const double products = positions_out(layer, of) * real(shares.words * shares.filters);
  return std::max(window_cycles(window_task(layer)), products);
}

Resources resources(const Layer& layer, const Convolution& of, const Chain& modules,
                    const Coefficients& by, Rules rules) {
  Resources result = modules.resources(by);
  if (of.sparsity != nullptr && is_compat(rules)) {
    // fpgaConvNet's takes off one squeeze, though it has counted none.
    const ModuleResources squeeze = resources_of(modules.modules()[2].module, by);
    result -= {.lut = real(squeeze.lut), .ff = real(squeeze.ff), .bram18 = real(squeeze.bram18)};
  }
  result.bram18 += parameter_blocks(layer, of) - line_blocks(layer, of, modules);
  const WeightMemory weights = weight_memory(layer);
  (weights.in_uram ? result.uram : result.bram18) += real(weights.total_blocks());
  result.lut += real(kLutsPerBram18 * weights.blocks_in_luts);
  return result;
}

double operations(const Layer& layer, const Convolution& of, Rules /*rules*/) {
  const double positions = positions_out(layer, of);
  const double products =
      real(layer.map.channels * of.filters / of.groups * of.kernel.size()) * positions;
  return 2 * products + (of.has_bias ? real(of.filters) * positions : 0);
}

std::int64_t start_depth(const Layer& layer, const Convolution& of) {
  return window_start_depth(layer, of.kernel, of.padding);
}

}  // namespace sluice::hw::kinds
