// SPDX-License-Identifier: Apache-2.0
// A design small enough to reckon by hand: two convolutions, one of them around a branch.
#pragma once

#include "tests/hw/unit_coefficients.hpp"

#include "sluice/hw/network.hpp"
#include "sluice/report/design.hpp"

namespace sluice::report::test {

inline hw::Layer convolution(hw::FeatureMap map, std::int64_t filters, hw::Folding folding) {
  hw::Layer layer{.map = map, .folding = folding};
  layer.operation = hw::Convolution{
      .filters = filters, .kernel = {3, 3}, .step = {1, 1}, .padding = {1, 1, 1, 1}};
  return layer;
}

inline hw::NodeId add(hw::Graph& graph, std::string name, hw::Layer layer,
                      const std::vector<hw::NodeId>& after) {
  const hw::NodeId id = graph.add({std::move(name), std::move(layer), {}, {}, {}});
  for (const hw::NodeId from : after) graph.connect(from, id);
  return id;
}

// conv1 (8×8×4 to 8×8×4), split, conv2 beside nothing, add; conv2 has 2 streams in and out.
inline hw::HardwareNetwork small_network(const std::string& first = "conv1") {
  const hw::FeatureMap map{8, 8, 1, 4};
  hw::Partition partition;
  hw::Graph& graph = partition.graph;
  const auto conv1 = add(graph, first, convolution(map, 4, {}), {});
  hw::Layer split{.map = map, .operation = hw::Split{}};
  split.outputs.resize(2);
  const auto parts = add(graph, "split", split, {conv1});
  const auto conv2 =
      add(graph, "conv2", convolution(map, 4, {.coarse_in = 2, .coarse_out = 2}), {parts});
  hw::Layer join{.map = map, .operation = hw::Join{}};
  join.inputs.resize(2);
  add(graph, "sum", join, {conv2, parts});
  hw::update(partition);
  return {"small", partition.graph, {partition}, 1};
}

inline hw::Device small_device() {
  hw::Device device;
  device.name = "small";
  device.resources = {.lut = 1000, .ff = 2000, .dsp = 10, .bram18 = 20, .uram = 0};
  device.clock_mhz = 100;
  device.memory_gbps = 10;
  device.reconfiguration_s = 0.1;
  return device;
}

inline DesignFigures small_design(const std::string& first = "conv1") {
  return figures_of(small_network(first), small_device(), hw::test::uniform(0));
}

}  // namespace sluice::report::test
