// SPDX-License-Identifier: Apache-2.0
// sluice simulate MODEL --input x.npy
#include <fmt/format.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/print.hpp"
#include "cli/run_inputs.hpp"
#include "cli/verb.hpp"

#include "sluice/api/simulate.hpp"

namespace sluice::cli {
namespace {

struct SimulateFlags {
  api::SimulateOptions options;
  std::vector<std::string> inputs;
  std::string engine = "fast";
  std::string arithmetic;
  bool accumulators = false;
  std::filesystem::path output;
};

Result<api::SimulateOptions> options_of(const SimulateFlags& flags, const Common& common) {
  api::SimulateOptions options = flags.options;
  options.inputs = parse_inputs(flags.inputs);
  options.quiet = common.quiet;
  SL_TRY(options.network.engine, api::engine_from_string(flags.engine));
  if (!flags.arithmetic.empty()) {
    SL_TRY(options.network.arithmetic, numeric::arithmetic_from_string(flags.arithmetic));
  }
  const auto refuse = [](const char* what) { return Error{ErrorCode::InvalidArgument, what}; };
  if (!options.data.empty()) {
    if (!flags.accumulators) return refuse("--data is for --accumulators; \"eval\" scores images");
    if (!options.inputs.empty()) return refuse("--data and --input exclude each other");
    if (options.preprocess.empty()) return refuse("--data needs --preprocess");
  }
  if (flags.accumulators && !flags.output.empty()) {
    return refuse("-o writes the outputs of a run without --accumulators");
  }
  return options;
}

Status print_accumulators(const api::SimulateOptions& options, const Common& common) {
  SL_TRY(const auto report, api::simulate_accumulators(options));
  print_report(report, common);
  if (report.num_overflows() == 0) return {};
  return Error{ErrorCode::Infeasible,
               fmt::format("{} sums do not fit accumulators of {} bits", report.num_overflows(),
                           options.accumulator_bits)};
}

}  // namespace

Action declare_simulate(CLI::App& app, const Common& common) {
  auto flags = std::make_shared<SimulateFlags>();
  app.add_option("MODEL", flags->options.model,
                 "quantized network to read: .onnx, .tflite or .sluice")
      ->required();
  app.add_option("--input", flags->inputs, "FILE.npy, or NAME=FILE.npy for one of several inputs");
  app.add_flag("--accumulators", flags->accumulators,
               "how wide the accumulators of each layer must be");
  app.add_option("--accumulator-bits", flags->options.accumulator_bits,
                 "how wide they are (default: 32); sums beyond are counted, and are exit 1")
      ->check(CLI::Range(2, 64));
  app.add_option("--data", flags->options.data, "images to observe, as eval takes them");
  app.add_option("--preprocess", flags->options.preprocess,
                 "how an image becomes the network's input: imagenet, cifar10-raw, …");
  app.add_option("--limit", flags->options.limit,
                 "look at the first images only (default: 10); sums are made by plain loops")
      ->check(CLI::PositiveNumber);
  app.add_option("--engine", flags->engine, "fast (default) or reference (plain loops)");
  app.add_option("--arithmetic", flags->arithmetic,
                 "how the network rounds, in place of what it records");
  app.add_option("-o,--output", flags->output,
                 "write the output as .npy; with several outputs a folder of output_0.npy, …");
  return [flags, &common]() -> Status {
    SL_TRY(const api::SimulateOptions options, options_of(*flags, common));
    if (flags->accumulators) return print_accumulators(options, common);
    SL_TRY(const auto outputs, api::simulate(options));
    if (!flags->output.empty()) SL_TRY_STATUS(api::write_outputs(outputs, flags->output));
    fmt::print("{}", common.json ? dump_json(api::to_json(outputs)) : api::to_text(outputs));
    return {};
  };
}

}  // namespace sluice::cli
