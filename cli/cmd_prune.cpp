// SPDX-License-Identifier: Apache-2.0
// sluice prune MODEL -o OUT.onnx --sparsity 0.5
#include <memory>
#include <string>
#include <vector>

#include "cli/eval_options.hpp"
#include "cli/print.hpp"
#include "cli/verb.hpp"

#include "sluice/api/prune.hpp"
#include "sluice/api/prune_settings.hpp"
#include "sluice/api/sensitivity.hpp"

namespace sluice::cli {
namespace {

struct PruneFlags {
  ImageNetworkFlags images;
  std::string threshold, sparsity, pattern, channels;  // empty: not given
  std::vector<std::string> layers;                     // NAME=VALUE
  std::vector<std::string> relu_thresholds;            // T, or NAME=T
  bool each_layer = false;
  bool skip = false;
  std::int64_t channel_multiple = 1;
  std::filesystem::path output;

  bool sensitivity = false;
  api::SensitivityOptions sweep;
  std::string sparsities;

  void declare(CLI::App& app) {
    images.model.declare(app);
    app.add_option("--threshold", threshold, "weights of a smaller magnitude become zero");
    app.add_option("--sparsity", sparsity,
                   "so large a part of all weights becomes zero, the smallest magnitudes first: "
                   "0 to 1");
    app.add_flag("--each-layer", each_layer, "with --sparsity: so large a part of each layer");
    app.add_option("--nm", pattern,
                   "N:M, as 2:4: of each M weights along the input channels the N largest stay");
    app.add_flag("--skip", skip, "with --nm: leave layers alone that M does not divide");
    app.add_option("--channels", channels,
                   "so large a part of the channels is removed, and the network shrinks: 0 to "
                   "below 1");
    app.add_option("--channel-multiple", channel_multiple,
                   "with --channels: keep a multiple of so many (default: 1)");
    app.add_option("--layer", layers, "NAME=VALUE: a layer with a value of its own");
    app.add_option("--relu-threshold", relu_thresholds,
                   "T for all ReLUs, or NAME=T for one: they drop what is not above it");
    app.add_option("-o,--output", output, "file to write: .onnx or .sluice");
    app.add_flag("--sensitivity", sensitivity,
                 "in place of a file: accuracy with each layer pruned alone");
    images.declare_images(app, sweep,
                          {.data = "with --sensitivity: labelled images, as eval takes them"});
    ImageNetworkFlags::declare_label_offset(app, sweep);
    app.add_option("--sparsities", sparsities, "separated by commas (default: 0.3,0.5,0.7,0.9)");
  }
};

Error wrong(const char* what) {
  return {ErrorCode::InvalidArgument, what};
}

int num_ways(const PruneFlags& flags) {
  int count = 0;
  for (const auto* way : {&flags.threshold, &flags.sparsity, &flags.pattern, &flags.channels}) {
    count += way->empty() ? 0 : 1;
  }
  return count;
}

Status check_together(const PruneFlags& flags) {
  const int ways = num_ways(flags);
  if (ways > 1) return wrong("--threshold, --sparsity, --nm and --channels exclude each other");
  if (ways == 0 && !flags.layers.empty()) {
    return wrong("--layer needs --threshold, --sparsity, --nm or --channels, for the others");
  }
  if (flags.each_layer && flags.sparsity.empty()) return wrong("--each-layer is for --sparsity");
  if (flags.skip && flags.pattern.empty()) return wrong("--skip is for --nm");
  if (flags.channel_multiple != 1 && flags.channels.empty()) {
    return wrong("--channel-multiple is for --channels");
  }
  return {};
}

Result<api::PruneWay> way_of(const PruneFlags& flags) {
  if (!flags.threshold.empty()) {
    SL_TRY(auto thresholds, api::parse_thresholds(flags.threshold, flags.layers));
    return api::PruneWay(api::PruneBelow{std::move(thresholds)});
  }
  if (!flags.sparsity.empty()) {
    SL_TRY(auto sparsities, api::parse_parts(flags.sparsity, flags.layers));
    const auto scope =
        flags.each_layer ? sparse::SparsityScope::EachLayer : sparse::SparsityScope::Network;
    return api::PruneWay(api::PruneToSparsity{std::move(sparsities), scope});
  }
  if (!flags.pattern.empty()) {
    SL_TRY(auto patterns, api::parse_patterns(flags.pattern, flags.layers));
    return api::PruneWay(api::PruneToPattern{
        std::move(patterns), flags.skip ? sparse::Unfit::Skip : sparse::Unfit::Refuse});
  }
  if (flags.channels.empty()) return api::PruneWay();
  SL_TRY(auto parts, api::parse_parts(flags.channels, flags.layers));
  return api::PruneWay(sparse::ChannelOptions{std::move(parts), flags.channel_multiple});
}

Status run_prune(const PruneFlags& flags, const Common& common) {
  SL_TRY_STATUS(check_together(flags));
  if (!flags.sweep.data.empty() || !flags.sparsities.empty()) {
    return wrong("--data and --sparsities are for --sensitivity");
  }
  if (flags.output.empty()) return wrong("-o says which file to write");
  api::PruneOptions options;
  options.model = flags.images.model.path;
  SL_TRY(options.input_shapes, flags.images.model.shapes());
  SL_TRY(options.way, way_of(flags));
  SL_TRY(options.relu_thresholds, api::parse_relu_thresholds(flags.relu_thresholds));
  options.output = flags.output;
  SL_TRY(const api::PruneSummary summary, api::prune(options));
  print_report(summary, common);
  print_notes(summary.notes, common);
  return {};
}

Status run_sensitivity(const PruneFlags& flags, const Common& common) {
  if (num_ways(flags) > 0 || !flags.relu_thresholds.empty() || !flags.output.empty()) {
    return wrong("--sensitivity writes no file, and prunes each layer to --sparsities");
  }
  if (flags.sweep.data.empty() || flags.sweep.preprocess.empty()) {
    return wrong("--sensitivity needs --data and --preprocess");
  }
  api::SensitivityOptions options = flags.sweep;
  SL_TRY_STATUS(flags.images.fill(options, common));
  if (!flags.sparsities.empty()) {
    SL_TRY(options.sparsities, api::parse_numbers(flags.sparsities));
  }
  SL_TRY(const api::SensitivityReport report, api::sensitivity(options));
  print_report(report, common);
  print_notes(report.notes, common);
  if (report.is_complete) return {};
  return Error{ErrorCode::Interrupted, "stopped; this is what was known"};
}

}  // namespace

Action declare_prune(CLI::App& app, const Common& common) {
  auto flags = std::make_shared<PruneFlags>();
  flags->declare(app);
  return [flags, &common] {
    return flags->sensitivity ? run_sensitivity(*flags, common) : run_prune(*flags, common);
  };
}

}  // namespace sluice::cli
