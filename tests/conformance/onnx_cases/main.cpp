// SPDX-License-Identifier: Apache-2.0
// onnx_cases: runs ONNX's own test cases and counts pass, fail, unsupported and disputed
// by operator.
// Exit: 0 no failure, 1 some case failed, 2 wrong use, 77 a folder is absent.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>

#include "tests/conformance/onnx_cases/run.hpp"

#include "sluice/base/json.hpp"
#include "sluice/report/table.hpp"
#include "sluice/runtime/onednn/executor.hpp"

namespace sluice::conformance {
namespace {

constexpr int kSkipped = 77;  // what ctest takes for "skipped"

struct Options {
  std::vector<std::filesystem::path> folders;
  std::string executor = "reference";
  std::string only;
  double absolute_tolerance = 0;  // if larger than the case's own
  bool json = false;
  bool list_unsupported = false;
};

struct Counts {
  int pass = 0;
  int fail = 0;
  int unsupported = 0;
  int disputed = 0;

  void add(Verdict verdict) {
    switch (verdict) {
      case Verdict::Pass:
        ++pass;
        break;
      case Verdict::Fail:
        ++fail;
        break;
      case Verdict::Unsupported:
        ++unsupported;
        break;
      case Verdict::Disputed:
        ++disputed;
        break;
    }
  }
};

struct Summary {
  Counts total;
  std::map<std::string, Counts> by_operator;
  std::map<std::string, std::string> failures;     // reason by case
  std::map<std::string, std::string> unsupported;  // reason by case
  std::map<std::string, std::string> disputed;     // reason by case
};

// Cases whose recorded outputs are wrong, and why.
struct Disputed {
  std::string_view name;
  std::string_view reason;
};
constexpr std::string_view kWraps =
    "its outputs wrap around where QLinearMatMul saturates; ONNX Runtime saturates too";
constexpr std::array kDisputed{
    Disputed{"test_qlinearmatmul_2D_int8_float16", kWraps},
    Disputed{"test_qlinearmatmul_2D_int8_float32", kWraps},
    Disputed{"test_qlinearmatmul_3D_int8_float16", kWraps},
    Disputed{"test_qlinearmatmul_3D_int8_float32", kWraps},
};

Outcome judge(const Case& test_case, const ExecutorMaker& make_executor) {
  Outcome outcome = run_case(test_case, make_executor);
  const auto* disputed = std::ranges::find(kDisputed, test_case.name, &Disputed::name);
  if (disputed == kDisputed.end()) return outcome;
  if (outcome.verdict == Verdict::Fail) return {Verdict::Disputed, std::string(disputed->reason)};
  return {Verdict::Fail, "is not wrong any more; take it off the list of disputed cases"};
}

const std::map<std::string, ExecutorMaker>& executors() {
  static const std::map<std::string, ExecutorMaker> kExecutors{
      {"reference", runtime::make_reference_executor},
      {"onednn",
       [](ir::Graph graph) -> Result<std::unique_ptr<runtime::Executor>> {
         SL_TRY(auto executor, runtime::make_onednn_executor(std::move(graph)));
         return std::unique_ptr<runtime::Executor>(std::move(executor));
       }},
  };
  return kExecutors;
}

Result<Summary> run_folders(const Options& options) {
  Summary summary;
  for (const auto& folder : options.folders) {
    SL_TRY(auto cases, find_cases(folder));
    for (Case& test_case : cases) {
      if (test_case.name.find(options.only) == std::string::npos) continue;
      test_case.tolerance.absolute =
          std::max(test_case.tolerance.absolute, options.absolute_tolerance);
      const Outcome outcome = judge(test_case, executors().at(options.executor));
      summary.total.add(outcome.verdict);
      summary.by_operator[subject_of(test_case.model)].add(outcome.verdict);
      const std::string name = (folder.filename() / test_case.name).string();
      if (outcome.verdict == Verdict::Fail) summary.failures[name] = outcome.reason;
      if (outcome.verdict == Verdict::Unsupported) summary.unsupported[name] = outcome.reason;
      if (outcome.verdict == Verdict::Disputed) summary.disputed[name] = outcome.reason;
    }
  }
  return summary;
}

Json to_json(const Counts& counts) {
  return {{"pass", counts.pass},
          {"fail", counts.fail},
          {"unsupported", counts.unsupported},
          {"disputed", counts.disputed}};
}

Json to_json(const Summary& summary, const Options& options) {
  Json json{{"format", "sluice.onnx_cases/1"}, {"executor", options.executor}};
  json["total"] = to_json(summary.total);
  for (const auto& [name, counts] : summary.by_operator) json["operators"][name] = to_json(counts);
  json["failures"] = summary.failures;
  json["unsupported"] = summary.unsupported;
  json["disputed"] = summary.disputed;
  return json;
}

void print(const Summary& summary, const Options& options) {
  report::Table table(
      {{"operator", report::Align::Left}, {"pass"}, {"fail"}, {"unsupported"}, {"disputed"}});
  const auto add_row = [&](const std::string& name, const Counts& counts) {
    table.add_row({name, std::to_string(counts.pass), std::to_string(counts.fail),
                   std::to_string(counts.unsupported), std::to_string(counts.disputed)});
  };
  for (const auto& [name, counts] : summary.by_operator) add_row(name, counts);
  add_row("total", summary.total);
  fmt::print("{}", table.text());
  if (options.list_unsupported) {
    for (const auto& [name, reason] : summary.unsupported) fmt::print("? {}: {}\n", name, reason);
  }
  for (const auto& [name, reason] : summary.disputed) fmt::print("! {}: {}\n", name, reason);
  for (const auto& [name, reason] : summary.failures) fmt::print("FAIL {}: {}\n", name, reason);
}

int main_of(const Options& options) {
  for (const auto& folder : options.folders) {
    if (std::filesystem::is_directory(folder)) continue;
    fmt::print(stderr, "SKIPPED: no test cases in {}\n", folder.string());
    return kSkipped;
  }
  if (!executors().contains(options.executor)) {
    fmt::print(stderr, "onnx_cases: no executor is called {}\n", options.executor);
    return 2;
  }
  const auto summary = run_folders(options);
  if (!summary) {
    fmt::print(stderr, "onnx_cases: {}\n", summary.error().text());
    return 1;
  }
  if (options.json) {
    fmt::print("{}", dump_json(to_json(*summary, options)));
  } else {
    print(*summary, options);
  }
  return summary->total.fail == 0 && summary->total.pass > 0 ? 0 : 1;
}

}  // namespace
}  // namespace sluice::conformance

int main(int argc, char** argv) {
  sluice::conformance::Options options;
  CLI::App app("Runs ONNX's own test cases.");
  app.add_option("folders", options.folders, "Folders of cases")->required();
  app.add_option("--executor", options.executor, "reference or onednn");
  app.add_option("--only", options.only, "Only cases whose name contains this");
  app.add_option("--absolute-tolerance", options.absolute_tolerance,
                 "Floats may differ by this much, if it is more than the case allows");
  app.add_flag("--json", options.json, "Print the counts and reasons as JSON");
  app.add_flag("--list-unsupported", options.list_unsupported, "Print why cases are unsupported");
  CLI11_PARSE(app, argc, argv);
  return sluice::conformance::main_of(options);
}
