// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/layers/layer.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "sluice/hw/layers/kinds.hpp"
#include "sluice/hw/layers/sparsity.hpp"
#include "sluice/hw/library/built.hpp"
#include "sluice/hw/memory_blocks.hpp"

namespace sluice::hw {
namespace {

std::vector<std::int64_t> divisors(std::int64_t n) {
  std::vector<std::int64_t> result;
  for (std::int64_t d = 1; d * d <= n; ++d) {
    if (n % d != 0) continue;
    result.push_back(d);
    if (d != n / d) result.push_back(n / d);
  }
  std::ranges::sort(result);
  return result;
}

std::int64_t stream_words(const FeatureMap& map, std::int64_t streams) {
  return map.positions() * (map.channels / streams);
}

// The FIFOs in which words wait for those of a join's other inputs.
std::int64_t buffer_blocks(const Layer& layer) {
  if (!joins(layer) && !splits(layer)) return 0;
  std::int64_t sum = 0;
  for (const Port& port : layer.inputs) {
    if (port.is_off_chip) continue;
    sum += bram18_blocks(port.buffer_depth, real(layer.data.width_bits), MemoryKind::Fifo) *
           streams_in(layer);
  }
  return sum;
}

// By our own rules those of the words in the time they take.
ChainRates rates_of(const Layer& layer, const Chain& modules, double latency, Rules rules) {
  if (!is_compat(rules)) {
    return {real(stream_words_in(layer)) / latency, real(stream_words_out(layer)) / latency};
  }
  // Chop's modules are none; its outputs have their part of the words.
  if (const auto* chop = layer.as<Chop>()) {
    return {1, real(chop->channels[0]) / real(layer.map.channels)};
  }
  if (joins(layer) || splits(layer) || !layer.is_3d) return modules.rates();
  const auto rate = [&](const FeatureMap& map, std::int64_t streams) {
    return real(map.words()) / (latency * real(streams));
  };
  return {rate(map_in(layer), streams_in(layer)), rate(map_out(layer), streams_out(layer))};
}

double latency_cycles_of(const Layer& layer, const Chain& modules, Rules rules) {
  return std::visit(
      [&](const auto& kind) { return kinds::latency_cycles(layer, kind, modules, rules); },
      layer.operation);
}

Resources resources_with(const Layer& layer, const Chain& modules, const Coefficients& by,
                         Rules rules) {
  if (const auto built = library::counted_of(layer, by, rules)) {
    return library::resources_of(layer, *built, by);
  }
  Resources result = std::visit(
      [&](const auto& kind) { return kinds::resources(layer, kind, modules, by, rules); },
      layer.operation);
  result.bram18 += real(buffer_blocks(layer));
  return result;
}

}  // namespace

bool has_weights(const Layer& layer) {
  return layer.as<Convolution>() != nullptr || layer.as<InnerProduct>() != nullptr;
}

bool is_derived(const Layer& layer) {
  const auto* regroup = layer.as<Regroup>();
  return regroup != nullptr && regroup->is_derived;
}

bool joins(const Layer& layer) {
  return layer.as<Join>() != nullptr || layer.as<Concat>() != nullptr;
}

bool splits(const Layer& layer) {
  return layer.as<Split>() != nullptr || layer.as<Chop>() != nullptr;
}

FeatureMap map_in(const Layer& layer, std::size_t port) {
  FeatureMap result = layer.map;
  if (const auto* concat = layer.as<Concat>()) result.channels = concat->channels[port];
  const auto* join = layer.as<Join>();
  if (join != nullptr && join->broadcasts && port > 0) return {1, 1, 1, layer.map.channels};
  return result;
}

FeatureMap map_out(const Layer& layer, std::size_t port) {
  return std::visit([&](const auto& kind) { return kinds::map_out(layer, kind, port); },
                    layer.operation);
}

std::int64_t streams_in(const Layer& layer) {
  const Folding& by = layer.folding;
  return layer.as<Convolution>() != nullptr ? by.coarse_in * by.coarse_group : by.coarse_in;
}

std::int64_t streams_out(const Layer& layer) {
  const Folding& by = layer.folding;
  return layer.as<Convolution>() != nullptr ? by.coarse_out * by.coarse_group : by.coarse_out;
}

std::int64_t stream_words_in(const Layer& layer, std::size_t port) {
  return stream_words(map_in(layer, port), streams_in(layer));
}

std::int64_t stream_words_out(const Layer& layer, std::size_t port) {
  return stream_words(map_out(layer, port), streams_out(layer));
}

FixedPoint output_type(const Layer& layer) {
  if (const auto* conv = layer.as<Convolution>()) return conv->output;
  if (const auto* product = layer.as<InnerProduct>()) return product->output;
  return layer.data;
}

Rescale output_rescale(const Layer& layer, std::size_t port) {
  const Rescale& rescale = layer.outputs[port].rescale;
  if (rescale.by != Scaling::None) return rescale;
  if (has_weights(layer) || layer.as<Join>() != nullptr) return {Scaling::Shift};
  const auto* pooling = layer.as<Pooling>();
  const auto* global = layer.as<GlobalPooling>();
  const bool is_mean = (pooling != nullptr && pooling->reduction == Reduction::Average) ||
                       (global != nullptr && global->reduction == Reduction::Average);
  return is_mean || layer.as<ChannelAffine>() != nullptr ? Rescale{Scaling::Line} : Rescale{};
}

Chain chain_of(const Layer& layer, Rules rules) {
  return std::visit([&](const auto& kind) { return kinds::chain(layer, kind, rules); },
                    layer.operation);
}

double latency_cycles(const Layer& layer, Rules rules) {
  return latency_cycles_of(layer, chain_of(layer, rules), rules);
}

LayerTiming timing_of(const Layer& layer, Rules rules) {
  const Chain modules = chain_of(layer, rules);
  LayerTiming result;
  result.latency_cycles = latency_cycles_of(layer, modules, rules);
  result.pipeline_depth = modules.pipeline_depth();
  const double cycles = is_compat(rules) ? modules.latency_cycles() : result.latency_cycles;
  const ChainRates rates = rates_of(layer, modules, cycles, rules);
  result.rate_in = rates.in;
  result.rate_out = rates.out;
  return result;
}

Resources resources_of(const Layer& layer, const Coefficients& by, Rules rules) {
  return resources_with(layer, chain_of(layer, rules), by, rules);
}

LayerCost cost_of(const Layer& layer, const Coefficients& by, Rules rules) {
  const Chain modules = chain_of(layer, rules);
  return {latency_cycles_of(layer, modules, rules), resources_with(layer, modules, by, rules)};
}

double operations_of(const Layer& layer, Rules rules, bool sparse) {
  const double all = std::visit(
      [&](const auto& kind) { return kinds::operations(layer, kind, rules); }, layer.operation);
  const auto* conv = layer.as<Convolution>();
  if (!sparse || conv == nullptr || conv->sparsity == nullptr) return all;
  const double share = sparse_share(*conv, rules);
  if (is_compat(rules) || !conv->has_bias) return all * share;
  // A bias is added whether there were zeros or not.
  const auto biases = real(map_out(layer).words());
  return biases + (all - biases) * share;
}

std::int64_t start_depth(const Layer& layer) {
  return std::visit([&](const auto& kind) { return kinds::start_depth(layer, kind); },
                    layer.operation);
}

PortRates port_rates(const Layer& layer, Rules rules) {
  const LayerTiming timing = timing_of(layer, rules);
  PortRates result;
  for (const Port& port : layer.inputs) {
    result.in += std::min(port.words_per_cycle, timing.rate_in * real(streams_in(layer)));
  }
  for (const Port& port : layer.outputs) {
    result.out += std::min(port.words_per_cycle, timing.rate_out * real(streams_out(layer)));
  }
  return result;
}

FoldingValues folding_values(const Layer& layer, Rules rules) {
  const std::int64_t channels = layer.map.channels;
  if (const auto* conv = layer.as<Convolution>()) {
    FoldingValues result{divisors(channels / conv->groups), divisors(conv->filters / conv->groups),
                         divisors(conv->groups), divisors(conv->kernel.size())};
    if (conv->sparsity != nullptr) {
      // The words that are not zero are gathered: any number of them can be multiplied at once.
      result.fine.resize(static_cast<std::size_t>(conv->kernel.size()));
      std::iota(result.fine.begin(), result.fine.end(), 1);
    }
    return result;
  }
  if (const auto* product = layer.as<InnerProduct>()) {
    return {divisors(channels), divisors(product->filters), {1}, {1}};
  }
  if (layer.as<Regroup>() != nullptr) return {divisors(channels), divisors(channels), {1}, {1}};
  std::int64_t common = channels;
  if (const auto* concat = layer.as<Concat>()) {
    for (const std::int64_t each : concat->channels) common = std::gcd(common, each);
  } else if (const auto* chop = layer.as<Chop>()) {
    // fpgaConvNet's allows those that do not divide the parts.
    if (is_compat(rules)) {
      return {divisors(channels), divisors(chop->channels[0]), {1}, {1}, true};
    }
    for (const std::int64_t each : chop->channels) common = std::gcd(common, each);
  } else if (const auto* padded = layer.as<Padded>()) {
    common = std::gcd(common, std::gcd(padded->channels_before, padded->channels_after));
  }
  return {divisors(common), divisors(common), {1}, {1}, true};
}

std::vector<std::int64_t> reloading_values(const Layer& layer) {
  if (const auto* conv = layer.as<Convolution>()) {
    return divisors(conv->filters / (conv->groups * layer.folding.coarse_out));
  }
  if (const auto* product = layer.as<InnerProduct>()) {
    return divisors(product->filters / layer.folding.coarse_out);
  }
  return {1};
}

}  // namespace sluice::hw
