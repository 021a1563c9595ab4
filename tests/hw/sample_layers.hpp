// SPDX-License-Identifier: Apache-2.0
// Layers and graphs to reckon with.
#pragma once

#include <algorithm>
#include <fmt/format.h>
#include <span>

#include "sluice/base/rng.hpp"
#include "sluice/hw/graph.hpp"

namespace sluice::hw::test {

inline constexpr FeatureMap kSmallMap{4, 4, 1, 2};

inline Layer layer_of(const FeatureMap& map, Operation operation, const Folding& by = {}) {
  Layer result;
  result.map = map;
  result.operation = std::move(operation);
  result.folding = by;
  return result;
}

// Windows of `kernel` by `kernel`, `padding` zeros on all sides.
inline Layer convolution(const FeatureMap& map, std::int64_t filters, std::int64_t kernel,
                         std::int64_t padding = 0, std::int64_t step = 1, const Folding& by = {}) {
  return layer_of(map,
                  Convolution{.filters = filters,
                              .kernel = {kernel, kernel},
                              .step = {step, step},
                              .padding = {padding, padding, padding, padding}},
                  by);
}

inline Layer pooling(const FeatureMap& map, std::int64_t kernel, std::int64_t step,
                     std::int64_t coarse = 1) {
  return layer_of(map, Pooling{.kernel = {kernel, kernel}, .step = {step, step}},
                  {.coarse_in = coarse, .coarse_out = coarse});
}

inline Layer relu(const FeatureMap& map, std::int64_t coarse = 1) {
  return layer_of(map, Elementwise{}, {.coarse_in = coarse, .coarse_out = coarse});
}

inline Layer split(const FeatureMap& map) {
  Layer result = layer_of(map, Split{});
  result.outputs.resize(2);
  return result;
}

inline Layer join(const FeatureMap& map) {
  Layer result = layer_of(map, Join{});
  result.inputs.resize(2);
  return result;
}

// Named after its place, with tensors by which joins find their inputs.
inline NodeId add(Graph& graph, Layer layer, std::span<const NodeId> from = {}) {
  Node node{fmt::format("n{}", graph.size()), std::move(layer), {}, {}, {}};
  node.source.outputs = {node.name};
  for (const NodeId id : from) node.source.inputs.push_back(graph[id].name);
  const NodeId result = graph.add(std::move(node));
  for (const NodeId id : from) graph.connect(id, result);
  return result;
}

inline Graph chain(const std::vector<Layer>& layers) {
  Graph result;
  for (const Layer& layer : layers) {
    if (result.size() == 0) {
      add(result, layer);
    } else {
      add(result, layer, std::array{result.size() - 1});
    }
  }
  return result;
}

// split → (nothing, layers…) → join.
inline Graph residual(const FeatureMap& map, const std::vector<Layer>& branch) {
  Graph result;
  const NodeId parting = add(result, split(map));
  NodeId at = parting;
  for (const Layer& layer : branch) at = add(result, layer, std::array{at});
  add(result, join(map), std::array{parting, at});
  return result;
}

template <class T>
T one_of(Rng& rng, const std::vector<T>& values) {
  return values[rng.below(values.size())];
}

inline Layer random_layer(Rng& rng, const FeatureMap& map) {
  const std::int64_t room = std::min(map.rows, map.cols);
  switch (rng.below(room >= 6 ? 8 : 2)) {
    case 0:
      return relu(map);
    case 1:
      return layer_of(map, InnerProduct{.filters = rng.integer(1, 24)});
    case 2:
    case 3:
      return pooling(map, 2, rng.integer(1, 2));
    default:
      break;
  }
  const std::int64_t kernel = std::min(room, rng.integer(1, 4));
  const std::int64_t padding = rng.integer(0, kernel / 2);
  return convolution(map, one_of<std::int64_t>(rng, {1, 2, 3, 4, 6, 8, 12}), kernel, padding,
                     rng.integer(1, std::min<std::int64_t>(kernel, 2)));
}

// Some of the foldings that a layer has, for the streams that come to it.
inline void fold(Rng& rng, Layer& layer, std::int64_t streams) {
  const FoldingValues values = folding_values(layer);
  layer.folding.coarse_in = streams;
  layer.folding.coarse_out = values.is_coupled ? streams : one_of(rng, values.coarse_out);
  layer.folding.fine = one_of(rng, values.fine);
}

// Each layer takes the streams that the one before gives.
inline Graph random_chain(Rng& rng) {
  std::vector<Layer> layers;
  const std::int64_t size = rng.integer(6, 24);
  FeatureMap map{size, size + rng.integer(0, 3), 1, one_of<std::int64_t>(rng, {1, 2, 3, 4, 6, 8})};
  std::int64_t streams = 1;
  const std::int64_t length = rng.integer(1, 6);
  for (std::int64_t i = 0; i < length; ++i) {
    Layer layer = random_layer(rng, map);
    if (i == 0) streams = one_of(rng, folding_values(layer).coarse_in);
    fold(rng, layer, streams);
    map = map_out(layer);
    streams = streams_out(layer);
    layers.push_back(std::move(layer));
  }
  return chain(layers);
}

}  // namespace sluice::hw::test
