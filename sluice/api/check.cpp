// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/check.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sluice/api/hardware.hpp"
#include "sluice/base/text.hpp"
#include "sluice/report/table.hpp"

namespace sluice::api {
namespace {

constexpr double kBitsOfBram18 = 18 * 1024;
constexpr double kBitsOfUram = 288 * 1024;

// What can be said once every node has its layer.
Status judge_smallest(CheckReport& report, const ir::Graph& model, const hw::Device& device) {
  SL_TRY(hw::Graph graph, hardware_of(model, {}));
  SL_TRY(const hw::Coefficients by, coefficients_from({}));
  const auto network = whole_network(report.model, std::move(graph), 1, hw::Rules::Sluice);
  const auto figures = report::figures_of(network, device, by);
  report.weight_bits = 0;
  for (const report::LayerFigures& layer : figures.partitions[0].layers) {
    *report.weight_bits += layer.weight_bits;
  }
  report.smallest_violates = figures.violations;
  report.provenance = figures.provenance;
  return {};
}

std::string unmappable_text(const CheckReport& report) {
  if (report.unmappable.empty()) return "every node can be mapped\n";
  std::string out;
  for (const hw::Unmappable& each : report.unmappable) {
    out += fmt::format("{} ({}): {}\n  {}\n", sluice::quoted(each.node), each.op, each.why,
                       each.remedy);
  }
  return out;
}

std::string on_host_text(const CheckReport& report) {
  if (report.on_host.empty()) return {};
  std::string out = "\nleft to the host:\n";
  for (const hw::OnHost& each : report.on_host) {
    out += fmt::format("  {} ({}): {}\n", sluice::quoted(each.node), each.op, each.why);
  }
  return out;
}

std::string size_text(const CheckReport& report) {
  if (!report.weight_bits) return {};
  std::string out = fmt::format(
      "\nweights: {}bit; {} has {}bit in BRAM and URAM: {}\n",
      report::with_prefix(*report.weight_bits), report.device,
      report::with_prefix(report.on_chip_bits),
      report.weights_fit() ? "they could all be on chip"
                           : "several partitions, or weights from outside the device, are needed");
  if (report.smallest_violates.empty()) {
    return out + "the smallest design fits as one partition\n";
  }
  out += "the smallest design does not fit as one partition:\n";
  for (const report::Violation& each : report.smallest_violates) {
    out += fmt::format("  {}\n", to_text(each));
  }
  return out + report.provenance + '\n';
}

}  // namespace

Result<CheckReport> check(const CheckOptions& options) {
  SL_TRY(const hw::Device device, hw::find_device(options.device));
  SL_TRY(const ir::Graph model,
         load_for_hardware(options.model, options.input_shapes, hw::Rules::Sluice));
  CheckReport report{.model = options.model.filename().string(),
                     .device = device.name,
                     .unmappable = hw::unmappable(model, {}),
                     .on_host = hw::left_to_host(model, {})};
  report.on_chip_bits =
      device.resources.bram18 * kBitsOfBram18 + device.resources.uram * kBitsOfUram;
  if (report.unmappable.empty()) SL_TRY_STATUS(judge_smallest(report, model, device));
  return report;
}

Status check_mappable(const CheckReport& report) {
  if (report.unmappable.empty()) return {};
  const std::size_t count = report.unmappable.size();
  return Error{ErrorCode::Infeasible,
               fmt::format("{} node{} cannot be mapped; the remedies are listed", count,
                           count == 1 ? "" : "s"),
               report.model};
}

std::string to_text(const CheckReport& report) {
  return unmappable_text(report) + on_host_text(report) + size_text(report);
}

Json to_json(const CheckReport& report) {
  Json unmappable = Json::array();
  for (const hw::Unmappable& each : report.unmappable) {
    unmappable.push_back(
        {{"node", each.node}, {"op", each.op}, {"why", each.why}, {"remedy", each.remedy}});
  }
  Json on_host = Json::array();
  for (const hw::OnHost& each : report.on_host) {
    on_host.push_back({{"node", each.node}, {"op", each.op}, {"why", each.why}});
  }
  Json json{{"format", "sluice.check/1"},
            {"tool", "sluice " SLUICE_VERSION},
            {"model", report.model},
            {"device", report.device},
            {"mappable", report.unmappable.empty()},
            {"unmappable", std::move(unmappable)},
            {"on_host", std::move(on_host)},
            {"on_chip_bits", report.on_chip_bits}};
  if (!report.weight_bits) return json;
  json["weight_bits"] = *report.weight_bits;
  json["weights_fit_on_chip"] = report.weights_fit();
  json["smallest_design_fits"] = report.smallest_violates.empty();
  json["coefficients"] = report.provenance;
  return json;
}

}  // namespace sluice::api
