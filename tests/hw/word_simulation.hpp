// SPDX-License-Identifier: Apache-2.0
// Layers word by word: the cycle at which each word of a stream leaves, for those at which words
// come. Streams go abreast, so one is enough. Words wait before a layer as long as it takes.
#pragma once

#include <algorithm>
#include <vector>

#include "sluice/hw/graph.hpp"

namespace sluice::hw::test {

using Cycles = std::vector<double>;

// The cycles at which the words of a map with zeros around have come, a word a clock. Zeros that
// come before the first word have been there before.
inline Cycles padded(const Cycles& in, const FeatureMap& map, std::int64_t channels,
                     const Padding& by) {
  Cycles result;
  double now = in.front() - 1;
  bool has_begun = false;
  for (std::int64_t r = -by.top; r < map.rows + by.bottom; ++r) {
    for (std::int64_t q = -by.left; q < map.cols + by.right; ++q) {
      const bool is_word = r >= 0 && r < map.rows && q >= 0 && q < map.cols;
      for (std::int64_t c = 0; c < channels; ++c) {
        has_begun = has_begun || is_word;
        if (has_begun) ++now;
        const auto index = static_cast<std::size_t>((r * map.cols + q) * channels + c);
        if (is_word) now = std::max(now, in[index]);
        result.push_back(now);
      }
    }
  }
  return result;
}

// The cycles at which windows are whole, channel by channel.
inline Cycles windows(const Cycles& in, const FeatureMap& map, const FeatureMap& out,
                      std::int64_t channels, const Extent& kernel, const Extent& step,
                      const Padding& padding) {
  const Cycles words = padded(in, map, channels, padding);
  const std::int64_t cols = map.cols + padding.left + padding.right;
  Cycles result;
  for (std::int64_t r = 0; r < out.rows; ++r) {
    for (std::int64_t q = 0; q < out.cols; ++q) {
      const std::int64_t row = r * step.rows + kernel.rows - 1;
      const std::int64_t col = q * step.cols + kernel.cols - 1;
      for (std::int64_t c = 0; c < channels; ++c) {
        result.push_back(words[static_cast<std::size_t>((row * cols + col) * channels + c)]);
      }
    }
  }
  return result;
}

// A word for a word, one a clock.
inline Cycles passed(const Cycles& in) {
  Cycles result;
  double now = in.front();
  for (const double word : in) {
    now = std::max(now, word) + 1;
    result.push_back(now);
  }
  return result;
}

// Of each `words` words the products with `filters`, `parts` a word; sums come with the last parts.
inline Cycles products(const Cycles& in, std::int64_t words, std::int64_t filters,
                       std::int64_t parts) {
  Cycles result;
  double now = in.front();
  for (std::size_t i = 0; i < in.size(); ++i) {
    now = std::max(now, in[i]) + real(filters * parts);
    const bool is_last = static_cast<std::int64_t>(i + 1) % words == 0;
    for (std::int64_t f = 0; is_last && f < filters; ++f) {
      result.push_back(now - real(filters - 1 - f));
    }
  }
  return result;
}

inline Cycles simulated(const Layer& layer, const Cycles& in) {
  const std::int64_t channels = layer.map.channels / streams_in(layer);
  if (const auto* conv = layer.as<Convolution>()) {
    const Cycles whole =
        windows(in, layer.map, map_out(layer), channels, conv->kernel, conv->step, conv->padding);
    const std::int64_t filters = conv->filters / (conv->groups * layer.folding.coarse_out);
    return products(whole, channels * layer.folding.coarse_group / conv->groups, filters,
                    conv->kernel.size() / layer.folding.fine);
  }
  if (const auto* pool = layer.as<Pooling>()) {
    return passed(
        windows(in, layer.map, map_out(layer), channels, pool->kernel, pool->step, pool->padding));
  }
  if (layer.as<PixelShift>() != nullptr) {
    return passed(windows(in, layer.map, layer.map, channels, {3, 3}, {}, {1, 1, 1, 1}));
  }
  if (const auto* product = layer.as<InnerProduct>()) {
    return products(in, static_cast<std::int64_t>(in.size()),
                    product->filters / layer.folding.coarse_out, 1);
  }
  return passed(in);
}

// Of each node's first feature map. Words come in one a clock and stream; joins take a word when
// all their inputs have it.
inline std::vector<Cycles> simulated(const Graph& graph) {
  std::vector<Cycles> result(graph.size());
  for (const NodeId id : graph.topological_order()) {
    const Node& node = graph[id];
    Cycles in(static_cast<std::size_t>(stream_words_in(node.layer)));
    for (std::size_t i = 0; node.predecessors.empty() && i < in.size(); ++i) {
      in[i] = static_cast<double>(i);
    }
    for (const NodeId from : node.predecessors) {
      for (std::size_t i = 0; i < in.size(); ++i) in[i] = std::max(in[i], result[from][i]);
    }
    result[id] = simulated(node.layer, in);
  }
  return result;
}

}  // namespace sluice::hw::test
