// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/prune.hpp"

#include <fmt/format.h>

#include "sluice/api/model.hpp"
#include "sluice/base/sha256.hpp"

namespace sluice::api {
namespace {

// Carries a way out.
struct WeightPruner {
  ir::Graph& graph;
  PruneSummary& summary;

  Status operator()(std::monostate /*none*/) const { return {}; }
  Status operator()(const PruneBelow& way) const {
    return keep(sparse::prune_below(graph, way.thresholds));
  }
  Status operator()(const PruneToSparsity& way) const {
    return keep(sparse::prune_to_sparsity(graph, way.sparsities, way.scope));
  }
  Status operator()(const PruneToPattern& way) const {
    return keep(sparse::prune_to_pattern(graph, way.patterns, way.unfit));
  }
  Status operator()(const sparse::ChannelOptions& way) const {
    SL_TRY(summary.channels, sparse::prune_channels(graph, way));
    if (summary.channels->layers.empty()) return no_layers();
    return {};
  }

  Status keep(Result<sparse::PruneReport> report) const {
    if (!report) return std::move(report).error();
    summary.weights = *std::move(report);
    if (summary.weights->layers.empty()) return no_layers();
    return {};
  }

  Status no_layers() const {
    std::string what = "the network has no layer that can be pruned";
    if (summary.weights && !summary.weights->left_alone.empty()) {
      const sparse::LeftAlone& first = summary.weights->left_alone[0];
      what += fmt::format(": of {}, {}", first.name, first.reason);
    }
    return Error{ErrorCode::Unsupported, std::move(what)};
  }
};

bool changes_relus(const PruneOptions& options) {
  return options.relu_thresholds.all.has_value() || !options.relu_thresholds.layers.empty();
}

Status change(ir::Graph& graph, const PruneOptions& options, PruneSummary& summary) {
  SL_TRY_STATUS(std::visit(WeightPruner{graph, summary}, options.way));
  if (!changes_relus(options)) return {};
  SL_TRY(summary.relus, sparse::threshold_relus(graph, options.relu_thresholds));
  if (summary.relus.empty()) {
    summary.notes.emplace_back("the network has no ReLU, so there is none with a threshold");
  }
  return {};
}

}  // namespace

Result<PruneSummary> prune(const PruneOptions& options) {
  SL_TRY_STATUS(check_model_name(options.output));
  if (std::holds_alternative<std::monostate>(options.way) && !changes_relus(options)) {
    return invalid_argument(
        "nothing to prune: give --threshold, --sparsity, --nm, --channels or --relu-threshold");
  }
  SL_TRY(ir::Graph graph, load_model(options.model, {.input_shapes = options.input_shapes}));
  PruneSummary summary{.way = options.way};
  if (auto status = change(graph, options, summary); !status) {
    return std::move(status).error().at(options.model.string());
  }
  SL_TRY(summary.model_sha256, sha256_file(options.model));
  summary.model = options.model.filename().string();
  summary.output = options.output.string();
  SL_TRY_STATUS(write_model(graph, options.output));
  return summary;
}

}  // namespace sluice::api
