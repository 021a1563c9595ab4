// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/sensitivity.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <nlohmann/json.hpp>

#include "sluice/base/divide.hpp"
#include "sluice/base/interrupt.hpp"
#include "sluice/base/progress.hpp"
#include "sluice/base/sha256.hpp"
#include "sluice/base/text.hpp"
#include "sluice/report/table.hpp"

namespace sluice::api {
namespace {

class SensitivitySweep {
 public:
  explicit SensitivitySweep(const SensitivityOptions& options) : options_(options) {}

  Result<SensitivityReport> run() {
    SL_TRY_STATUS(open());
    ir::Graph untouched = network_->graph_of_file();
    SL_TRY(const sparse::PruneReport layers, sparse::prune_to_sparsity(untouched, {0.0}));
    if (layers.layers.empty()) {
      return Error{ErrorCode::Unsupported, "the network has no layer that can be pruned",
                   options_.model.string()};
    }
    list(layers);
    const auto variants =
        static_cast<std::int64_t>(1 + layers.layers.size() * options_.sparsities.size());
    Progress bar({.what = "sensitivity", .total = variants * network_->num_images()},
                 options_.quiet);
    bar_ = &bar;
    SL_TRY(const auto baseline, right_of(network_->graph_of_file()));
    if (!baseline) return Error{ErrorCode::Interrupted, "stopped before anything was known"};
    report_.top1 = *baseline;
    SL_TRY_STATUS(sweep());
    report_.notes = network_->notes();
    return std::move(report_);
  }

 private:
  Status open() {
    for (const double sparsity : options_.sparsities) {
      if (sparsity >= 0 && sparsity <= 1) continue;
      return invalid_argument(
          fmt::format("a sparsity is a part of the weights, from 0 to 1, got {}", sparsity));
    }
    SL_TRY(network_, ImageNetwork::open(options_, {numeric::Format()}));
    SL_TRY(report_.model_sha256, sha256_file(options_.model));
    report_.model = options_.model.filename().string();
    report_.data = options_.data.string();
    report_.preprocess = options_.preprocess;
    report_.sparsities = options_.sparsities;
    return {};
  }

  void list(const sparse::PruneReport& layers) {
    for (const sparse::PrunedLayer& layer : layers.layers) {
      report_.layers.push_back(
          {layer.name, layer.op, layer.weights,
           std::vector<std::optional<std::int64_t>>(options_.sparsities.size())});
    }
    for (const sparse::LeftAlone& layer : layers.left_alone) {
      network_->note(
          fmt::format("left alone: {} ({}): {}", printable(layer.name), layer.op, layer.reason));
    }
  }

  Status sweep() {
    for (SensitivityLayer& layer : report_.layers) {
      for (std::size_t s = 0; s < options_.sparsities.size(); ++s) {
        ir::Graph pruned = network_->graph_of_file();
        SL_TRY(const auto done,
               sparse::prune_to_sparsity(pruned, {0, {{layer.name, options_.sparsities[s]}}}));
        SL_TRY(layer.top1[s], right_of(std::move(pruned)));
        if (layer.top1[s]) continue;
        report_.is_complete = false;
        return {};
      }
    }
    return {};
  }

  // How many images the network is right about; nothing if it was stopped.
  Result<std::optional<std::int64_t>> right_of(ir::Graph graph) {
    SL_TRY_STATUS(prepare(graph, quant::Compat::None));
    SL_TRY(const auto executor, make_executor(std::move(graph), {}, {}, options_.network));
    data::Loader loader = network_->loader();
    data::Accuracy accuracy;
    const std::int64_t before = done_;
    while (true) {
      SL_TRY(const auto batch, loader.next());
      if (!batch) break;
      const std::vector<Tensor> inputs{network_->input_of(*batch)};
      SL_TRY(const auto outputs, executor->run(inputs));
      SL_TRY(const data::Accuracy scored, network_->accuracy_of(*batch, outputs[0]));
      accuracy += scored;
      done_ = before + batch->end;
      bar_->update(done_);
      if (interrupted()) return std::optional<std::int64_t>();
    }
    done_ = before + network_->num_images();
    network_->note_skipped(loader.skipped());
    report_.images = accuracy.count;
    return std::optional(accuracy.top1);
  }

  const SensitivityOptions& options_;
  SensitivityReport report_;
  std::unique_ptr<ImageNetwork> network_;
  std::int64_t done_ = 0;  // images gone through, of all variants
  Progress* bar_ = nullptr;
};

}  // namespace

Result<SensitivityReport> sensitivity(const SensitivityOptions& options) {
  return SensitivitySweep(options).run();
}

std::string to_text(const SensitivityReport& report) {
  std::vector<report::Table::Column> columns{
      {"layer", report::Align::Left}, {"operator", report::Align::Left}, {"weights"}};
  for (const double sparsity : report.sparsities) columns.push_back({fmt::format("{}", sparsity)});
  report::Table table(std::move(columns));
  for (const SensitivityLayer& layer : report.layers) {
    std::vector<std::string> cells{printable(layer.name), layer.op,
                                   report::with_commas(layer.weights)};
    for (const auto& top1 : layer.top1) {
      cells.push_back(top1 ? fmt::format("{:.2f}", percent_of(*top1, report.images))
                           : std::string());
    }
    table.add_row(std::move(cells));
  }
  return fmt::format("top-1 % with one layer pruned to a sparsity; {:.2f} with none, {} images\n\n",
                     percent_of(report.top1, report.images), report::with_commas(report.images)) +
         table.text();
}

Json to_json(const SensitivityReport& report) {
  Json layers = Json::array();
  for (const SensitivityLayer& layer : report.layers) {
    Json top1 = Json::array();
    for (const auto& right : layer.top1) top1.push_back(right ? Json(*right) : Json());
    layers.push_back({{"name", layer.name},
                      {"operator", layer.op},
                      {"weights", layer.weights},
                      {"top1", std::move(top1)}});
  }
  return {{"format", "sluice.sensitivity/1"},
          {"tool", "sluice " SLUICE_VERSION},
          {"model", report.model},
          {"model_sha256", report.model_sha256},
          {"data", report.data},
          {"preprocess", report.preprocess},
          {"sparsities", report.sparsities},
          {"images", report.images},
          {"top1", report.top1},
          {"complete", report.is_complete},
          {"layers", std::move(layers)},
          {"notes", report.notes}};
}

}  // namespace sluice::api
