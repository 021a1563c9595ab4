// SPDX-License-Identifier: Apache-2.0
#include "sluice/report/design.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <numeric>

#include "sluice/hw/layers/weights.hpp"
#include "sluice/hw/library/built.hpp"
#include "sluice/report/layer_words.hpp"

namespace sluice::report {
namespace {

double sum_of(const std::vector<double>& list) {
  return std::accumulate(list.begin(), list.end(), 0.0);
}

// The modules, and as a last row what the layer has besides: memories of weights, buffers.
std::vector<ModuleFigures> modules_of(const hw::Layer& layer, const hw::Resources& whole,
                                      const hw::Coefficients& by, hw::Rules rules) {
  std::vector<ModuleFigures> result;
  hw::Resources rest = whole;
  const auto built = hw::library::counted_of(layer, by, rules);
  if (built) {
    for (const hw::library::Module& module : built->modules()) {
      result.push_back(
          {std::string(hw::library::name_of(module)), 1, 0, hw::library::resources_of(module, by)});
      rest -= result.back().resources;
    }
  }
  const hw::Chain chain = built ? hw::Chain() : hw::chain_of(layer, rules);
  for (const hw::ChainModule& each : chain.modules()) {
    if (each.copies == 0) continue;
    hw::Chain alone;
    alone.add(each.name, each.module, each.copies);
    alone.back() = each;
    ModuleFigures row{std::string(each.name), each.copies,
                      hw::timing_of(each.module).latency_cycles, alone.resources(by)};
    rest -= row.resources;
    result.push_back(std::move(row));
  }
  const auto is_some = [&](const hw::ResourceKind& kind) {
    return std::abs(rest.*kind.count) > 1e-6;
  };
  if (std::ranges::any_of(hw::kResourceKinds, is_some)) {
    result.push_back({"memories", 1, 0, rest});
  }
  return result;
}

void set_weights(LayerFigures& row, const hw::Layer& layer) {
  const std::int64_t width_bits = hw::weight_width_bits(layer);
  if (width_bits == 0) return;
  const hw::WeightMemory memory = hw::weight_memory(layer);
  row.weight_bits = hw::real(hw::parameters_of(layer).weights * width_bits);
  row.weights_in_uram = memory.in_uram;
  if (memory.depth > 0) {
    row.weight_bits_off_chip = row.weight_bits * memory.depth_off_chip() / memory.depth;
  }
}

LayerFigures layer_figures(const hw::Node& node, double slowest_cycles, const hw::Coefficients& by,
                           hw::Rules rules) {
  const hw::Layer& layer = node.layer;
  LayerFigures row{.name = node.name,
                   .kind = kind_of(layer),
                   .detail = detail_of(layer),
                   .in = hw::map_in(layer),
                   .out = hw::map_out(layer),
                   .folding = layer.folding,
                   .cycles = hw::latency_cycles(layer, rules)};
  row.share = slowest_cycles > 0 ? row.cycles / slowest_cycles : 0;
  row.is_bottleneck = row.cycles >= slowest_cycles;
  row.is_squeeze = layer.as<hw::Regroup>() != nullptr;
  row.operations = hw::operations_of(layer, rules);
  row.resources = hw::resources_of(layer, by, rules);
  row.modules = modules_of(layer, row.resources, by, rules);
  set_weights(row, layer);
  return row;
}

std::size_t place_in(const std::vector<hw::NodeId>& list, hw::NodeId id) {
  return static_cast<std::size_t>(std::ranges::find(list, id) - list.begin());
}

EdgeFigures edge_figures(const hw::Graph& graph, hw::NodeId from, hw::NodeId to,
                         double interval_cycles) {
  const hw::Layer& source = graph[from].layer;
  const hw::Layer& target = graph[to].layer;
  const std::size_t out = place_in(graph[from].successors, to);
  const std::size_t in = place_in(graph[to].predecessors, from);
  const std::size_t port = out < source.outputs.size() ? out : 0;
  EdgeFigures edge{.from = from, .to = to, .streams = hw::streams_out(source)};
  edge.words_per_cycle = hw::real(hw::stream_words_out(source, port)) / interval_cycles;
  if (hw::joins(target) && in < target.inputs.size()) {
    edge.buffer_depth = target.inputs[in].buffer_depth;
  }
  return edge;
}

void set_wiring(PartitionFigures& figures, const hw::Graph& graph) {
  for (hw::NodeId from = 0; from < graph.size(); ++from) {
    for (const hw::NodeId to : graph[from].successors) {
      figures.edges.push_back(edge_figures(graph, from, to, figures.interval_cycles));
    }
  }
  for (const hw::NodeId id : graph.input_nodes()) {
    figures.reads.push_back({id, hw::streams_in(graph[id].layer)});
  }
  for (const hw::NodeId id : graph.output_nodes()) {
    figures.writes.push_back({id, hw::streams_out(graph[id].layer)});
  }
}

// Operations for a feature map. Each pass computes a part of the filters of the reloading layer,
// and with it of what follows; what comes before it is computed again, which counts as no work.
double operations_of(const hw::Partition& partition, hw::Rules rules) {
  const hw::Graph& graph = partition.graph;
  const auto reloading = graph.find(partition.reloading_layer);
  std::vector<bool> is_behind(graph.size(), false);
  double sum = 0;
  for (const hw::NodeId id : graph.topological_order()) {
    const auto& before = graph[id].predecessors;
    is_behind[id] = id == reloading || std::ranges::any_of(before, [&](hw::NodeId from) {
                      return static_cast<bool>(is_behind[from]);
                    });
    const double operations = hw::operations_of(graph[id].layer, rules);
    sum += is_behind[id] ? operations * hw::real(partition.reloading_factor) : operations;
  }
  return sum;
}

PartitionFigures partition_figures(const hw::Partition& partition,
                                   const hw::PartitionEstimate& estimate, double clock_mhz,
                                   const hw::Coefficients& by, hw::Rules rules) {
  PartitionFigures result{.batch_size = partition.batch_size,
                          .reloading_layer = partition.reloading_layer,
                          .reloading_factor = partition.reloading_factor,
                          .slow_down_factor = partition.slow_down_factor};
  result.interval_cycles = estimate.interval_cycles * partition.slow_down_factor;
  result.fill_cycles = estimate.pipeline_depth_cycles;
  result.cycles = estimate.cycles;
  result.operations = operations_of(partition, rules);
  result.resources = estimate.resources;
  result.in_gbps = hw::gbps(sum_of(estimate.traffic.in), clock_mhz);
  result.out_gbps = hw::gbps(sum_of(estimate.traffic.out), clock_mhz);
  result.weights_gbps = hw::gbps(sum_of(estimate.traffic.weights), clock_mhz);
  const double batch = hw::real(partition.batch_size);
  const double seconds = result.cycles / (clock_mhz * 1e6);
  if (seconds > 0) {
    result.fps = batch / seconds;
    result.gops = result.operations * result.fps / 1e9;
  }
  const double bytes = hw::memory_bits(partition, estimate, rules) / 8;
  if (bytes > 0) result.operations_per_byte = result.operations / bytes;
  for (const hw::Node& node : partition.graph.nodes()) {
    result.layers.push_back(layer_figures(node, estimate.interval_cycles, by, rules));
  }
  set_wiring(result, partition.graph);
  return result;
}

void add_violations(DesignFigures& design, std::size_t index) {
  const PartitionFigures& partition = design.partitions[index];
  for (const hw::ResourceKind& kind : hw::kResourceKinds) {
    const double needed = partition.resources.*kind.count;
    const double available = design.device.resources.*kind.count;
    if (needed > available) design.violations.push_back({index, kind.name, needed, available});
  }
  // A device without a memory is fed by something else; only weights have nowhere to come from.
  const double available = design.device.memory_gbps;
  const double needed = available > 0 ? partition.total_gbps() : partition.weights_gbps;
  if (needed > available) {
    design.violations.push_back({index, "memory Gbit/s", needed, available});
  }
}

double products_per_dsp(const hw::HardwareNetwork& network, hw::Rules rules) {
  double least = 1;
  for (const hw::Partition& partition : network.partitions) {
    for (const hw::Node& node : partition.graph.nodes()) {
      const hw::Chain chain = hw::chain_of(node.layer, rules);
      for (const hw::ChainModule& each : chain.modules()) {
        least = std::min(least, each.dsp_share);
      }
    }
  }
  return 1 / least;
}

void set_totals(DesignFigures& design, const hw::NetworkEstimate& estimate) {
  for (std::size_t i = 0; i < design.partitions.size(); ++i) {
    const PartitionFigures& partition = design.partitions[i];
    design.operations += partition.operations;
    add_violations(design, i);
  }
  design.cycles = estimate.cycles;
  design.reconfiguration_s = hw::real(estimate.reconfigurations) * design.device.reconfiguration_s;
  design.latency_s = estimate.latency_s;
  design.interval_s = estimate.latency_s / hw::real(design.batch_size);
  design.fps = estimate.frames_per_s;
  design.gops = design.operations * design.fps / 1e9;
}

}  // namespace

DesignFigures figures_of(const hw::HardwareNetwork& network, const hw::Device& device,
                         const hw::Coefficients& by, double clock_mhz, hw::Rules rules) {
  DesignFigures design{.name = network.name,
                       .device = device,
                       .rules = rules,
                       .clock_mhz = clock_mhz > 0 ? clock_mhz : device.clock_mhz,
                       .batch_size = network.batch_size};
  const hw::NetworkEstimate estimate = hw::estimate(network, by,
                                                    {.clock_mhz = design.clock_mhz,
                                                     .reconfiguration_s = device.reconfiguration_s,
                                                     .rules = rules});
  for (std::size_t i = 0; i < network.partitions.size(); ++i) {
    design.partitions.push_back(partition_figures(network.partitions[i], estimate.partitions[i],
                                                  design.clock_mhz, by, rules));
  }
  design.products_per_dsp = products_per_dsp(network, rules);
  design.provenance = provenance_of(by);
  set_totals(design, estimate);
  return design;
}

void set_energy(DesignFigures& design, const hw::HardwareNetwork& network,
                const hw::Coefficients& by, const hw::EnergyCoefficients& energy) {
  const hw::EnergyTerms terms{design.device, energy, design.clock_mhz, design.rules};
  design.energy_proxy_uj = 0;
  for (std::size_t i = 0; i < network.partitions.size(); ++i) {
    const hw::Partition& partition = network.partitions[i];
    const hw::PartitionEstimate estimate = hw::estimate(partition, by, design.rules);
    const double energy_uj = hw::energy_proxy(partition, estimate, terms).total_uj();
    design.partitions[i].energy_proxy_uj = energy_uj;
    design.energy_proxy_uj += energy_uj;
  }
  design.energy_provenance =
      "energy is a proxy that ranks designs, not joules of a board: " + energy.provenance;
}

std::string provenance_of(const hw::Coefficients& by) {
  const std::string from = "LUT and FF are estimates: " + by.provenance();
  const auto& fit = by.fit();
  if (!fit) return from + "; analytic, no measured error";
  return fmt::format(
      "{}; fitted to {} modules by {} for {}, median error {:.1f} % LUT, {:.1f} % FF", from,
      fit->samples, fit->toolchain, fit->device, fit->lut_error_percent, fit->ff_error_percent);
}

double dsp_roof_gops(const DesignFigures& design) {
  return 2 * design.device.resources.dsp * design.products_per_dsp * design.clock_mhz / 1000;
}

double utilisation(double needed, double available) {
  if (available > 0) return needed / available;
  return needed > 0 ? std::numeric_limits<double>::infinity() : 0;
}

std::string percent(double needed, double available) {
  if (available <= 0) return needed > 0 ? "has none" : "none";
  return fmt::format("{:.1f} %", 100 * needed / available);
}

std::string to_text(const Violation& violation) {
  const auto number = [](double value) {
    return value == std::floor(value) ? fmt::format("{:.0f}", value) : fmt::format("{:.3f}", value);
  };
  return fmt::format("partition {} needs {} {}, the device has {}", violation.partition,
                     number(violation.needed), violation.what, number(violation.available));
}

}  // namespace sluice::report
