// SPDX-License-Identifier: Apache-2.0
// Layers that move words: join, copy, part, repeat, regroup, pad and shift them.
#include <algorithm>
#include <numeric>

#include "sluice/hw/layers/kinds.hpp"
#include "sluice/hw/layers/windows.hpp"
#include "sluice/hw/memory_blocks.hpp"

namespace sluice::hw::kinds {

FeatureMap map_out(const Layer& layer, const Concat& of, std::size_t /*port*/) {
  FeatureMap result = layer.map;
  result.channels = std::accumulate(of.channels.begin(), of.channels.end(), std::int64_t{0});
  return result;
}

Chain chain(const Layer& layer, const Concat& of, Rules rules) {
  const std::int64_t coarse = layer.folding.coarse_in;
  Stream stream = stream_of(layer, rules, coarse);
  if (!is_compat(rules)) stream.streams = coarse;
  std::int64_t channels = 0;
  for (const std::int64_t each : of.channels) channels += each / coarse;
  Chain modules;
  modules.add("concat", ConcatModule{stream, channels});
  return modules;
}

Chain chain(const Layer& layer, const Split& /*of*/, Rules rules) {
  const std::int64_t coarse = layer.folding.coarse_in;
  const auto copies = static_cast<std::int64_t>(layer.outputs.size());
  Stream stream = stream_of(layer, rules, coarse);
  Chain modules;
  if (is_compat(rules)) {
    stream.data_bits = 16;  // whatever the words are
    modules.add("fork", Fork{stream, {1, 1, 1}, copies}, real(coarse));
  } else {
    stream.streams = coarse;
    modules.add("fork", Fork{stream, {1, 1, 1}, copies});
  }
  return modules;
}

FeatureMap map_out(const Layer& layer, const Chop& of, std::size_t port) {
  FeatureMap result = layer.map;
  result.channels = of.channels[port];
  return result;
}

double latency_cycles(const Layer& layer, const Chop& of, const Chain& /*modules*/, Rules rules) {
  if (!is_compat(rules)) return real(stream_words_in(layer));
  const auto in = real(layer.map.words());
  const double rate_out = real(of.channels[0]) / real(layer.map.channels);
  const double out = real(map_out(layer, of, 0).words());
  return std::max(
      in / std::min(layer.inputs[0].words_per_cycle, real(streams_in(layer))),
      out / std::min(layer.outputs[0].words_per_cycle, rate_out * real(streams_out(layer))));
}

FeatureMap map_out(const Layer& layer, const Repeat& of, std::size_t /*port*/) {
  const FeatureMap& map = layer.map;
  return {map.rows * of.scale.rows, map.cols * of.scale.cols, map.depth * of.scale.depth,
          map.channels};
}

Chain chain(const Layer& layer, const Repeat& of, Rules rules) {
  const std::int64_t coarse = layer.folding.coarse_in;
  Resize resize{stream_of(layer, rules, coarse), of.scale.rows, of.scale.cols, of.scale.depth};
  if (is_compat(rules)) {
    resize.channels = of.channels;
    resize.other = of.other;
  } else {
    resize.stream.streams = coarse;
  }
  Chain modules;
  modules.add("resize", resize);
  return modules;
}

double operations(const Layer& layer, const Repeat& /*of*/, Rules rules) {
  return is_compat(rules) ? real(layer.map.words()) : 0;
}

Chain chain(const Layer& layer, const Regroup& /*of*/, Rules rules) {
  const Folding& by = layer.folding;
  Stream stream = stream_of(layer, rules, std::min(by.coarse_in, by.coarse_out));
  // fpgaConvNet's has 16 bits in three dimensions, whatever the words are.
  if (is_compat(rules) && layer.is_3d) stream.data_bits = 16;
  Chain modules;
  modules.add("squeeze", Squeeze{stream, by.coarse_in, by.coarse_out});
  return modules;
}

FeatureMap map_out(const Layer& layer, const Padded& of, std::size_t /*port*/) {
  FeatureMap result = Pad{{.map = layer.map, .is_3d = layer.is_3d}, of.padding}.timing().out;
  result.channels += of.channels_before + of.channels_after;
  return result;
}

// Channels of zeros are words like any other: as many clocks as words go.
Chain chain(const Layer& layer, const Padded& of, Rules rules) {
  Layer whole = layer;
  whole.map.channels += of.channels_before + of.channels_after;
  Stream stream = stream_of(whole, rules, layer.folding.coarse_in);
  stream.streams = layer.folding.coarse_in;
  Chain modules;
  modules.add("pad", Pad{stream, of.padding});
  return modules;
}

double latency_cycles(const Layer& layer, const Padded& of, const Chain& modules, Rules rules) {
  if (is_compat(rules)) return modules.latency_cycles();
  // Channels of zeros are words that go.
  const double channels =
      of.channels_before + of.channels_after > 0 ? real(stream_words_out(layer)) : 0;
  return std::max(window_cycles(window_task(layer)), channels);
}

// A window of three by three, of which each channel reads one word.
Chain chain(const Layer& layer, const PixelShift& /*of*/, Rules rules) {
  Stream stream = stream_of(layer, rules, layer.folding.coarse_in);
  stream.streams = layer.folding.coarse_in;
  Chain modules;
  const Pad pad{stream, {.top = 1, .bottom = 1, .left = 1, .right = 1}};
  modules.add("pad", pad);
  stream.map = pad.timing().out;
  modules.add("sliding_window", SlidingWindow{stream, {3, 3, 1}, {}, {}});
  return modules;
}

double latency_cycles(const Layer& layer, const PixelShift& /*of*/, const Chain& modules,
                      Rules rules) {
  return is_compat(rules) ? modules.latency_cycles() : real(stream_words_in(layer));
}

// Two pixels: one is written while the other is read.
Resources resources(const Layer& layer, const Shuffle& /*of*/, const Chain& /*modules*/,
                    const Coefficients& by, Rules rules) {
  Stream stream = stream_of(layer, rules, layer.folding.coarse_in);
  stream.streams = layer.folding.coarse_in;
  const std::int64_t depth = 2 * stream.map.channels;
  const std::int64_t bits = stream.streams * stream.data_bits;
  const ModuleResources control = count_by_bits(by, Regression::Concat, stream);
  const std::int64_t blocks = bram18_blocks(depth, real(bits), MemoryKind::Memory);
  const std::int64_t luts = blocks > 0 ? 0 : kLutsPerArray * lutram_arrays(depth, bits);
  return {.lut = real(control.lut + luts), .ff = real(control.ff), .bram18 = real(blocks)};
}

}  // namespace sluice::hw::kinds
