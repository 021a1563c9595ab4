// SPDX-License-Identifier: Apache-2.0
#include "sluice/report/design_dot.hpp"

#include <fmt/format.h>

#include "sluice/report/layer_words.hpp"
#include "sluice/report/markup.hpp"
#include "sluice/report/table.hpp"

namespace sluice::report {
namespace {

constexpr std::string_view kPlain = "#e8eef7";
constexpr std::string_view kWithWeights = "#dcefdc";
constexpr std::string_view kBottleneck = "#ffb347";
constexpr std::string_view kMemory = "#f4f4f4";

std::string cycles_text(double cycles) {
  return with_commas(static_cast<std::int64_t>(cycles));
}

std::string layer_id(std::size_t partition, std::size_t layer) {
  return fmt::format("p{}_n{}", partition, layer);
}

std::string row(std::string_view text) {
  return fmt::format("<tr><td>{}</td></tr>", text);
}

std::string weights_text(const LayerFigures& layer) {
  const double on_chip = layer.weight_bits - layer.weight_bits_off_chip;
  std::string text = fmt::format("weights {}bit in {}", with_prefix(on_chip),
                                 layer.weights_in_uram ? "URAM" : "BRAM or LUT");
  if (layer.weight_bits_off_chip > 0) {
    text += fmt::format(", {}bit off chip", with_prefix(layer.weight_bits_off_chip));
  }
  return text;
}

std::string layer_label(const LayerFigures& layer) {
  std::string text = "<table border=\"0\" cellborder=\"0\" cellspacing=\"0\" cellpadding=\"1\">";
  text += fmt::format("<tr><td><b>{}</b></td></tr>", escaped(layer.name, 40));
  text += row(layer.detail.empty() ? std::string(layer.kind)
                                   : fmt::format("{} {}", layer.kind, layer.detail));
  text += row(fmt::format("{} → {}", to_text(layer.in), to_text(layer.out)));
  text += row(fmt::format("folding {}", to_text(layer.folding)));
  text += row(fmt::format("{} cycles, {:.1f} % of the interval", cycles_text(layer.cycles),
                          100 * layer.share));
  const hw::Resources& takes = layer.resources;
  text += row(fmt::format("LUT {}, DSP {:g}, BRAM18 {:g}, URAM {:g}", with_prefix(takes.lut),
                          takes.dsp, takes.bram18, takes.uram));
  if (layer.weight_bits > 0) text += row(weights_text(layer));
  return text + "</table>";
}

void add_layer(std::string& out, const LayerFigures& layer, const std::string& id) {
  std::string_view fill = layer.weight_bits > 0 ? kWithWeights : kPlain;
  if (layer.is_bottleneck) fill = kBottleneck;
  if (layer.is_squeeze) {
    add(out,
        "    {} [shape=ellipse, fontsize=8, margin=\"0.02,0.01\", height=0.2, fillcolor=\"{}\", "
        "label=\"{}→{}\", tooltip=\"{}\"];\n",
        id, fill, layer.folding.coarse_in, layer.folding.coarse_out, escaped(layer.name));
    return;
  }
  add(out, "    {} [fillcolor=\"{}\", penwidth={}, tooltip=\"{}\", label=<{}>];\n", id, fill,
      layer.is_bottleneck ? 2.5 : 1.0, escaped(layer.name), layer_label(layer));
}

std::string cluster_label(const DesignFigures& design, std::size_t index) {
  const PartitionFigures& partition = design.partitions[index];
  std::string text = fmt::format(
      "partition {}: interval {} cycles, {} cycles for a batch of {}, {:.4g} fps at {:g} MHz",
      index, cycles_text(partition.interval_cycles), cycles_text(partition.cycles),
      partition.batch_size, partition.fps, design.clock_mhz);
  if (partition.reloading_factor > 1) {
    text += fmt::format(", {} passes", partition.reloading_factor);
  }
  text += "\\n";
  for (const hw::ResourceKind& kind : hw::kResourceKinds) {
    text +=
        fmt::format("{}{} {}", kind.name == "lut" ? "" : "   ", kind.name,
                    percent(partition.resources.*kind.count, design.device.resources.*kind.count));
  }
  return text;
}

void add_edges(std::string& out, const PartitionFigures& partition, std::size_t index) {
  for (const EdgeFigures& edge : partition.edges) {
    std::string label = fmt::format("{} × {:.3g}", edge.streams, edge.words_per_cycle);
    if (edge.buffer_depth > 0) label += fmt::format("\\nbuffer {}", with_commas(edge.buffer_depth));
    add(out, "    {} -> {} [label=\"{}\"];\n", layer_id(index, edge.from), layer_id(index, edge.to),
        label);
  }
}

void add_memory(std::string& out, const PartitionFigures& partition, std::size_t index) {
  const auto add_port = [&](std::string_view direction, std::string_view shown, double gbps) {
    add(out,
        "    p{}_{} [shape=cylinder, fillcolor=\"{}\", label=\"memory {}\\n{:.3g} Gbit/s\"];\n",
        index, direction, kMemory, shown, gbps);
  };
  add_port("in", "in", partition.in_gbps);
  add_port("out", "out", partition.out_gbps);
  if (partition.weights_gbps > 0) add_port("weights", "weights", partition.weights_gbps);
  for (const MemoryPort& port : partition.reads) {
    add(out, "    p{}_in -> {} [label=\"{}\"];\n", index, layer_id(index, port.layer),
        port.streams);
  }
  for (const MemoryPort& port : partition.writes) {
    add(out, "    {} -> p{}_out [label=\"{}\"];\n", layer_id(index, port.layer), index,
        port.streams);
  }
  if (partition.weights_gbps <= 0) return;
  for (std::size_t i = 0; i < partition.layers.size(); ++i) {
    if (partition.layers[i].weight_bits_off_chip <= 0) continue;
    add(out, "    p{}_weights -> {} [style=dashed];\n", index, layer_id(index, i));
  }
}

void add_partition(std::string& out, const DesignFigures& design, std::size_t index) {
  const PartitionFigures& partition = design.partitions[index];
  add(out,
      "  subgraph cluster_{} {{\n    label=\"{}\";\n    style=rounded;\n    color=\"#888888\";\n",
      index, cluster_label(design, index));
  for (std::size_t i = 0; i < partition.layers.size(); ++i) {
    add_layer(out, partition.layers[i], layer_id(index, i));
  }
  add_edges(out, partition, index);
  add_memory(out, partition, index);
  out += "  }\n";
}

}  // namespace

std::string design_dot(const DesignFigures& design) {
  std::string out = "digraph design {\n";
  add(out, "  label=\"{} on {}: {:.4g} fps, {:.4g} GOP/s, {:.4g} ms for a batch of {}\\n{}\";\n",
      escaped(design.name), escaped(design.device.name), design.fps, design.gops,
      1000 * design.latency_s, design.batch_size, escaped(design.provenance, 400));
  out += "  labelloc=t;\n  charset=\"UTF-8\";\n  fontname=\"Helvetica\";\n";
  out += "  node [shape=box, style=\"filled,rounded\", fontname=\"Helvetica\", fontsize=10];\n";
  out += "  edge [fontname=\"Helvetica\", fontsize=8, color=\"#555555\"];\n";
  for (std::size_t i = 0; i < design.partitions.size(); ++i) add_partition(out, design, i);
  for (std::size_t i = 1; i < design.partitions.size(); ++i) {
    add(out, "  p{}_out -> p{}_in [style=dashed, label=\"reconfiguration {:.4g} ms\"];\n", i - 1, i,
        1000 * design.device.reconfiguration_s);
  }
  return out + "}\n";
}

}  // namespace sluice::report
