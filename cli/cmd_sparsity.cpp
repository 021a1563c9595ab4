// SPDX-License-Identifier: Apache-2.0
// sluice sparsity MODEL --data DATA [--search --device D]
#include <memory>

#include "cli/eval_options.hpp"
#include "cli/print.hpp"
#include "cli/verb.hpp"

#include "sluice/api/sparsity.hpp"
#include "sluice/api/threshold_search.hpp"

namespace sluice::cli {
namespace {

struct SparsityFlags {
  ImageNetworkFlags images;
  api::SparsityOptions options;
  api::ThresholdSearchOptions search;
  std::string policy = "joint";
  bool searches = false;

  void declare(CLI::App& app) {
    images.declare(app, options, "float32");
    app.add_option("-o,--output", options.output,
                   "a folder for the report and, of each layer, histogram, mean and variance as "
                   ".npy; with --search for its results");
    CLI::Option* search_flag =
        app.add_flag("--search", searches,
                     "look for the thresholds of weights and rectifiers that make the network "
                     "fastest on a device at a bounded loss of accuracy");
    declare_counting(app, search_flag);
    declare_search(app, search_flag);
  }

 private:
  // What there is of counting alone.
  void declare_counting(CLI::App& app, CLI::Option* search_flag) {
    app.add_option("--moving-average", options.averaged_windows,
                   "with -o, how zeros of channels vary over time and together: means over so "
                   "many windows after one another; their variance, covariance and correlation")
        ->excludes(search_flag);
    app.add_option("--streams", options.streams,
                   "also histograms of so many streams, into which channels are dealt in turn")
        ->excludes(search_flag);
    app.add_option("--draw", options.drawing,
                   "a page of the tables and each layer's histogram: .html")
        ->excludes(search_flag);
    app.add_option("--annotate", options.annotated,
                   "write the model with the shares of zeros, which estimate and explore skip: "
                   ".onnx")
        ->excludes(search_flag);
  }

  void declare_search(CLI::App& app, CLI::Option* search_flag) {
    const auto add = [&](const char* name, auto& variable, const char* help) {
      return app.add_option(name, variable, help)->needs(search_flag)->group("Search");
    };
    add("--device", search.device,
        "name of a board or part, or a .toml file (default: the design's)");
    add("--design", search.design,
        "keep this design, which explore -o wrote, in place of one for each candidate");
    add("--batch-size", search.batch_size, "feature maps a batch on the device (default: 256)")
        ->check(CLI::Range(1, 1'000'000'000));
    add("--tolerance", search.tolerance_points,
        "points of top-1 accuracy that may be lost (default: 1)");
    add("--policy", policy,
        "joint (default): each layer its own thresholds; uniform: one for all weights and one for "
        "all rectifiers; slowest-node: rectifiers before the slowest convolution");
    add("--trials", search.most_trials, "how many thresholds are tried at most (default: 200)")
        ->check(CLI::Range(1, 1'000'000));
    add("--journal", search.journal,
        "SQLite database of all trials, kept (default with -o: OUTPUT.sqlite)");
    app.add_flag("--resume", search.resume, "go on from the journal of a search that was stopped")
        ->needs(search_flag)
        ->group("Search");
  }
};

Status count_zeros(const SparsityFlags& flags, const Common& common) {
  api::SparsityOptions options = flags.options;
  SL_TRY_STATUS(flags.images.fill(options, common));
  SL_TRY(const api::SparsityReport report, api::sparsity(options));
  print_notes(report.notes, common);
  print_report(report, common);
  if (report.is_complete) return {};
  return Error{ErrorCode::Interrupted, "stopped; this is what was counted so far"};
}

Status search_thresholds(const SparsityFlags& flags, const Common& common) {
  api::ThresholdSearchOptions options = flags.search;
  const api::ImageNetworkOptions& images = flags.options;
  static_cast<api::ImageNetworkOptions&>(options) = images;
  SL_TRY_STATUS(flags.images.fill(options, common));
  SL_TRY(options.policy, api::threshold_policy_from_string(flags.policy));
  options.output = flags.options.output;
  if (options.journal.empty() && !options.output.empty()) {
    options.journal = options.output.string() + ".sqlite";
  }
  SL_TRY(const api::ThresholdSearchReport report, api::threshold_search(options));
  print_notes(report.notes, common);
  print_report(report, common);
  if (report.is_complete) return {};
  return Error{ErrorCode::Interrupted, "stopped; this is the best that was found so far"};
}

}  // namespace

Action declare_sparsity(CLI::App& app, const Common& common) {
  auto flags = std::make_shared<SparsityFlags>();
  flags->declare(app);
  return [flags, &common] {
    return flags->searches ? search_thresholds(*flags, common) : count_zeros(*flags, common);
  };
}

}  // namespace sluice::cli
