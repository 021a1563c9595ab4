// SPDX-License-Identifier: Apache-2.0
// sluice cosim MODEL --design DESIGN
#include <fmt/format.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "cli/rtl_options.hpp"
#include "cli/verb.hpp"

#include "sluice/api/cosim.hpp"

namespace sluice::cli {
namespace {

struct CosimFlags {
  RtlFlags rtl;
  std::string simulator = "verilator";
  bool no_stalls = false;
};

Status run(const CosimFlags& flags, const Common& common) {
  api::CosimOptions options;
  SL_TRY(options.emit, flags.rtl.filled(common));
  SL_TRY(options.simulator, cosim::simulator_from_string(flags.simulator));
  options.stalls = !flags.no_stalls;
  options.quiet = common.quiet;
  SL_TRY(const api::CosimReport report, api::cosim(options));
  if (!common.quiet) {
    for (const std::string& note : report.emission.notes) fmt::print(stderr, "note: {}\n", note);
  }
  fmt::print("{}", common.json ? dump_json(api::to_json(report)) : api::to_text(report));
  return api::check_equal(report);
}

}  // namespace

Action declare_cosim(CLI::App& app, const Common& common) {
  auto flags = std::make_shared<CosimFlags>();
  flags->rtl.declare(app);
  app.add_option("--simulator", flags->simulator, "verilator (default) or icarus");
  app.add_flag("--no-stalls", flags->no_stalls, "leave out the run with random pauses");
  app.add_flag("!--no-taps", flags->rtl.options.taps,
               "compare what leaves alone, not what each layer makes");
  app.add_option("-o,--output", flags->rtl.options.output,
                 "keep the emission in this folder (default: removed at the end)");
  return [flags, &common] { return run(*flags, common); };
}

}  // namespace sluice::cli
