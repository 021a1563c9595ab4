// SPDX-License-Identifier: Apache-2.0
// The options of verbs that emit a mapped network.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "cli/model_options.hpp"
#include "cli/verb.hpp"

#include "sluice/api/emit.hpp"
#include "sluice/base/result.hpp"

namespace sluice::cli {

struct RtlFlags {
  api::EmitOptions options;
  ModelOptions model;
  std::vector<std::string> inputs;

  void declare(CLI::App& app);
  // With what else was given.
  [[nodiscard]] Result<api::EmitOptions> filled(const Common& common) const;
};

}  // namespace sluice::cli
