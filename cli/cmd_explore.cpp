// SPDX-License-Identifier: Apache-2.0
// sluice explore MODEL --device D
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "cli/hardware_options.hpp"
#include "cli/journal_options.hpp"
#include "cli/model_options.hpp"
#include "cli/verb.hpp"

#include "sluice/api/explore.hpp"
#include "sluice/base/file.hpp"

namespace sluice::cli {
namespace {

struct ExploreFlags {
  ModelOptions model;
  api::ExploreOptions options;
  std::string objective = "throughput";
  HardwareOptions hardware{.level = "partitions"};
  JournalOptions journal{.verb = "explore",
                         .run = "search",
                         .kept = "the best is kept while a search with a budget lasts"};
  std::string pareto;
  std::string share = "1";
  std::filesystem::path output, configuration;

  void declare(CLI::App& app) {
    model.declare(app);
    app.add_option("--device", options.device, "name of a board or part, or a .toml file")
        ->required();
    app.add_option("--objective", objective,
                   "throughput (default), latency, resources at --fps, or energy (a proxy)");
    app.add_option("--fps", options.required_fps, "feature maps a second that are required")
        ->check(CLI::Range(1e-6, 1e12));
    app.add_option("--batch", options.batch_size, "feature maps a batch (default: 1)")
        ->check(CLI::Range(1, 1'000'000'000));
    app.add_option("--partitions", options.max_partitions,
                   "how often the device may be configured for a batch (default: 1)")
        ->check(CLI::Range(1, 1000));
    app.add_option("--share", share,
                   "of each resource that may be taken, 0 to 1 (default: 1), or of single ones: "
                   "0.8,dsp=0.5,memory=1");
    hardware.declare_clock(app, "the device's");
    app.add_option("--budget", options.budget_s,
                   "go on looking for better for so long: 10s, 2m (default: two rounds)")
        ->transform(
            CLI::AsNumberWithUnit(std::map<std::string, double>{{"s", 1}, {"m", 60}, {"h", 3600}}))
        ->check(CLI::Range(0.0, 1e9));
    journal.declare(app);
    app.add_option("--pareto", pareto, "what is found for less of these: fps,dsp,bram18");
    hardware.declare_model(app);
    hardware.declare_report(app);
    app.add_option("--config", configuration, "write the design as fpgaConvNet's file too");
    app.add_option("-o,--output", output, "write the design, for estimate --design");
  }
};

Status complete(ExploreFlags& flags) {
  SL_TRY_STATUS(flags.hardware.fill(flags.options));
  SL_TRY(flags.options.objective, api::objective_from_string(flags.objective));
  if (!flags.pareto.empty()) {
    SL_TRY(flags.options.front_kinds, api::front_kinds_from_string(flags.pareto));
  }
  const bool has_fps = flags.options.required_fps > 0;
  const bool is_for_rate = flags.options.objective == dse::Objective::Resources;
  const bool takes_rate = is_for_rate || flags.options.objective == dse::Objective::Energy;
  if ((has_fps && !takes_rate) || (!has_fps && is_for_rate)) {
    return Error{ErrorCode::InvalidArgument,
                 "--fps goes with --objective resources, which needs it, or energy"};
  }
  auto ceilings = api::ceilings_from_string(flags.share);
  if (!ceilings) return std::move(ceilings).error().at("--share");
  flags.options.ceilings = *ceilings;
  flags.options.model = flags.model.path;
  SL_TRY(flags.options.input_shapes, flags.model.shapes());
  flags.options.resume = flags.journal.resume;
  if (flags.options.resume && !flags.options.budget_s) {
    return Error{ErrorCode::InvalidArgument, "--resume goes on with a search that has a --budget"};
  }
  flags.options.journal =
      flags.options.budget_s ? flags.journal.path(flags.output) : flags.journal.given;
  return {};
}

Status write(const ExploreFlags& flags, api::ExploreReport& report) {
  if (!flags.configuration.empty()) {
    if (report.configuration.empty()) {
      return Error{ErrorCode::Unsupported, "the design has layers that fpgaConvNet's files do not",
                   flags.configuration.string()};
    }
    SL_TRY_STATUS(write_file(flags.configuration, report.configuration));
  }
  if (!flags.output.empty()) {
    SL_TRY_STATUS(write_file(flags.output, dump_json(hw::to_json(report.design))));
  }
  return flags.hardware.write_drawing(report.estimate);
}

Status run(ExploreFlags& flags, const Common& common) {
  SL_TRY_STATUS(complete(flags));
  flags.options.quiet = common.quiet;
  flags.options.seed = common.seed;
  SL_TRY(api::ExploreReport report, api::explore(flags.options));
  SL_TRY_STATUS(write(flags, report));
  SL_TRY_STATUS(flags.hardware.print(report, report.estimate.notes, common));
  if (report.ended != dse::Ended::Cancelled) return {};
  return Error{ErrorCode::Interrupted, "stopped; this is the best that was found so far"};
}

}  // namespace

Action declare_explore(CLI::App& app, const Common& common) {
  auto flags = std::make_shared<ExploreFlags>();
  flags->declare(app);
  return [flags, &common] { return run(*flags, common); };
}

}  // namespace sluice::cli
