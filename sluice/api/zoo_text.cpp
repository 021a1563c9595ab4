// SPDX-License-Identifier: Apache-2.0
// How the zoo's reports go out: the tables and the JSON.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sluice/api/zoo.hpp"
#include "sluice/report/table.hpp"

namespace sluice::api {
namespace {

std::string input_text(const ZooNetwork& network) {
  return fmt::format("3x{0}x{0}", network.input_size);
}

Json network_json(const ZooNetwork& network) {
  return {{"name", network.name},
          {"summary", network.summary},
          {"input_shape", {3, network.input_size, network.input_size}},
          {"classes", network.classes},
          {"parameters", network.parameters},
          {"macs", network.macs}};
}

}  // namespace

std::string to_text(const ZooListing& listing) {
  report::Table table({{"name", report::Align::Left},
                       {"input"},
                       {"classes"},
                       {"parameters"},
                       {"MACs"},
                       {"", report::Align::Left}});
  for (const ZooNetwork& network : listing.networks) {
    table.add_row({network.name, input_text(network), report::with_commas(network.classes),
                   report::with_commas(network.parameters), report::with_commas(network.macs),
                   network.summary});
  }
  return table.text();
}

Json to_json(const ZooListing& listing) {
  Json json{{"format", "sluice.zoo/1"}, {"tool", "sluice " SLUICE_VERSION}};
  json["networks"] = Json::array();
  for (const ZooNetwork& network : listing.networks) {
    json["networks"].push_back(network_json(network));
  }
  return json;
}

std::string to_text(const ZooExport& report) {
  report::Table table({{"part", report::Align::Left}, {"parameters"}, {"MACs"}});
  for (const zoo::Count& group : report.groups) {
    table.add_row(
        {group.name, report::with_commas(group.parameters), report::with_commas(group.macs)});
  }
  table.add_row({"all", report::with_commas(report.network.parameters),
                 report::with_commas(report.network.macs)});
  const std::string weights = report.checkpoint.empty()
                                  ? fmt::format("random, seed {}", report.seed)
                                  : fmt::format("of {}", report.checkpoint);
  return fmt::format("{}: input {}, {} classes, weights {}\n\n{}", report.network.name,
                     input_text(report.network), report.network.classes, weights, table.text());
}

Json to_json(const ZooExport& report) {
  Json json{{"format", "sluice.zoo_export/1"},
            {"tool", "sluice " SLUICE_VERSION},
            {"network", network_json(report.network)},
            {"output", report.output}};
  if (report.checkpoint.empty()) {
    json["seed"] = report.seed;
  } else {
    json["checkpoint"] = report.checkpoint;
    json["checkpoint_sha256"] = report.checkpoint_sha256;
  }
  json["groups"] = Json::array();
  for (const zoo::Count& group : report.groups) {
    json["groups"].push_back(
        {{"name", group.name}, {"parameters", group.parameters}, {"macs", group.macs}});
  }
  return json;
}

}  // namespace sluice::api
