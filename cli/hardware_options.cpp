// SPDX-License-Identifier: Apache-2.0
#include "cli/hardware_options.hpp"

#include <array>
#include <fmt/format.h>

namespace sluice::cli {
namespace {

// "network, partitions, layers (default) or modules"
std::string levels_text(std::string_view chosen) {
  const auto word = [&](std::string_view name) {
    return fmt::format("{}{}", name, name == chosen ? " (default)" : "");
  };
  return fmt::format("{}, {}, {} or {}", word("network"), word("partitions"), word("layers"),
                     word("modules"));
}

}  // namespace

void HardwareOptions::declare_model(CLI::App& app) {
  app.add_option("--coefficients", coefficients,
                 "what modules take of LUTs and flip-flops, in place of what comes with Sluice");
  app.add_option("--compat", compat,
                 "fpgaconvnet: layers and numbers as fpgaConvNet's model has them");
}

void HardwareOptions::declare_clock(CLI::App& app, std::string_view otherwise) {
  app.add_option("--clock", clock_mhz, fmt::format("in MHz (default: {})", otherwise))
      ->check(CLI::Range(1e-3, 1e5));
}

void HardwareOptions::declare_report(CLI::App& app) {
  app.add_option("--level", level, "how far down: " + levels_text(level));
  app.add_option("--draw", draw,
                 "draw the design: .svg, .png or .pdf by Graphviz, or a page, .html");
}

Status HardwareOptions::check() const {
  SL_TRY([[maybe_unused]] const api::Level detail, api::level_from_string(level));
  return draw.empty() ? Status{} : api::check_drawing_name(draw);
}

Status HardwareOptions::write_drawing(api::EstimateReport& report) const {
  return draw.empty() ? Status{} : api::write_drawing(report, draw);
}

}  // namespace sluice::cli
