// SPDX-License-Identifier: Apache-2.0
// How an EstimateReport goes out: the tables and the JSON.
#include <cmath>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sluice/api/estimate.hpp"
#include "sluice/base/text.hpp"
#include "sluice/report/layer_words.hpp"
#include "sluice/report/table.hpp"

namespace sluice::api {
namespace {

using report::Align;

std::string whole(double value) {
  return report::with_commas(static_cast<std::int64_t>(std::ceil(value)));
}

// "1,234", "12.5": DSP blocks may be shared.
std::string count_text(double value) {
  return value == std::floor(value) ? whole(value) : fmt::format("{:.2f}", value);
}

void add_counts(std::vector<std::string>& row, const hw::Resources& resources) {
  for (const hw::ResourceKind& kind : hw::kResourceKinds) {
    row.push_back(count_text(resources.*kind.count));
  }
}

std::vector<report::Table::Column> with_resources(std::vector<report::Table::Column> columns) {
  for (const hw::ResourceKind& kind : hw::kResourceKinds)
    columns.push_back({std::string(kind.name)});
  return columns;
}

// ---- text

std::string network_text(const report::DesignFigures& design) {
  report::Table table({{"network", Align::Left},
                       {"fps"},
                       {"GOP/s"},
                       {"latency ms"},
                       {"ms a map"},
                       {"cycles"},
                       {"batch"},
                       {"MHz"},
                       {"reconf. ms"},
                       {"energy proxy µJ"}});
  table.add_row({printable(design.name, 40), fmt::format("{:.4g}", design.fps),
                 fmt::format("{:.4g}", design.gops), fmt::format("{:.4g}", 1000 * design.latency_s),
                 fmt::format("{:.4g}", 1000 * design.interval_s), whole(design.cycles),
                 report::with_commas(design.batch_size), fmt::format("{:g}", design.clock_mhz),
                 fmt::format("{:.4g}", 1000 * design.reconfiguration_s),
                 fmt::format("{:.4g}", design.energy_proxy_uj)});
  return table.text();
}

std::string partitions_text(const report::DesignFigures& design) {
  report::Table table({{"partition", Align::Left},
                       {"layers"},
                       {"interval"},
                       {"fill"},
                       {"cycles"},
                       {"passes"},
                       {"fps"},
                       {"GOP/s"},
                       {"ops/byte"},
                       {"Gbit/s in"},
                       {"out"},
                       {"weights"},
                       {"energy proxy µJ"}});
  for (std::size_t i = 0; i < design.partitions.size(); ++i) {
    const report::PartitionFigures& each = design.partitions[i];
    table.add_row(
        {std::to_string(i), std::to_string(each.layers.size()), whole(each.interval_cycles),
         whole(each.fill_cycles), whole(each.cycles), report::with_commas(each.reloading_factor),
         fmt::format("{:.4g}", each.fps), fmt::format("{:.4g}", each.gops),
         fmt::format("{:.4g}", each.operations_per_byte), fmt::format("{:.4g}", each.in_gbps),
         fmt::format("{:.4g}", each.out_gbps), fmt::format("{:.4g}", each.weights_gbps),
         fmt::format("{:.4g}", each.energy_proxy_uj)});
  }
  return table.text();
}

std::string resources_text(const report::DesignFigures& design) {
  report::Table table(with_resources({{"resources", Align::Left}}));
  for (std::size_t i = 0; i < design.partitions.size(); ++i) {
    const hw::Resources& takes = design.partitions[i].resources;
    std::vector<std::string> counts{fmt::format("partition {}", i)};
    add_counts(counts, takes);
    table.add_row(std::move(counts));
    std::vector<std::string> shares{"  of the device"};
    for (const hw::ResourceKind& kind : hw::kResourceKinds) {
      shares.push_back(report::percent(takes.*kind.count, design.device.resources.*kind.count));
    }
    table.add_row(std::move(shares));
  }
  std::vector<std::string> row{printable(design.device.name, 40)};
  add_counts(row, design.device.resources);
  table.add_row(std::move(row));
  return table.text();
}

std::string layers_text(const report::PartitionFigures& partition, bool with_modules) {
  report::Table table(with_resources({{"layer", Align::Left},
                                      {"kind", Align::Left},
                                      {"in"},
                                      {"out"},
                                      {"folding"},
                                      {"cycles"},
                                      {"% interval"},
                                      {"operations"},
                                      {"weight bits"},
                                      {"off chip"}}));
  for (const report::LayerFigures& each : partition.layers) {
    std::vector<std::string> row{
        printable(each.name, 40),
        std::string(each.kind),
        report::to_text(each.in),
        report::to_text(each.out),
        report::to_text(each.folding),
        whole(each.cycles),
        fmt::format("{:.1f}{}", 100 * each.share, each.is_bottleneck ? "*" : " "),
        report::with_prefix(each.operations),
        report::with_prefix(each.weight_bits),
        report::with_prefix(each.weight_bits_off_chip)};
    add_counts(row, each.resources);
    table.add_row(std::move(row));
    if (!with_modules) continue;
    for (const report::ModuleFigures& module : each.modules) {
      std::vector<std::string> inner{
          fmt::format("  {:g} × {}", module.copies, module.name), "", "", "", "",
          module.cycles > 0 ? whole(module.cycles) : "",          "", "", "", ""};
      add_counts(inner, module.resources);
      table.add_row(std::move(inner));
    }
  }
  return table.text();
}

// ---- JSON

Json to_json(const hw::Resources& resources) {
  Json json;
  for (const hw::ResourceKind& kind : hw::kResourceKinds) {
    json[std::string(kind.name)] = resources.*kind.count;
  }
  return json;
}

Json to_json(const hw::FeatureMap& map) {
  return {{"rows", map.rows}, {"cols", map.cols}, {"depth", map.depth}, {"channels", map.channels}};
}

Json to_json(const report::LayerFigures& layer) {
  Json modules = Json::array();
  for (const report::ModuleFigures& each : layer.modules) {
    modules.push_back({{"name", each.name},
                       {"copies", each.copies},
                       {"cycles", each.cycles},
                       {"resources", to_json(each.resources)}});
  }
  return {{"name", layer.name},
          {"kind", layer.kind},
          {"detail", layer.detail},
          {"in", to_json(layer.in)},
          {"out", to_json(layer.out)},
          {"folding",
           {{"coarse_in", layer.folding.coarse_in},
            {"coarse_out", layer.folding.coarse_out},
            {"coarse_group", layer.folding.coarse_group},
            {"fine", layer.folding.fine}}},
          {"cycles", layer.cycles},
          {"share_of_interval", layer.share},
          {"bottleneck", layer.is_bottleneck},
          {"operations", layer.operations},
          {"weight_bits", layer.weight_bits},
          {"weight_bits_off_chip", layer.weight_bits_off_chip},
          {"resources", to_json(layer.resources)},
          {"modules", std::move(modules)}};
}

Json edges_json(const report::PartitionFigures& partition) {
  Json edges = Json::array();
  for (const report::EdgeFigures& each : partition.edges) {
    edges.push_back({{"from", partition.layers[each.from].name},
                     {"to", partition.layers[each.to].name},
                     {"streams", each.streams},
                     {"words_per_cycle", each.words_per_cycle},
                     {"buffer_depth", each.buffer_depth}});
  }
  return edges;
}

Json to_json(const report::PartitionFigures& partition) {
  Json layers = Json::array();
  for (const report::LayerFigures& each : partition.layers) layers.push_back(to_json(each));
  Json json{{"interval_cycles", partition.interval_cycles},
            {"fill_cycles", partition.fill_cycles},
            {"cycles", partition.cycles},
            {"batch_size", partition.batch_size},
            {"passes", partition.reloading_factor},
            {"slow_down_factor", partition.slow_down_factor},
            {"fps", partition.fps},
            {"operations", partition.operations},
            {"gops", partition.gops},
            {"operations_per_byte", partition.operations_per_byte},
            {"in_gbps", partition.in_gbps},
            {"out_gbps", partition.out_gbps},
            {"weights_gbps", partition.weights_gbps},
            {"energy_proxy_uj", partition.energy_proxy_uj},
            {"resources", to_json(partition.resources)}};
  if (partition.reloading_factor > 1) json["reloading_layer"] = partition.reloading_layer;
  json["layers"] = std::move(layers);
  json["edges"] = edges_json(partition);
  return json;
}

Json to_json(const report::Violation& violation) {
  return {{"partition", violation.partition},
          {"what", violation.what},
          {"needed", violation.needed},
          {"available", violation.available}};
}

}  // namespace

std::string to_text(const EstimateReport& report, Level level) {
  const report::DesignFigures& design = report.figures;
  std::string out = network_text(design);
  if (level >= Level::Partitions) out += '\n' + partitions_text(design);
  if (level >= Level::Layers) {
    for (std::size_t i = 0; i < design.partitions.size(); ++i) {
      if (design.partitions.size() > 1) out += fmt::format("\npartition {}", i);
      out += '\n' + layers_text(design.partitions[i], level == Level::Modules);
    }
    out += "* the slowest: it sets the interval\n";
  }
  out += '\n' + resources_text(design) + design.provenance + '\n';
  if (!design.energy_provenance.empty()) out += design.energy_provenance + '\n';
  return out;
}

Json to_json(const EstimateReport& report) {
  const report::DesignFigures& design = report.figures;
  Json partitions = Json::array();
  for (const auto& each : design.partitions) partitions.push_back(to_json(each));
  Json violations = Json::array();
  for (const auto& each : design.violations) violations.push_back(to_json(each));
  return {{"format", "sluice.estimate/1"},
          {"tool", "sluice " SLUICE_VERSION},
          {"model", design.name},
          {"model_sha256", report.model_sha256},
          {"device", design.device.name},
          {"available", to_json(design.device.resources)},
          {"rules", design.rules == hw::Rules::Sluice ? "sluice" : "fpgaconvnet"},
          {"coefficients", design.provenance},
          {"energy_coefficients", design.energy_provenance},
          {"clock_mhz", design.clock_mhz},
          {"batch_size", design.batch_size},
          {"cycles", design.cycles},
          {"reconfiguration_s", design.reconfiguration_s},
          {"latency_s", design.latency_s},
          {"interval_s", design.interval_s},
          {"fps", design.fps},
          {"operations", design.operations},
          {"gops", design.gops},
          {"energy_proxy_uj", design.energy_proxy_uj},
          {"fits", design.violations.empty()},
          {"violations", std::move(violations)},
          {"partitions", std::move(partitions)}};
}

}  // namespace sluice::api
