// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/estimate.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <optional>

#include "sluice/api/hardware.hpp"
#include "sluice/base/file.hpp"
#include "sluice/base/sha256.hpp"
#include "sluice/base/text.hpp"
#include "sluice/hw/config/fpgaconvnet.hpp"
#include "sluice/hw/design.hpp"
#include "sluice/report/design_dot.hpp"
#include "sluice/report/design_html.hpp"
#include "sluice/report/graphviz.hpp"

namespace sluice::api {
namespace {

constexpr std::array<std::string_view, 4> kLevels{"network", "partitions", "layers", "modules"};

std::string lower_extension(const std::filesystem::path& path) {
  std::string extension = path.extension().string();
  std::ranges::transform(extension, extension.begin(),
                         [](unsigned char c) { return std::tolower(c); });
  return extension;
}

Result<std::optional<hw::Design>> read_design(const EstimateOptions& options) {
  if (options.design.empty()) return std::optional<hw::Design>();
  if (!options.config.empty()) {
    return Error{ErrorCode::InvalidArgument, "--config and --design exclude each other"};
  }
  SL_TRY(const Json document, read_json(options.design));
  auto design = hw::parse_design(document);
  if (!design) return std::move(design).error().at(options.design.string());
  if (options.rules != hw::Rules::Sluice && design->rules != options.rules) {
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("is a design by the rules \"{}\", and --compat asks for others",
                             hw::rules_name(design->rules)),
                 options.design.string()};
  }
  return std::optional(*std::move(design));
}

// What the options leave to the design.
void complete(EstimateOptions& options, const std::optional<hw::Design>& design) {
  if (!design) return;
  options.rules = design->rules;
  if (options.device.empty()) options.device = design->device;
  if (options.clock_mhz <= 0) options.clock_mhz = design->clock_mhz;
}

// The partitions that a file describes, or the whole graph as one.
Result<hw::HardwareNetwork> map_network(const EstimateOptions& options,
                                        const std::optional<hw::Design>& design, hw::Graph graph,
                                        std::vector<std::string>& notes) {
  const std::string name = options.model.stem().string();
  if (design) {
    auto network = hw::apply(*design, graph);
    if (!network) return std::move(network).error().at(options.design.string());
    network->name = name;
    return network;
  }
  if (options.config.empty()) return whole_network(name, std::move(graph), 1, options.rules);
  SL_TRY(const Json document, read_json(options.config));
  auto read = hw::read_fpgaconvnet(document, &graph);
  if (!read) return std::move(read).error().at(options.config.string());
  notes.insert(notes.end(), read->notes.begin(), read->notes.end());
  read->network.name = name;
  return std::move(read->network);
}

}  // namespace

Result<EstimateReport> estimate(const EstimateOptions& given) {
  EstimateOptions options = given;
  EstimateReport report;
  SL_TRY(const auto design, read_design(options));
  complete(options, design);
  if (options.device.empty()) {
    return Error{ErrorCode::InvalidArgument, "--device is needed: a name, or a .toml file"};
  }
  SL_TRY(const hw::Device device, hw::find_device(options.device));
  SL_TRY(const hw::Coefficients by, coefficients_from(options.coefficients));
  SL_TRY(hw::Graph graph, hardware_graph(options.model, options.input_shapes, options.rules));
  SL_TRY(report.model_sha256, sha256_file(options.model));
  if (design && design->model_sha256 != report.model_sha256) {
    report.notes.push_back("the design was made for another version of the model");
  }
  SL_TRY(hw::HardwareNetwork network, map_network(options, design, std::move(graph), report.notes));
  if (options.batch_size > 0) network.batch_size = options.batch_size;
  hw::update(network, options.rules);
  SL_TRY(report.figures, figures_of(network, device, by, {options.clock_mhz, options.rules}));
  return report;
}

Status check_fits(const report::DesignFigures& figures) {
  if (figures.violations.empty()) return {};
  std::string list;
  for (const report::Violation& each : figures.violations) {
    list += (list.empty() ? "" : "; ") + to_text(each);
  }
  return Error{ErrorCode::Infeasible, "does not fit: " + list, figures.device.name};
}

Result<Level> level_from_string(std::string_view name) {
  const auto* found = std::ranges::find(kLevels, name);
  if (found != kLevels.end()) return static_cast<Level>(found - kLevels.begin());
  return Error{ErrorCode::InvalidArgument,
               fmt::format("no level {}{}; there are network, partitions, layers and modules",
                           sluice::quoted(name), did_you_mean(name, kLevels))};
}

Status check_drawing_name(const std::filesystem::path& path) {
  const std::string extension = lower_extension(path);
  if (extension == ".html" || report::drawing_format(extension)) return {};
  return Error{ErrorCode::InvalidArgument,
               "is no name of a drawing: it ends in .svg, .png, .pdf or .html", path.string()};
}

Status write_drawing(EstimateReport& report, const std::filesystem::path& path) {
  SL_TRY_STATUS(check_drawing_name(path));
  const auto format = report::drawing_format(lower_extension(path));
  auto drawn =
      report::draw(report::design_dot(report.figures), format.value_or(report::DrawingFormat::Svg));
  if (format) {
    if (!drawn) return std::move(drawn).error();
    return write_file(path, *drawn);
  }
  if (!drawn && drawn.error().code != ErrorCode::External) return std::move(drawn).error();
  if (!drawn) {
    report.notes.push_back("the page is without its drawing: " + drawn.error().text());
  }
  return write_file(path, report::design_html(report.figures, drawn ? *drawn : std::string()));
}

}  // namespace sluice::api
