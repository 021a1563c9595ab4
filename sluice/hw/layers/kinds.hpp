// SPDX-License-Identifier: Apache-2.0
// What each kind of layer says of itself: overloads beside one another in <kind>.cpp. Where a kind
// is silent the templates answer: a layer that passes a word a clock and builds nothing.
#pragma once

#include <algorithm>

#include "sluice/base/divide.hpp"
#include "sluice/hw/layers/layer.hpp"

namespace sluice::hw::kinds {

// The part of a map that one of `streams` streams has.
inline FeatureMap part_of(FeatureMap map, std::int64_t streams) {
  map.channels /= streams;
  return map;
}

// Of a DSP block, for a product: two share one up to 8 bits, four up to 4.
inline double dsp_share(const FixedPoint& words, const FixedPoint& weights) {
  const std::int64_t bits = std::max(words.width_bits, weights.width_bits);
  if (bits <= 4) return 0.25;
  return bits <= 8 ? 0.5 : 1;
}

// fpgaConvNet's words a stream before a window is whole.
std::int64_t window_start_depth(const Layer& layer, const Extent& kernel, const Padding& padding);

// A layer of one module on the channels of one stream; `copies` of it are built.
inline Stream stream_of(const Layer& layer, Rules rules, std::int64_t streams) {
  return {.map = part_of(layer.map, streams),
          .is_3d = layer.is_3d,
          .data_bits = layer.data.width_bits,
          .streams = 1,
          .rules = rules};
}

// ---- the feature map that leaves through a port

template <class Kind>
FeatureMap map_out(const Layer& layer, const Kind& /*of*/, std::size_t /*port*/) {
  return layer.map;
}
FeatureMap map_out(const Layer& layer, const Convolution& of, std::size_t port);
FeatureMap map_out(const Layer& layer, const InnerProduct& of, std::size_t port);
FeatureMap map_out(const Layer& layer, const Pooling& of, std::size_t port);
FeatureMap map_out(const Layer& layer, const GlobalPooling& of, std::size_t port);
FeatureMap map_out(const Layer& layer, const Concat& of, std::size_t port);
FeatureMap map_out(const Layer& layer, const Chop& of, std::size_t port);
FeatureMap map_out(const Layer& layer, const Repeat& of, std::size_t port);
FeatureMap map_out(const Layer& layer, const Padded& of, std::size_t port);

// ---- the modules

template <class Kind>
Chain chain(const Layer& /*layer*/, const Kind& /*of*/, Rules /*rules*/) {
  return {};
}
Chain chain(const Layer& layer, const Convolution& of, Rules rules);
Chain chain(const Layer& layer, const InnerProduct& of, Rules rules);
Chain chain(const Layer& layer, const Pooling& of, Rules rules);
Chain chain(const Layer& layer, const GlobalPooling& of, Rules rules);
Chain chain(const Layer& layer, const Elementwise& of, Rules rules);
Chain chain(const Layer& layer, const ChannelAffine& of, Rules rules);
Chain chain(const Layer& layer, const Join& of, Rules rules);
Chain chain(const Layer& layer, const Concat& of, Rules rules);
Chain chain(const Layer& layer, const Split& of, Rules rules);
Chain chain(const Layer& layer, const Repeat& of, Rules rules);
Chain chain(const Layer& layer, const Regroup& of, Rules rules);
Chain chain(const Layer& layer, const Padded& of, Rules rules);
Chain chain(const Layer& layer, const PixelShift& of, Rules rules);

// ---- the cycles for a feature map

// Of the slowest of its modules; without modules, a word a clock of the larger side. By our own
// rules no word is spent on padding: windows are read past it.
template <class Kind>
double latency_cycles(const Layer& layer, const Kind& /*of*/, const Chain& modules,
                      Rules /*rules*/) {
  if (!modules.modules().empty()) return modules.latency_cycles();
  return real(std::max(stream_words_in(layer), stream_words_out(layer)));
}
double latency_cycles(const Layer& layer, const Convolution& of, const Chain& modules, Rules rules);
double latency_cycles(const Layer& layer, const Pooling& of, const Chain& modules, Rules rules);
double latency_cycles(const Layer& layer, const GlobalPooling& of, const Chain& modules,
                      Rules rules);
double latency_cycles(const Layer& layer, const Padded& of, const Chain& modules, Rules rules);
double latency_cycles(const Layer& layer, const PixelShift& of, const Chain& modules, Rules rules);
double latency_cycles(const Layer& layer, const Chop& of, const Chain& modules, Rules rules);

// ---- what is built besides the modules

template <class Kind>
Resources resources(const Layer& /*layer*/, const Kind& /*of*/, const Chain& modules,
                    const Coefficients& by, Rules /*rules*/) {
  return modules.resources(by);
}
Resources resources(const Layer& layer, const Convolution& of, const Chain& modules,
                    const Coefficients& by, Rules rules);
Resources resources(const Layer& layer, const InnerProduct& of, const Chain& modules,
                    const Coefficients& by, Rules rules);
Resources resources(const Layer& layer, const ChannelAffine& of, const Chain& modules,
                    const Coefficients& by, Rules rules);
Resources resources(const Layer& layer, const Shuffle& of, const Chain& modules,
                    const Coefficients& by, Rules rules);

// ---- operations

template <class Kind>
double operations(const Layer& /*layer*/, const Kind& /*of*/, Rules /*rules*/) {
  return 0;
}
double operations(const Layer& layer, const Convolution& of, Rules rules);
double operations(const Layer& layer, const InnerProduct& of, Rules rules);
double operations(const Layer& layer, const Pooling& of, Rules rules);
double operations(const Layer& layer, const GlobalPooling& of, Rules rules);
double operations(const Layer& layer, const Elementwise& of, Rules rules);
double operations(const Layer& layer, const ChannelAffine& of, Rules rules);
double operations(const Layer& layer, const Join& of, Rules rules);
double operations(const Layer& layer, const Repeat& of, Rules rules);

// ---- fpgaConvNet's count of words a stream before a layer starts

template <class Kind>
std::int64_t start_depth(const Layer& /*layer*/, const Kind& /*of*/) {
  return 2;
}
std::int64_t start_depth(const Layer& layer, const Convolution& of);
std::int64_t start_depth(const Layer& layer, const Pooling& of);
std::int64_t start_depth(const Layer& layer, const GlobalPooling& of);

}  // namespace sluice::hw::kinds
