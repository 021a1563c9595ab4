// SPDX-License-Identifier: Apache-2.0
// How a SynthReport goes out: the tables and the JSON.
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "sluice/api/synth.hpp"
#include "sluice/base/text.hpp"
#include "sluice/report/table.hpp"

namespace sluice::api {
namespace {

using report::Align;

std::string modelled(double value) {
  return report::with_commas(static_cast<std::int64_t>(std::ceil(value)));
}

report::Table synth_table(const char* first, const char* second) {
  return report::Table({{first, Align::Left},
                        {second, Align::Left},
                        {"LUT"},
                        {"model"},
                        {"FF"},
                        {"model"},
                        {"DSP"},
                        {"model"},
                        {"BRAM"},
                        {"model"}});
}

void add_usage(report::Table& table, std::string first, std::string second,
               const SynthLayer& layer) {
  const synth::Usage& usage = layer.usage;
  const hw::Resources& model = layer.model;
  table.add_row({std::move(first), std::move(second), report::with_commas(usage.lut),
                 modelled(model.lut), report::with_commas(usage.ff), modelled(model.ff),
                 report::with_commas(usage.dsp), modelled(model.dsp),
                 report::with_commas(usage.bram), modelled(model.bram18)});
}

std::string ratio(double measured, double model) {
  return model > 0 ? fmt::format("{:.2f}", measured / model) : "-";
}

// Block RAMs by their bits.
void add_ratios(report::Table& table, const SynthReport& report) {
  const synth::Usage& usage = report.usage;
  const hw::Resources& model = report.model;
  constexpr double kModelBlockBits = 18 * 1024;
  const auto real = [](std::int64_t count) { return static_cast<double>(count); };
  const double blocks = real(usage.bram) * real(report.block_ram_bits) / kModelBlockBits;
  table.add_row({"synthesized/model", "", ratio(real(usage.lut), model.lut), "",
                 ratio(real(usage.ff), model.ff), "", ratio(real(usage.dsp), model.dsp), "",
                 ratio(blocks, model.bram18), ""});
}

Json usage_json(const synth::Usage& usage) {
  return {{"lut", usage.lut}, {"ff", usage.ff}, {"dsp", usage.dsp}, {"bram", usage.bram}};
}

Json model_json(const hw::Resources& model) {
  return {{"lut", model.lut}, {"ff", model.ff}, {"dsp", model.dsp}, {"bram18", model.bram18}};
}

Json layer_json(const SynthLayer& layer) {
  Json instances = Json::array();
  for (const SynthInstance& each : layer.instances) {
    instances.push_back({{"name", each.name},
                         {"module", each.module},
                         {"usage", usage_json(each.usage)},
                         {"cells", each.cells}});
  }
  return {{"name", layer.name},
          {"kind", layer.kind},
          {"usage", usage_json(layer.usage)},
          {"model", model_json(layer.model)},
          {"instances", std::move(instances)}};
}

std::string placement_text(const synth::Placement& placement) {
  return fmt::format("{:.1f} MHz on {}, placed and routed by {}; the slowest path: {}\n",
                     placement.fmax_mhz, placement.device, placement.nextpnr,
                     fmt::join(placement.slowest_path, ", "));
}

Json placement_json(const synth::Placement& placement) {
  return {{"nextpnr", placement.nextpnr},
          {"device", placement.device},
          {"fmax_mhz", placement.fmax_mhz},
          {"slowest_path", placement.slowest_path}};
}

}  // namespace

std::string to_text(const SynthReport& report) {
  constexpr std::size_t kLongest = 40;
  report::Table layers = synth_table("layer", "kind");
  for (const SynthLayer& layer : report.layers) {
    add_usage(layers, printable(layer.name, kLongest), layer.kind, layer);
  }
  report::Table kinds = synth_table("kind", "modules");
  for (const SynthLayer& kind : by_kind(report.layers)) {
    add_usage(kinds, kind.kind, std::to_string(kind.instances.size()), kind);
  }
  add_usage(kinds, report.name, "", {.usage = report.usage, .model = report.model});
  add_ratios(kinds, report);
  return fmt::format(
      "{}\n{}\n{}: {} distinct modules for {} ({} of them recalled), {:.1f} s\n{}"
      "BRAM is blocks of {} Kbit, the model's are of 18\n{}\n",
      layers.text(), kinds.text(), report.yosys, report.distinct, report.family, report.recalled,
      report.seconds, report.placement ? placement_text(*report.placement) : "not placed\n",
      report.block_ram_bits / 1024, report.provenance);
}

Json to_json(const SynthReport& report) {
  Json layers = Json::array();
  for (const SynthLayer& layer : report.layers) layers.push_back(layer_json(layer));
  Json document{{"format", "sluice.synth/1"},
                {"tool", "sluice " SLUICE_VERSION},
                {"name", report.name},
                {"family", report.family},
                {"block_ram_bits", report.block_ram_bits},
                {"yosys", report.yosys},
                {"coefficients", report.provenance},
                {"distinct_modules", report.distinct},
                {"usage", usage_json(report.usage)},
                {"model", model_json(report.model)},
                {"layers", std::move(layers)}};
  if (report.placement) document["placement"] = placement_json(*report.placement);
  return document;
}

}  // namespace sluice::api
