// SPDX-License-Identifier: Apache-2.0
// Layers of every kind by chance, small enough that all of their foldings can be tried.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <numeric>
#include <utility>
#include <variant>
#include <vector>

#include "sluice/base/rng.hpp"
#include "sluice/hw/layers/layer.hpp"

namespace sluice::hw::test {

class RandomLayers {
 public:
  explicit RandomLayers(std::uint64_t seed) : rng_(seed) {}

  // Of the kind at `index` of Operation's; not folded.
  Layer of_kind(std::size_t index) {
    is_3d_ = rng_.below(3) == 0 && index != kPixelShift;
    Layer layer;
    layer.is_3d = is_3d_;
    layer.map = {upto(9), upto(9), is_3d_ ? upto(5) : 1, channels()};
    layer.data = width();
    layer.operation = operation(index, layer);
    return layer;
  }

  // One of its feasible foldings.
  void fold(Layer& layer) {
    const FoldingValues values = folding_values(layer);
    Folding& by = layer.folding;
    by = {any(values.coarse_in), any(values.coarse_out), any(values.coarse_group),
          any(values.fine)};
    if (values.is_coupled) by.coarse_out = by.coarse_in;
  }

  std::int64_t upto(std::int64_t most) { return rng_.integer(1, most); }

 private:
  static constexpr std::size_t kPixelShift = 14;

  std::int64_t any(const std::vector<std::int64_t>& values) {
    return values[rng_.below(values.size())];
  }
  bool chance() { return rng_.below(2) == 0; }
  std::int64_t channels() { return any({1, 2, 3, 4, 6, 8, 12, 16, 24}); }
  FixedPoint width() { return {rng_.integer(2, 33), 0}; }
  Extent extent(std::int64_t most) { return {upto(most), upto(most), is_3d_ ? upto(most) : 1}; }

  // From none to more than a kernel, but so that there is a window.
  Padding padding(const FeatureMap& map, const Extent& kernel, const Extent& spread) {
    const auto pair = [&](std::int64_t size, std::int64_t window) {
      const std::int64_t before = rng_.integer(0, 3);
      const std::int64_t needed = std::max<std::int64_t>(window - size - before, 0);
      return std::pair{before, needed + rng_.integer(0, 3)};
    };
    const auto [top, bottom] = pair((map.rows - 1) * spread.rows + 1, kernel.rows);
    const auto [left, right] = pair((map.cols - 1) * spread.cols + 1, kernel.cols);
    if (!is_3d_) return {top, bottom, left, right};
    const auto [front, back] = pair((map.depth - 1) * spread.depth + 1, kernel.depth);
    return {top, bottom, left, right, front, back};
  }

  std::shared_ptr<const Sparsity> sparsity(const FeatureMap& map, std::int64_t words) {
    Sparsity result;
    result.is_pointwise = words == 1;
    result.skips_zero_windows = chance();
    result.clusters = upto(8);
    for (std::int64_t c = 0; c < map.channels; ++c) {
      if (result.is_pointwise) {
        result.values.push_back(rng_.real());
        continue;
      }
      std::vector<double> row(static_cast<std::size_t>(words) + 1);
      for (double& share : row) share = rng_.real();
      const double sum = std::accumulate(row.begin(), row.end(), 0.0);
      for (const double share : row) result.values.push_back(share / sum);
    }
    return std::make_shared<Sparsity>(std::move(result));
  }

  Convolution convolution(const FeatureMap& map) {
    Convolution of{.groups = map.channels % 2 == 0 && chance() ? 2 : 1,
                   .kernel = chance() ? Extent{} : extent(4),
                   .step = extent(5),
                   .has_bias = chance(),
                   .block_floating_point = chance(),
                   .output = width(),
                   .weight = width(),
                   .acc = width()};
    if (rng_.below(4) == 0) of.groups = map.channels;
    of.filters = of.groups * upto(6);
    if (rng_.below(4) == 0) of.spread = extent(3);
    of.padding = padding(map, of.kernel, of.spread);
    if (!is_3d_ && rng_.below(3) == 0) of.sparsity = sparsity(map, of.kernel.size());
    return of;
  }

  // Channels that join or part; those of the first are the layer's.
  std::vector<std::int64_t> more(std::int64_t first) {
    std::vector<std::int64_t> result{first};
    for (std::int64_t n = upto(2); n > 0; --n) result.push_back(channels());
    return result;
  }

  Operation joined(std::size_t index, Layer& layer) {
    switch (index) {
      case 6:
        layer.inputs.resize(2);
        return Join{chance() ? Eltwise::Add : Eltwise::Mul, chance(), width()};
      case 7: {
        Concat of{more(layer.map.channels)};
        layer.inputs.resize(of.channels.size());
        return of;
      }
      case 8:
        layer.outputs.resize(static_cast<std::size_t>(1 + upto(2)));
        return Split{};
      default: {
        Chop of{more(channels())};
        layer.outputs.resize(of.channels.size());
        layer.map.channels =
            std::accumulate(of.channels.begin(), of.channels.end(), std::int64_t{0});
        return of;
      }
    }
  }

  Operation operation(std::size_t index, Layer& layer) {
    const FeatureMap& map = layer.map;
    switch (index) {
      case 0:
        return convolution(map);
      case 1:
        return InnerProduct{channels(), chance(), chance(), width(), width(), width()};
      case 2: {
        const Extent kernel = extent(4);
        return Pooling{Reduction::Max, kernel, extent(5), padding(map, kernel, {})};
      }
      case 3:
        return GlobalPooling{Reduction::Average, width()};
      case 4:
        return Elementwise{static_cast<Function>(rng_.below(4)), width()};
      case 5:
        return ChannelAffine{chance(), chance()};
      case 10:
        return Repeat{extent(3)};
      case 11:
        return Regroup{};
      case 12:
        return Passing{};
      case 13:
        return Padded{padding(map, {}, {})};
      case kPixelShift:
        return PixelShift{};
      case 15:
        return Shuffle{};
      default:
        return joined(index, layer);
    }
  }

  Rng rng_;
  bool is_3d_ = false;
};

// So many layers of every kind.
inline void for_random_layers(std::uint64_t seed, int of_each,
                              const std::function<void(RandomLayers&, Layer&)>& call) {
  RandomLayers random(seed);
  for (std::size_t kind = 0; kind < std::variant_size_v<Operation>; ++kind) {
    for (int i = 0; i < of_each; ++i) {
      Layer layer = random.of_kind(kind);
      random.fold(layer);
      call(random, layer);
    }
  }
}

}  // namespace sluice::hw::test
