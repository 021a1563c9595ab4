// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "sluice/hw/layers/kinds.hpp"
#include "sluice/hw/layers/windows.hpp"

namespace sluice::hw::kinds {
namespace {

Stream packed(const Layer& layer, Rules rules) {
  Stream result = stream_of(layer, rules, layer.folding.coarse_in);
  result.streams = layer.folding.coarse_in;
  return result;
}

}  // namespace

FeatureMap map_out(const Layer& layer, const Pooling& of, std::size_t /*port*/) {
  const Pad pad{{.map = layer.map, .is_3d = layer.is_3d}, of.padding};
  return SlidingWindow{{.map = pad.timing().out, .is_3d = layer.is_3d}, of.kernel, of.step, {}}
      .timing()
      .out;
}

Chain chain(const Layer& layer, const Pooling& of, Rules rules) {
  Chain modules;
  Stream stream = packed(layer, rules);
  const Pad pad{stream, of.padding};
  modules.add("pad", pad);
  stream.map = pad.timing().out;
  const SlidingWindow windows{stream, of.kernel, of.step, {}};
  modules.add("sliding_window", windows);
  stream.map = windows.timing().out;
  modules.add("pool", Pool{stream, of.kernel});
  return modules;
}

double latency_cycles(const Layer& layer, const Pooling& /*of*/, const Chain& modules,
                      Rules rules) {
  return is_compat(rules) ? modules.latency_cycles() : window_cycles(window_task(layer));
}

double operations(const Layer& layer, const Pooling& of, Rules /*rules*/) {
  return real(map_out(layer, of, 0).words() * of.kernel.size());
}

std::int64_t window_start_depth(const Layer& layer, const Extent& kernel, const Padding& padding) {
  const FeatureMap& map = layer.map;
  const auto floored = [&](std::int64_t positions) {
    return static_cast<std::int64_t>(
        std::floor(real(positions * map.channels) / real(streams_in(layer))));
  };
  return floored((kernel.rows - 1 - padding.top) * map.cols * map.depth) +
         floored((kernel.cols - 1 - padding.left) * map.depth) +
         (layer.is_3d ? floored(kernel.depth - 1 - padding.front) : 0) + floored(1);
}

std::int64_t start_depth(const Layer& layer, const Pooling& of) {
  return window_start_depth(layer, of.kernel, of.padding);
}

FeatureMap map_out(const Layer& layer, const GlobalPooling& /*of*/, std::size_t /*port*/) {
  return {1, 1, 1, layer.map.channels};
}

Chain chain(const Layer& layer, const GlobalPooling& of, Rules rules) {
  const std::int64_t coarse = layer.folding.coarse_in;
  Chain modules;
  modules.add("global_pool", GlobalPool{stream_of(layer, rules, coarse), of.acc.width_bits},
              real(coarse));
  return modules;
}

double latency_cycles(const Layer& layer, const GlobalPooling& /*of*/, const Chain& modules,
                      Rules rules) {
  // fpgaConvNet's counts the words that go, not those that come, but in three dimensions.
  if (is_compat(rules) && !layer.is_3d) {
    return real(layer.map.channels / layer.folding.coarse_in);
  }
  return modules.latency_cycles();
}

double operations(const Layer& layer, const GlobalPooling& /*of*/, Rules /*rules*/) {
  return real(layer.map.words());
}

std::int64_t start_depth(const Layer& layer, const GlobalPooling& /*of*/) {
  return layer.map.words() / layer.folding.coarse_in;
}

}  // namespace sluice::hw::kinds
