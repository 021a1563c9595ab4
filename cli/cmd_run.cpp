// SPDX-License-Identifier: Apache-2.0
// sluice run MODEL --input x.npy
#include <fmt/format.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/eval_options.hpp"
#include "cli/run_inputs.hpp"
#include "cli/verb.hpp"

#include "sluice/api/run.hpp"
#include "sluice/base/json.hpp"

namespace sluice::cli {
namespace {

struct RunFlags {
  std::filesystem::path model;
  std::vector<std::string> inputs;
  std::string format = "float32";
  std::vector<std::filesystem::path> calibration;
  std::filesystem::path output;
  NetworkFlags network;
};

}  // namespace

Action declare_run(CLI::App& app, const Common& common) {
  auto flags = std::make_shared<RunFlags>();
  app.add_option("MODEL", flags->model, "network to read: .onnx, .tflite or .sluice")->required();
  app.add_option("--input", flags->inputs, "FILE.npy, or NAME=FILE.npy for one of several inputs");
  app.add_option("--format", flags->format,
                 "number format to emulate (default: float32, nothing emulated)");
  app.add_option("--calibration", flags->calibration,
                 "FILE.npy like the input; activation ranges are taken from these");
  app.add_option("-o,--output", flags->output,
                 "write the output as .npy; with several outputs a folder of output_0.npy, …");
  flags->network.declare(app);
  flags->network.declare_thresholds(app);
  return [flags, &common]() -> Status {
    api::RunOptions options;
    options.model = flags->model;
    options.inputs = parse_inputs(flags->inputs);
    SL_TRY(options.format, numeric::parse_format(flags->format));
    options.calibration = flags->calibration;
    SL_TRY(options.network, flags->network.options());
    SL_TRY(const auto outputs, api::run(options));
    if (!flags->output.empty()) SL_TRY_STATUS(api::write_outputs(outputs, flags->output));
    fmt::print("{}", common.json ? dump_json(api::to_json(outputs)) : api::to_text(outputs));
    return {};
  };
}

}  // namespace sluice::cli
