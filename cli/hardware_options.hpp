// SPDX-License-Identifier: Apache-2.0
// The options `estimate` and `explore` share: by which model, and how the design goes out.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>
#include <string_view>

#include "cli/print.hpp"
#include "cli/verb.hpp"

#include "sluice/api/estimate.hpp"
#include "sluice/api/hardware.hpp"
#include "sluice/base/result.hpp"

namespace sluice::cli {

struct HardwareOptions {
  std::string level;  // its value before an option is read is the default
  std::filesystem::path coefficients;
  std::string compat = "none";
  double clock_mhz = 0;
  std::filesystem::path draw;

  // --coefficients and --compat.
  void declare_model(CLI::App& app);
  // --clock; `otherwise`: whose clock is taken without it.
  void declare_clock(CLI::App& app, std::string_view otherwise);
  // --level and --draw.
  void declare_report(CLI::App& app);

  // What there is of it in the options of a verb of the API. InvalidArgument, before any long work,
  // for words that mean nothing.
  template <class Options>
  [[nodiscard]] Status fill(Options& options) const {
    SL_TRY_STATUS(check());
    SL_TRY(options.rules, api::rules_from_string(compat));
    options.coefficients = coefficients;
    options.clock_mhz = clock_mhz;
    return {};
  }

  // The drawing, if one is asked for; a note of the report may say what it lacks.
  [[nodiscard]] Status write_drawing(api::EstimateReport& report) const;

  // Its notes, then tables of the level that is asked for, or JSON.
  template <class Report>
  [[nodiscard]] Status print(const Report& report, const std::vector<std::string>& notes,
                             const Common& common) const {
    SL_TRY(const api::Level detail, api::level_from_string(level));
    print_notes(notes, common);
    print_report(report, common, detail);
    return {};
  }

 private:
  [[nodiscard]] Status check() const;
};

}  // namespace sluice::cli
