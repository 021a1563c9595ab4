// SPDX-License-Identifier: Apache-2.0
// The options about the network that several verbs share: MODEL and --input-shape.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "sluice/api/model.hpp"
#include "sluice/base/result.hpp"

namespace sluice::cli {

struct ModelOptions {
  std::filesystem::path path;
  std::vector<std::string> input_shapes;  // NAME=1x3x224x224

  void declare(CLI::App& app, bool required = true);
  [[nodiscard]] Result<std::vector<ir::ShapeOverride>> shapes() const;
};

}  // namespace sluice::cli
