// SPDX-License-Identifier: Apache-2.0
// Networks so small, and budgets so tight, that all mappings of them can be tried.
#pragma once

#include <string>
#include <utility>

#include "tests/hw/unit_coefficients.hpp"

#include "sluice/base/rng.hpp"
#include "sluice/dse/space.hpp"

namespace sluice::dse::test {

inline const hw::Coefficients& ones() {
  static const hw::Coefficients kOnes = hw::test::uniform(1);
  return kOnes;
}

// A device that anything small fits.
inline hw::Device large_device() {
  hw::Device device;
  device.name = "large";
  device.resources = {.lut = 1e6, .ff = 1e6, .dsp = 1e4, .bram18 = 1e4, .uram = 100};
  device.clock_mhz = 100;
  device.memory_gbps = 100;
  device.reconfiguration_s = 1e-6;
  device.port_bits = 64;
  return device;
}

inline Problem problem_of(hw::Graph graph) {
  Problem problem;
  problem.graph = std::move(graph);
  problem.device = large_device();
  problem.coefficients = &ones();
  problem.clock_mhz = problem.device.clock_mhz;
  return problem;
}

inline hw::NodeId add(hw::Graph& graph, std::string name, const hw::FeatureMap& map,
                      hw::Operation operation, const std::vector<hw::NodeId>& from = {}) {
  hw::Layer layer{.map = map, .operation = std::move(operation)};
  if (hw::joins(layer)) layer.inputs.resize(from.size());
  const hw::NodeId id = graph.add({std::move(name), std::move(layer), {}, {}, {}});
  for (const hw::NodeId each : from) {
    graph.connect(each, id);
    if (hw::splits(graph[each].layer)) {
      graph[each].layer.outputs.resize(graph[each].successors.size());
    }
  }
  return id;
}

inline hw::Convolution convolution(std::int64_t filters, std::int64_t kernel = 3) {
  const std::int64_t pad = kernel / 2;
  return {.filters = filters, .kernel = {kernel, kernel}, .padding = {pad, pad, pad, pad}};
}

// conv a, split s, whose words go through conv b and beside it to join j; conv c, relu r.
inline hw::Graph residual(std::int64_t channels = 4) {
  hw::Graph graph;
  const hw::FeatureMap map{8, 8, 1, channels};
  const auto a = add(graph, "a", {8, 8, 1, 2}, convolution(channels));
  const auto s = add(graph, "s", map, hw::Split{}, {a});
  const auto b = add(graph, "b", map, convolution(channels), {s});
  const auto j = add(graph, "j", map, hw::Join{}, {s, b});
  const auto c = add(graph, "c", map, convolution(2 * channels), {j});
  add(graph, "r", {8, 8, 1, 2 * channels}, hw::Elementwise{}, {c});
  return graph;
}

// Branches by chance, of two lengths, that join or follow one another's channels. Their names sort
// in another order once regroupings with names of theirs lie between.
inline hw::Graph random_branches(Rng& rng, std::int64_t size) {
  hw::Graph graph;
  const hw::FeatureMap map{size, size, 1, 4};
  const auto s = add(graph, "s", map, hw::Split{}, {add(graph, "a", map, convolution(4))});
  const bool is_sum = rng.below(2) == 0;
  std::vector<hw::NodeId> ends;
  std::vector<std::int64_t> channels;
  for (const std::string branch : {"b", "b1"}) {
    hw::NodeId at = s;
    hw::FeatureMap now = map;
    for (std::int64_t n = rng.integer(branch == "b" ? 0 : 1, 2); n > 0; --n) {
      const std::int64_t filters = is_sum || n > 1 ? 4 : rng.integer(1, 4) * 2;
      const std::string name = n > 1 ? branch + "_" + std::to_string(n) : branch;
      at = add(graph, name, now, convolution(filters, rng.below(2) == 0 ? 1 : 5), {at});
      now.channels = filters;
    }
    ends.push_back(at);
    channels.push_back(now.channels);
  }
  hw::Operation join = hw::Join{};
  if (!is_sum) join = hw::Concat{channels};
  const auto j = add(graph, "j", {size, size, 1, channels[0]}, join, ends);
  add(graph, "z", hw::map_out(graph[j].layer), convolution(4, 1), {j});
  return graph;
}

// `layers` of a few channels, one after another, by chance.
inline hw::Graph random_chain(Rng& rng, int layers) {
  hw::Graph graph;
  constexpr std::array<std::int64_t, 5> kChannels{1, 2, 3, 4, 6};
  hw::FeatureMap map{rng.integer(3, 8), rng.integer(3, 8), 1, kChannels[rng.below(5)]};
  std::vector<hw::NodeId> last;
  for (int n = 0; n < layers; ++n) {
    hw::Operation operation = hw::Elementwise{};
    const std::uint64_t kind = rng.below(5);
    const std::int64_t filters = kChannels[rng.below(5)];
    if (kind <= 1) operation = convolution(filters, kind == 0 ? 3 : 1);
    if (kind == 2) operation = hw::ChannelAffine{};
    if (kind == 3) operation = hw::Pooling{.kernel = {2, 2}, .step = {1, 1}};
    if (n + 1 == layers) operation = hw::InnerProduct{.filters = filters};
    last = {add(graph, "l" + std::to_string(n), map, std::move(operation), last)};
    map = hw::map_out(graph[last[0]].layer);
    if (map.rows < 2 || map.cols < 2) break;
  }
  return graph;
}

// A problem whose device has what choices by chance take, and little more: by turns with UltraRAM,
// with slow memory, and with LUTs in place of block RAMs.
inline Problem tight(hw::Graph graph, Rng& rng) {
  Problem problem = problem_of(std::move(graph));
  problem.may_use_lut_memory = rng.below(2) == 0;
  if (rng.below(2) == 0) problem.device.resources.uram = 0;
  const auto order = problem.graph.topological_order();
  const Space space = SpaceBuilder(problem).build(order);
  Assignment any;
  for (const SpaceNode& node : space.nodes) {
    any.choices.push_back(static_cast<std::uint32_t>(rng.below(node.layer->choices.size())));
  }
  const Demand demand = demand_of(space, any);
  for (std::size_t s = 0; s < hw::kResourceKinds.size(); ++s) {
    auto& has = problem.device.resources.*hw::kResourceKinds[s].count;
    if (has > 0) has = std::ceil(demand.of[s] * rng.real(1, 1.3));
  }
  if (rng.below(2) == 0) {
    const double cycles = interval_cycles(space, any) * rng.real(0.2, 2);
    problem.device.memory_gbps = demand.of[kBits] / cycles * problem.clock_mhz / 1000;
  }
  return problem;
}

inline Space space_of(const Problem& problem) {
  return SpaceBuilder(problem).build(problem.graph.topological_order());
}

}  // namespace sluice::dse::test
