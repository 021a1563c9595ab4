// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/config/feasible.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <numeric>
#include <span>

#include "sluice/hw/layers/weights.hpp"

namespace sluice::hw {
namespace {

using Fault = std::optional<Infeasible>;

// Words of a feature map, weights of a layer (addresses are 32 bits in fpgaConvNet's files), and
// products for a feature map. The models multiply these by small numbers, in 64 bits.
constexpr double kMostWords = 0x1p40;
constexpr double kMostWeights = 0x1p31 - 1;
constexpr double kMostProducts = 0x1p56;

std::string listed(std::span<const std::int64_t> values) {
  constexpr std::size_t kMostListed = 24;
  const auto shown = values.first(std::min(values.size(), kMostListed));
  return fmt::format("{}{}", fmt::join(shown, ", "), values.size() > kMostListed ? ", …" : "");
}

Fault one_of(std::string_view field, std::int64_t value, std::span<const std::int64_t> feasible) {
  if (std::ranges::binary_search(feasible, value)) return std::nullopt;
  return Infeasible{field, fmt::format("{} is {}; feasible: {}", field, value, listed(feasible))};
}

Fault too_large(std::string_view what, double count) {
  return Infeasible{"parameters", fmt::format("the layer has {:.2g} {}, which is more than any "
                                              "hardware: check its sizes",
                                              count, what)};
}

// Words of the map with zeros around it.
double padded_words(const FeatureMap& map, const Padding& by) {
  return (real(map.rows) + real(by.top) + real(by.bottom)) *
         (real(map.cols) + real(by.left) + real(by.right)) *
         (real(map.depth) + real(by.front) + real(by.back)) * real(map.channels);
}

double kernel_words(const Extent& kernel) {
  return real(kernel.rows) * real(kernel.cols) * real(kernel.depth);
}

Fault window_fault(const FeatureMap& map, const Extent& kernel, const Padding& by) {
  const auto beyond = [](std::string_view field, std::int64_t window, std::int64_t size) -> Fault {
    if (window <= size) return std::nullopt;
    return Infeasible{field, fmt::format("{} is {}, the feature map with its padding has {}", field,
                                         window, size)};
  };
  if (auto fault = beyond("kernel_rows", kernel.rows, map.rows + by.top + by.bottom)) return fault;
  if (auto fault = beyond("kernel_cols", kernel.cols, map.cols + by.left + by.right)) return fault;
  if (auto fault = beyond("kernel_depth", kernel.depth, map.depth + by.front + by.back)) {
    return fault;
  }
  if (const double words = padded_words(map, by); words > kMostWords) {
    return too_large("words", words);
  }
  return std::nullopt;
}

Fault sparsity_fault(const Sparsity& sparsity, const Convolution& conv, std::int64_t channels) {
  const std::int64_t each = sparsity.is_pointwise ? 1 : conv.kernel.size() + 1;
  if (std::ssize(sparsity.values) != channels * each) {
    return Infeasible{"sparsity", fmt::format("has {} values, {} channels of {} are needed",
                                              sparsity.values.size(), channels, each)};
  }
  const auto is_share = [](double value) { return value >= 0 && value <= 1; };
  if (!std::ranges::all_of(sparsity.values, is_share)) {
    return Infeasible{"sparsity", "has a value that is no share between 0 and 1"};
  }
  return std::nullopt;
}

Fault fault_of(const Layer& layer, const Convolution& conv) {
  const FeatureMap& map = layer.map;
  if (map.channels % conv.groups != 0 || conv.filters % conv.groups != 0) {
    return Infeasible{"groups", fmt::format("{} groups do not divide {} channels and {} filters",
                                            conv.groups, map.channels, conv.filters)};
  }
  if (auto fault = window_fault(map, conv.kernel, conv.padding)) return fault;
  const double weights =
      real(conv.filters / conv.groups) * real(map.channels) * kernel_words(conv.kernel);
  if (weights > kMostWeights) return too_large("weights", weights);
  const double products = weights * padded_words(map, conv.padding) / real(map.channels);
  if (products > kMostProducts) return too_large("products", products);
  if (conv.sparsity == nullptr) return std::nullopt;
  return sparsity_fault(*conv.sparsity, conv, map.channels);
}

Fault fault_of(const Layer& layer, const InnerProduct& product) {
  const double weights = real(layer.map.words()) * real(product.filters);
  if (weights > kMostWeights) return too_large("weights", weights);
  return std::nullopt;
}

Fault fault_of(const Layer& layer, const Pooling& pool) {
  return window_fault(layer.map, pool.kernel, pool.padding);
}

double sum_of(std::span<const std::int64_t> channels) {
  double sum = 0;
  for (const std::int64_t each : channels) sum += real(each);
  return sum;
}

Fault fault_of(const Layer& layer, const Concat& concat) {
  const double words = real(layer.map.positions()) * sum_of(concat.channels);
  if (words > kMostWords) return too_large("words", words);
  return std::nullopt;
}

Fault fault_of(const Layer& layer, const Chop& chop) {
  if (sum_of(chop.channels) == real(layer.map.channels)) return std::nullopt;
  return Infeasible{"split", fmt::format("the parts of {} are not the {} channels",
                                         listed(chop.channels), layer.map.channels)};
}

Fault fault_of(const Layer& layer, const Repeat& repeat) {
  const double words = real(layer.map.words()) * kernel_words(repeat.scale) *
                       real(repeat.channels) * real(repeat.other);
  if (words > kMostWords) return too_large("words", words);
  return std::nullopt;
}

template <class Kind>
Fault fault_of(const Layer& /*layer*/, const Kind& /*kind*/) {
  return std::nullopt;
}

Fault sparse_folding_fault(const Layer& layer) {
  const auto* conv = layer.as<Convolution>();
  if (conv == nullptr || conv->sparsity == nullptr) return std::nullopt;
  if (streams_in(layer) % conv->sparsity->clusters == 0) return std::nullopt;
  return Infeasible{"clusters", fmt::format("{} clusters do not divide {} streams",
                                            conv->sparsity->clusters, streams_in(layer))};
}

}  // namespace

std::optional<Infeasible> infeasible_shape(const Layer& layer) {
  const double words = padded_words(layer.map, {});
  if (words > kMostWords) return too_large("words", words);
  return std::visit([&](const auto& kind) { return fault_of(layer, kind); }, layer.operation);
}

std::optional<Infeasible> infeasible_folding(const Layer& layer, Rules rules) {
  const FoldingValues values = folding_values(layer, rules);
  const Folding& by = layer.folding;
  if (auto fault = one_of("coarse_in", by.coarse_in, values.coarse_in)) return fault;
  if (auto fault = one_of("coarse_out", by.coarse_out, values.coarse_out)) return fault;
  if (auto fault = one_of("coarse_group", by.coarse_group, values.coarse_group)) return fault;
  if (auto fault = one_of("fine", by.fine, values.fine)) return fault;
  // The parts of fpgaConvNet's Chop have fewer streams than the whole.
  const bool is_coupled = values.is_coupled && !(layer.as<Chop>() != nullptr && is_compat(rules));
  if (is_coupled && by.coarse_in != by.coarse_out) {
    return Infeasible{"coarse_out", fmt::format("coarse_out is {}; the layer has one number of "
                                                "streams, and coarse_in is {}",
                                                by.coarse_out, by.coarse_in)};
  }
  return sparse_folding_fault(layer);
}

std::optional<Infeasible> infeasible_weights(const Layer& layer) {
  const std::int64_t off_chip = layer.weights.blocks_off_chip;
  const std::int64_t blocks = weight_memory(layer).blocks;
  if (off_chip < 0 || off_chip > blocks) {
    return Infeasible{
        "stream_weights",
        fmt::format("{} memory blocks off chip; the weights have 0 to {}", off_chip, blocks)};
  }
  const std::int64_t in_luts = layer.weights.blocks_in_luts;
  const std::int64_t replaceable = layer.weights.in_uram ? 0 : blocks - off_chip;
  if (in_luts >= 0 && in_luts <= replaceable) return std::nullopt;
  return Infeasible{"blocks_in_luts",
                    fmt::format("LUTs in place of {} block RAMs; the weights have "
                                "0 to {} of these on chip",
                                in_luts, replaceable)};
}

std::optional<Infeasible> infeasible_reloading(const Layer& layer, std::int64_t factor) {
  return one_of("factor", factor, reloading_values(layer));
}

}  // namespace sluice::hw
