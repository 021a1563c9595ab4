// SPDX-License-Identifier: Apache-2.0
#include "sluice/report/design_html.hpp"

#include <fmt/format.h>

#include "sluice/report/design_charts.hpp"
#include "sluice/report/layer_words.hpp"
#include "sluice/report/markup.hpp"
#include "sluice/report/page.hpp"
#include "sluice/report/table.hpp"

namespace sluice::report {
namespace {

constexpr std::string_view kRooflineNote =
    "<p class=\"note\">Roof of the DSP blocks: 2 · DSP blocks · products a block · clock; here "
    "{:g} "
    "products a block, the most that a layer of this design packs. Roof of the memory: operations "
    "a "
    "byte · bandwidth. A partition lies at its operations over the bytes that go between device "
    "and "
    "memory, and at its operations · batch / time, filling and loading of weights included.</p>\n";

std::string whole(double value) {
  return with_commas(static_cast<std::int64_t>(value));
}

void add_summary(std::string& out, const DesignFigures& design) {
  add_table_head(
      out, {"network", "fps", "GOP/s", "ms for the batch", "ms a feature map", "batch", "clock MHz",
            "cycles", "reconfiguration ms", "energy proxy µJ a feature map"});
  add(out,
      "<tr><td>{}</td><td>{:.4g}</td><td>{:.4g}</td><td>{:.4g}</td><td>{:.4g}</td><td>{}</td>"
      "<td>{:g}</td><td>{}</td><td>{:.4g}</td><td>{:.4g}</td></tr>\n</table></div>\n",
      escaped(design.name), design.fps, design.gops, 1000 * design.latency_s,
      1000 * design.interval_s, design.batch_size, design.clock_mhz, whole(design.cycles),
      1000 * design.reconfiguration_s, design.energy_proxy_uj);
  if (design.violations.empty()) return;
  out += "<div class=\"no\"><p>The design does not fit the device:</p><ul>";
  for (const Violation& each : design.violations) add(out, "<li>{}</li>", to_text(each));
  out += "</ul></div>\n";
}

void add_partitions(std::string& out, const DesignFigures& design) {
  out += "<h2>Partitions</h2>\n";
  add_table_head(
      out, {"partition", "interval, cycles", "fill, cycles", "cycles", "passes", "fps", "GOP/s",
            "memory Gbit/s", "energy proxy µJ", "LUT", "FF", "DSP", "BRAM18", "URAM"});
  for (std::size_t i = 0; i < design.partitions.size(); ++i) {
    const PartitionFigures& each = design.partitions[i];
    add(out,
        "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{:.4g}</td><td>{:.4g}</td>"
        "<td>{:.4g}</td><td>{:.4g}</td>",
        i, whole(each.interval_cycles), whole(each.fill_cycles), whole(each.cycles),
        each.reloading_factor, each.fps, each.gops, each.total_gbps(), each.energy_proxy_uj);
    for (const hw::ResourceKind& kind : hw::kResourceKinds) {
      const double takes = each.resources.*kind.count;
      add(out, "<td>{}<br>{}</td>", whole(takes),
          percent(takes, design.device.resources.*kind.count));
    }
    out += "</tr>\n";
  }
  out += kTableEnd;
}

void add_layer(std::string& out, const LayerFigures& layer) {
  const char* style = layer.is_squeeze ? "squeeze" : "";
  if (layer.is_bottleneck) style = "slowest";
  add(out,
      "<tr class=\"{}\"><td>{}</td><td class=\"words\">{} {}</td><td>{}</td><td>{}</td><td>{}</td>"
      "<td>{}</td><td>{:.1f}</td><td>{}</td>",
      style, escaped(layer.name, 60), layer.kind, layer.detail, to_text(layer.in),
      to_text(layer.out), to_text(layer.folding), whole(layer.cycles), 100 * layer.share,
      with_prefix(layer.operations));
  for (const hw::ResourceKind& kind : hw::kResourceKinds) {
    add(out, "<td>{}</td>", whole(layer.resources.*kind.count));
  }
  add(out, "<td>{}</td><td>{}</td></tr>\n",
      with_prefix(layer.weight_bits - layer.weight_bits_off_chip),
      with_prefix(layer.weight_bits_off_chip));
}

void add_layers(std::string& out, const DesignFigures& design, std::size_t index) {
  add(out, "<h2>Layers of partition {}</h2>\n", index);
  add_table_head(out, {"layer", "operation", "in", "out", "folding", "cycles", "% of the interval",
                       "operations", "LUT", "FF", "DSP", "BRAM18", "URAM", "weights on chip, bit",
                       "off chip, bit"});
  for (const LayerFigures& layer : design.partitions[index].layers) add_layer(out, layer);
  out +=
      std::string(kTableEnd) + "<div class=\"wide\">" + layer_bars_svg(design, index) + "</div>\n";
}

void add_drawing(std::string& out, std::string_view drawing) {
  out += "<h2>Drawing</h2>\n";
  const std::size_t start = drawing.find("<svg");
  if (start == std::string_view::npos) {
    out +=
        "<p class=\"note\">Not drawn: Graphviz' program dot was not there when this page was made "
        "(apt-get install graphviz).</p>\n";
    return;
  }
  out +=
      "<p class=\"note\">Orange: the slowest layer. Green: layers with weights. Small: squeezes, "
      "which regroup streams. On edges: streams × words a cycle of each, and the words that "
      "can wait before a join.</p>\n<div class=\"wide\">";
  out += drawing.substr(start);
  out += "</div>\n";
}

}  // namespace

std::string design_html(const DesignFigures& design, std::string_view drawing) {
  std::string out = page_head(fmt::format("{} on {}", design.name, design.device.name));
  add_summary(out, design);
  add(out, "<p class=\"note\">{}.</p>\n", escaped(design.provenance, 400));
  if (!design.energy_provenance.empty()) {
    add(out, "<p class=\"note\">{}.</p>\n", escaped(design.energy_provenance, 400));
  }
  add_partitions(out, design);
  out += "<h2>Roofline</h2>\n" + roofline_svg(design);
  add(out, kRooflineNote, design.products_per_dsp);
  for (std::size_t i = 0; i < design.partitions.size(); ++i) add_layers(out, design, i);
  out +=
      "<p class=\"note\">Folding: streams in → out × groups × products of a window at once. Cycles "
      "are of a feature map; the slowest layer's, times the slow-down by memory, are the "
      "partition's interval. Percentages of resources are of the device; the bars of DSP and "
      "BRAM18 "
      "are drawn against the largest of them.</p>\n";
  add_drawing(out, drawing);
  return out + std::string(kPageEnd);
}

}  // namespace sluice::report
