// SPDX-License-Identifier: Apache-2.0
// check: what of a network cannot become hardware, before any long step.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sluice/base/json.hpp"
#include "sluice/base/result.hpp"
#include "sluice/hw/build/build.hpp"
#include "sluice/ir/infer.hpp"
#include "sluice/report/design.hpp"

namespace sluice::api {

struct CheckOptions {
  std::filesystem::path model;
  std::vector<ir::ShapeOverride> input_shapes;
  std::string device;  // name or file
};

struct CheckReport {
  std::string model;
  std::string device;
  std::vector<hw::Unmappable> unmappable;
  std::vector<hw::OnHost> on_host;
  // Of a network that can be mapped: its weights, and the device's block RAMs and UltraRAMs.
  std::optional<double> weight_bits;
  double on_chip_bits = 0;
  // What the smallest design of one partition, each layer with the least parallelism, needs beyond
  // the device.
  std::vector<report::Violation> smallest_violates;
  std::string provenance;

  [[nodiscard]] bool weights_fit() const { return weight_bits && *weight_bits <= on_chip_bits; }
};

// Errors are those of reading the model and of finding the device.
[[nodiscard]] Result<CheckReport> check(const CheckOptions& options);

// Infeasible, counting them, if nodes cannot be mapped.
[[nodiscard]] Status check_mappable(const CheckReport& report);

// What `sluice info --check` prints, and the same as JSON (format sluice.check/1).
[[nodiscard]] std::string to_text(const CheckReport& report);
[[nodiscard]] Json to_json(const CheckReport& report);

}  // namespace sluice::api
