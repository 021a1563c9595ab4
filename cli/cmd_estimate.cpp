// SPDX-License-Identifier: Apache-2.0
// sluice estimate MODEL --device D
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/hardware_options.hpp"
#include "cli/model_options.hpp"
#include "cli/verb.hpp"

#include "sluice/api/estimate.hpp"
#include "sluice/base/file.hpp"

namespace sluice::cli {
namespace {

struct EstimateFlags {
  ModelOptions model;
  api::EstimateOptions options;
  HardwareOptions hardware{.level = "layers"};
  std::filesystem::path output;

  void declare(CLI::App& app) {
    model.declare(app);
    app.add_option("--device", options.device,
                   "name of a board or part, or a .toml file (default: the design's)");
    app.add_option("--config", options.config, "partitions and folding: fpgaConvNet's JSON");
    app.add_option("--design", options.design, "partitions and folding: a design of Sluice's");
    hardware.declare_model(app);
    hardware.declare_clock(app, "the design's or the device's");
    app.add_option("--batch", options.batch_size, "feature maps a batch (default: 1)")
        ->check(CLI::Range(1, 1'000'000'000));
    hardware.declare_report(app);
    app.add_option("-o,--output", output, "write all levels as JSON to a file");
  }
};

Status run(EstimateFlags& flags, const Common& common) {
  SL_TRY_STATUS(flags.hardware.fill(flags.options));
  flags.options.model = flags.model.path;
  SL_TRY(flags.options.input_shapes, flags.model.shapes());
  SL_TRY(api::EstimateReport report, api::estimate(flags.options));
  SL_TRY_STATUS(flags.hardware.write_drawing(report));
  if (!flags.output.empty()) {
    SL_TRY_STATUS(write_file(flags.output, dump_json(api::to_json(report))));
  }
  SL_TRY_STATUS(flags.hardware.print(report, report.notes, common));
  return api::check_fits(report.figures);
}

}  // namespace

Action declare_estimate(CLI::App& app, const Common& common) {
  auto flags = std::make_shared<EstimateFlags>();
  flags->declare(app);
  return [flags, &common] { return run(*flags, common); };
}

}  // namespace sluice::cli
