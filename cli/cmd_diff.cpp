// SPDX-License-Identifier: Apache-2.0
// sluice diff A B
#include <fmt/format.h>
#include <memory>
#include <string>
#include <vector>

#include "cli/print.hpp"
#include "cli/run_inputs.hpp"
#include "cli/verb.hpp"

#include "sluice/api/diff.hpp"

namespace sluice::cli {
namespace {

struct DiffFlags {
  api::DiffOptions options;
  std::vector<std::string> inputs;
  std::string arithmetic;
};

template <class Report>
void print(const Report& report, const Common& common) {
  print_report(report, common);
}

Status print_diff(const api::DiffOptions& options, const Common& common) {
  SL_TRY(const api::DiffReport report, api::diff(options));
  print(report, common);
  if (report.num_different() == 0) return {};
  return Error{ErrorCode::Infeasible,
               fmt::format("{} of {} layers differ", report.num_different(), report.rows.size())};
}

Status print_detect(const api::DiffOptions& options, const Common& common) {
  SL_TRY(const api::DetectReport report, api::detect(options));
  print(report, common);
  if (report.num_unexplained() == 0) return {};
  return Error{ErrorCode::Infeasible, fmt::format("no arithmetic reproduces {} of {} layers",
                                                  report.num_unexplained(), report.rows.size())};
}

}  // namespace

Action declare_diff(CLI::App& app, const Common& common) {
  auto flags = std::make_shared<DiffFlags>();
  app.add_option("A", flags->options.a, "a quantized network, golden data, or a dump")->required();
  app.add_option("B", flags->options.b,
                 "golden data, or a dump: a folder of .npy files, or an .npz, named after the "
                 "network's values")
      ->required();
  app.add_option("--model", flags->options.model,
                 "the network of which A and B are results, where A is not the network itself");
  app.add_option("--input", flags->inputs,
                 "FILE.npy, or NAME=FILE.npy for one of several inputs (default: the dump's)");
  app.add_option("--arithmetic", flags->arithmetic,
                 "how the network A rounds, in place of what it records; or detect: which "
                 "arithmetic reproduces each layer of B");
  return [flags, &common]() -> Status {
    api::DiffOptions options = flags->options;
    options.inputs = parse_inputs(flags->inputs);
    if (flags->arithmetic == "detect") return print_detect(options, common);
    if (!flags->arithmetic.empty()) {
      SL_TRY(options.network.arithmetic, numeric::arithmetic_from_string(flags->arithmetic));
    }
    return print_diff(options, common);
  };
}

}  // namespace sluice::cli
