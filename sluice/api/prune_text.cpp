// SPDX-License-Identifier: Apache-2.0
// How a PruneSummary goes out: tables and JSON.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sluice/api/json_float.hpp"
#include "sluice/api/prune.hpp"
#include "sluice/base/divide.hpp"
#include "sluice/base/text.hpp"
#include "sluice/report/table.hpp"

namespace sluice::api {
namespace {

using report::Align;
using report::with_commas;

std::string weights_text(const sparse::PruneReport& report) {
  report::Table table({{"layer", Align::Left},
                       {"operator", Align::Left},
                       {"weights"},
                       {"zeros before"},
                       {"zeros"},
                       {"sparsity %"}});
  for (const sparse::PrunedLayer& layer : report.layers) {
    const std::string others =
        layer.shared_with.empty() ? "" : fmt::format(" (+{})", layer.shared_with.size());
    table.add_row({printable(layer.name) + others, layer.op, with_commas(layer.weights),
                   with_commas(layer.zeros_before), with_commas(layer.zeros_after),
                   fmt::format("{:.2f}", percent_of(layer.zeros_after, layer.weights))});
  }
  std::string text = table.text();
  for (const sparse::LeftAlone& layer : report.left_alone) {
    text += fmt::format("left alone: {} ({}): {}\n", printable(layer.name), layer.op, layer.reason);
  }
  return text + fmt::format("{} of {} weights are zero ({:.2f} %), {} were\n",
                            with_commas(report.zeros_after()), with_commas(report.weights()),
                            percent_of(report.zeros_after(), report.weights()),
                            with_commas(report.zeros_before()));
}

Json value_json(float value) {
  return json_float(value);
}
Json value_json(double value) {
  return value;
}
Json value_json(const sparse::Pattern& value) {
  return sparse::to_string(value);
}

template <class T>
Json way_json(const char* kind, const sparse::PerLayer<T>& settings) {
  Json layers = Json::object();
  for (const auto& [name, value] : settings.layers) layers[name] = value_json(value);
  return {{"kind", kind}, {"value", value_json(settings.all)}, {"layers", std::move(layers)}};
}

struct WayJson {
  Json operator()(std::monostate /*none*/) const { return {}; }
  Json operator()(const PruneBelow& way) const { return way_json("threshold", way.thresholds); }
  Json operator()(const PruneToSparsity& way) const {
    Json json = way_json("sparsity", way.sparsities);
    json["each_layer"] = way.scope == sparse::SparsityScope::EachLayer;
    return json;
  }
  Json operator()(const PruneToPattern& way) const {
    Json json = way_json("nm", way.patterns);
    json["skip"] = way.unfit == sparse::Unfit::Skip;
    return json;
  }
  Json operator()(const sparse::ChannelOptions& way) const {
    Json json = way_json("channels", way.parts);
    json["channel_multiple"] = way.multiple;
    return json;
  }
};

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + printable(name);
  return text;
}

std::string channels_text(const sparse::ChannelReport& report) {
  report::Table table({{"layer", Align::Left}, {"operator", Align::Left}, {"channels"}, {"kept"}});
  for (const sparse::ChannelLayer& layer : report.layers) {
    const std::int64_t kept = layer.channels - static_cast<std::int64_t>(layer.removed.size());
    table.add_row(
        {printable(layer.name), layer.op, with_commas(layer.channels), with_commas(kept)});
  }
  std::string text = table.text();
  for (const sparse::ChannelGroup& group : report.groups) {
    if (group.kept_because.empty()) continue;
    text += fmt::format("left alone: {}: {}\n", joined(group.layers), group.kept_because);
  }
  return text + fmt::format("{} of {} parameters are left ({:.2f} %)\n",
                            with_commas(report.parameters_after),
                            with_commas(report.parameters_before),
                            percent_of(report.parameters_after, report.parameters_before));
}

std::string relus_text(const std::vector<sparse::ThresholdedLayer>& relus) {
  report::Table table({{"ReLU", Align::Left}, {"threshold"}});
  for (const sparse::ThresholdedLayer& relu : relus) {
    table.add_row({printable(relu.name), fmt::format("{}", relu.threshold)});
  }
  return table.text();
}

Json weights_json(const sparse::PruneReport& report) {
  Json layers = Json::array();
  for (const sparse::PrunedLayer& layer : report.layers) {
    layers.push_back({{"name", layer.name},
                      {"shared_with", layer.shared_with},
                      {"operator", layer.op},
                      {"weights", layer.weights},
                      {"zeros_before", layer.zeros_before},
                      {"zeros", layer.zeros_after}});
  }
  Json left_alone = Json::array();
  for (const sparse::LeftAlone& layer : report.left_alone) {
    left_alone.push_back({{"name", layer.name}, {"operator", layer.op}, {"reason", layer.reason}});
  }
  return {{"weights", report.weights()},
          {"zeros_before", report.zeros_before()},
          {"zeros", report.zeros_after()},
          {"layers", std::move(layers)},
          {"left_alone", std::move(left_alone)}};
}

Json channels_json(const sparse::ChannelReport& report) {
  Json layers = Json::array();
  for (const sparse::ChannelLayer& layer : report.layers) {
    layers.push_back({{"name", layer.name},
                      {"operator", layer.op},
                      {"channels", layer.channels},
                      {"removed", layer.removed}});
  }
  Json groups = Json::array();
  for (const sparse::ChannelGroup& group : report.groups) {
    Json entry{{"layers", group.layers}, {"channels", group.channels}, {"kept", group.kept}};
    if (!group.kept_because.empty()) entry["left_alone"] = group.kept_because;
    groups.push_back(std::move(entry));
  }
  return {{"parameters_before", report.parameters_before},
          {"parameters", report.parameters_after},
          {"layers", std::move(layers)},
          {"groups", std::move(groups)}};
}

}  // namespace

std::string to_text(const PruneSummary& summary) {
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : "\n") + part; };
  if (summary.weights) add(weights_text(*summary.weights));
  if (summary.channels) add(channels_text(*summary.channels));
  if (!summary.relus.empty()) add(relus_text(summary.relus));
  return text;
}

Json to_json(const PruneSummary& summary) {
  Json relus = Json::array();
  for (const sparse::ThresholdedLayer& relu : summary.relus) {
    relus.push_back({{"name", relu.name}, {"threshold", json_float(relu.threshold)}});
  }
  Json result{{"format", "sluice.prune/1"}, {"tool", "sluice " SLUICE_VERSION},
              {"model", summary.model},     {"model_sha256", summary.model_sha256},
              {"output", summary.output},   {"way", std::visit(WayJson{}, summary.way)}};
  if (summary.weights) result["pruned_weights"] = weights_json(*summary.weights);
  if (summary.channels) result["pruned_channels"] = channels_json(*summary.channels);
  result["relus"] = std::move(relus);
  result["notes"] = summary.notes;
  return result;
}

}  // namespace sluice::api
