// SPDX-License-Identifier: Apache-2.0
// sluice golden MODEL -o DIR
#include <fmt/format.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/eval_options.hpp"
#include "cli/run_inputs.hpp"
#include "cli/verb.hpp"

#include "sluice/api/golden.hpp"

namespace sluice::cli {
namespace {

struct GoldenFlags {
  api::GoldenOptions options;
  std::vector<std::string> inputs;
  std::string formats;
  std::string arithmetic;
  double memory_limit_gigabytes = 0;
  std::filesystem::path verify;
};

Status require_paths(const GoldenFlags& flags) {
  const bool writes = !flags.options.model.empty();
  if (writes && !flags.verify.empty()) {
    return Error{ErrorCode::InvalidArgument, "--verify takes a folder and no MODEL"};
  }
  if (!flags.verify.empty()) return {};
  if (!writes) {
    return Error{ErrorCode::InvalidArgument,
                 "needs a MODEL, or --verify DIR; see \"sluice help golden\""};
  }
  if (flags.options.output.empty()) {
    return Error{ErrorCode::InvalidArgument, "needs -o DIR, the folder to write"};
  }
  return {};
}

Result<api::GoldenOptions> options_of(const GoldenFlags& flags, const Common& common) {
  api::GoldenOptions options = flags.options;
  options.inputs = parse_inputs(flags.inputs);
  options.seed = common.seed;
  options.quiet = common.quiet;
  if (!flags.formats.empty()) {
    SL_TRY(options.forms, api::parse_golden_forms(flags.formats));
  }
  if (!flags.arithmetic.empty()) {
    SL_TRY(options.network.arithmetic, numeric::arithmetic_from_string(flags.arithmetic));
  }
  options.network.memory_limit_bytes =
      static_cast<std::int64_t>(flags.memory_limit_gigabytes * 1e9);
  return options;
}

}  // namespace

Action declare_golden(CLI::App& app, const Common& common) {
  auto flags = std::make_shared<GoldenFlags>();
  app.add_option("MODEL", flags->options.model,
                 "quantized network to read: .onnx, .tflite or .sluice");
  app.add_option("--input", flags->inputs,
                 "FILE.npy, or NAME=FILE.npy for one of several inputs (default: codes drawn with "
                 "--seed)");
  app.add_option("-o,--output", flags->options.output, "the folder to write");
  app.add_option("--layers", flags->options.layers,
                 "names of layers, separated by commas (default: all that make codes)")
      ->delimiter(',');
  app.add_option("--formats", flags->formats,
                 "files of each array, separated by commas: npy,mem,coe,bin (default: all)");
  app.add_option("--fold", flags->options.fold, "codes a word of .mem, .coe and .bin files")
      ->check(CLI::Range(1, 65536));
  app.add_flag("--thresholds", flags->options.thresholds,
               "write the thresholds that requantize each layer, too");
  app.add_option("--arithmetic", flags->arithmetic,
                 "how the network rounds, in place of what it records");
  app.add_option("--memory-limit", flags->memory_limit_gigabytes,
                 "GB that the values of a run may take (default: half of the memory there is)")
      ->check(CLI::Range(1e-9, 1e9));
  app.add_option("--verify", flags->verify,
                 "read a folder again and compare hashes and forms; exit 1 at a mismatch");
  return [flags, &common]() -> Status {
    SL_TRY_STATUS(require_paths(*flags));
    const bool verifies = !flags->verify.empty();
    SL_TRY(const api::GoldenOptions options, options_of(*flags, common));
    SL_TRY(const auto summary,
           verifies ? exact::golden::verify(flags->verify) : api::golden(options));
    const std::filesystem::path& folder = verifies ? flags->verify : options.output;
    fmt::print("{}", common.json ? dump_json(api::to_json(summary))
                                 : api::to_text(summary, folder.string()));
    return {};
  };
}

}  // namespace sluice::cli
