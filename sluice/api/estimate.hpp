// SPDX-License-Identifier: Apache-2.0
// estimate: what a network costs on a device and how fast it is there, before anything is built.
// docs/reference/estimate.md has the formulas.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/json.hpp"
#include "sluice/base/result.hpp"
#include "sluice/hw/layers/layer.hpp"
#include "sluice/ir/infer.hpp"
#include "sluice/report/design.hpp"

namespace sluice::api {

struct EstimateOptions {
  std::filesystem::path model;
  std::vector<ir::ShapeOverride> input_shapes;
  std::string device;                  // name or file; empty: the design's
  std::filesystem::path config;        // fpgaConvNet's configuration file
  std::filesystem::path design;        // sluice.design/1; neither: one partition, least parallelism
  std::filesystem::path coefficients;  // empty: those that come with the program
  hw::Rules rules = hw::Rules::Sluice;
  double clock_mhz = 0;         // 0: the design's, else the device's
  std::int64_t batch_size = 0;  // 0: the design's or file's, else 1
};

struct EstimateReport {
  report::DesignFigures figures;
  std::string model_sha256;
  std::vector<std::string> notes;  // for the user: what files lack, what was passed over
};

// InvalidArgument, Parse and Unsupported, with the place, as files and options deserve; a design
// that does not fit is no error: figures.violations lists why.
[[nodiscard]] Result<EstimateReport> estimate(const EstimateOptions& given);

// Infeasible, with the limits that are broken in numbers, if there are any.
[[nodiscard]] Status check_fits(const report::DesignFigures& figures);

// How far down tables go.
enum class Level : unsigned char { Network, Partitions, Layers, Modules };
// "network", … "modules". InvalidArgument with the nearest name.
[[nodiscard]] Result<Level> level_from_string(std::string_view name);

// The tables `sluice estimate` prints, and all levels as JSON (format sluice.estimate/1).
[[nodiscard]] std::string to_text(const EstimateReport& report, Level level);
[[nodiscard]] Json to_json(const EstimateReport& report);

// InvalidArgument unless the name ends in .svg, .png, .pdf or .html.
[[nodiscard]] Status check_drawing_name(const std::filesystem::path& path);
// Draws the design to a file of such a name. External if Graphviz is missing or fails; a page is
// written without its drawing then, and a note says so.
[[nodiscard]] Status write_drawing(EstimateReport& report, const std::filesystem::path& path);

}  // namespace sluice::api
