// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sluice/api/json_float.hpp"
#include "sluice/api/threshold_search.hpp"
#include "sluice/base/text.hpp"
#include "sluice/report/chart.hpp"
#include "sluice/report/table.hpp"

namespace sluice::api {
namespace {

constexpr double kPercent = 100;

std::string of_threshold(const LayerThresholds& thresholds, const std::string& layer) {
  const auto found = thresholds.find(layer);
  return found == thresholds.end() ? std::string() : fmt::format("{}", found->second);
}

std::vector<std::string> cells_of(const ThresholdSearchReport& report, std::string what,
                                  const Trial& trial) {
  return {std::move(what),
          fmt::format("{:.4g}", trial.fps),
          fmt::format("{:.2f}", report.speedup(trial)),
          fmt::format("{:.2f}", trial.top1_percent()),
          fmt::format("{:.2f}", trial.lost_points),
          fmt::format("{:.2f}", kPercent * trial.zero_products)};
}

report::Table trial_table(std::string title) {
  return report::Table({{std::move(title), report::Align::Left},
                        {"fps"},
                        {"x"},
                        {"top-1 %"},
                        {"points lost"},
                        {"zero products %"}});
}

std::string summary_text(const ThresholdSearchReport& report) {
  const Trial& best = report.trials[report.best];
  std::string text =
      fmt::format("{} in {} on {}, batch {}: policy {}, {} trials, {}\n\n", printable(report.model),
                  report.number_format, report.device, report.batch_size, to_string(report.policy),
                  report.trials.size() - 1,
                  report.has_fixed_design ? "the design as it was given" : "a design for each");
  report::Table table = trial_table("thresholds");
  table.add_row({"zeros not skipped", fmt::format("{:.4g}", report.dense_fps), "1.00",
                 fmt::format("{:.2f}", report.trials[0].top1_percent()), "", ""});
  table.add_row(cells_of(report, "none", report.trials[0]));
  if (report.best != 0) {
    table.add_row(cells_of(report, fmt::format("best, trial {}", best.number), best));
  }
  return text + table.text();
}

std::string layers_text(const ThresholdSearchReport& report) {
  const Trial& best = report.trials[report.best];
  const Trial& before = report.trials[0];
  report::Table table({{"convolution", report::Align::Left},
                       {"weight threshold"},
                       {"zero weights %"},
                       {"zero products %"},
                       {"before %"},
                       {"cycles"}});
  for (std::size_t i = 0; i < best.layers.size(); ++i) {
    const TrialLayer& layer = best.layers[i];
    table.add_row({printable(layer.name), of_threshold(best.thresholds.weights, layer.name),
                   fmt::format("{:.2f}", kPercent * layer.zero_weights),
                   fmt::format("{:.2f}", kPercent * layer.zero_products),
                   fmt::format("{:.2f}", kPercent * before.layers[i].zero_products),
                   report::with_commas(static_cast<std::int64_t>(layer.cycles))});
  }
  std::string text = "\n" + table.text();
  if (best.thresholds.rectifiers.empty()) return text;
  report::Table rectifiers({{"rectifier", report::Align::Left}, {"threshold"}});
  for (const auto& [layer, threshold] : best.thresholds.rectifiers) {
    rectifiers.add_row({printable(layer), fmt::format("{}", threshold)});
  }
  return text + "\n" + rectifiers.text();
}

std::string front_text(const ThresholdSearchReport& report) {
  report::Table table = trial_table("front");
  for (const std::size_t i : report.front) {
    table.add_row(
        cells_of(report, fmt::format("trial {}", report.trials[i].number), report.trials[i]));
  }
  return "\n" + table.text();
}

Json trial_json(const ThresholdSearchReport& report, const Trial& trial) {
  return {{"number", trial.number},
          {"ended", to_string(trial.end)},
          {"fps", trial.fps},
          {"speedup", report.speedup(trial)},
          {"images", trial.images},
          {"right", trial.right},
          {"right_before", trial.right_before},
          {"lost_points", trial.lost_points},
          {"least_lost_points", trial.least_lost_points},
          {"most_lost_points", trial.most_lost_points},
          {"zero_products", trial.zero_products},
          {"thresholds", to_json(trial.thresholds)}};
}

// Accuracy of all images, as far as it is known.
double top1_of(const ThresholdSearchReport& report, const Trial& trial) {
  return report.trials[0].top1_percent() - trial.lost_points;
}

report::ChartPoint point_of(const ThresholdSearchReport& report, const Trial& trial) {
  const double top1 = top1_of(report, trial);
  return {.x = top1,
          .y = trial.fps,
          .hint = fmt::format("trial {}: {:.4g} fps, top-1 {:.2f} %, {} images", trial.number,
                              trial.fps, top1, trial.images)};
}

}  // namespace

std::string to_text(const ThresholdSearchReport& report) {
  return summary_text(report) + layers_text(report) + front_text(report);
}

Json to_json(const ThresholdSearchReport& report) {
  const Trial& best = report.trials[report.best];
  Json trials = Json::array();
  for (const Trial& trial : report.trials) trials.push_back(trial_json(report, trial));
  Json layers = Json::array();
  for (const TrialLayer& layer : best.layers) {
    layers.push_back({{"name", layer.name},
                      {"zero_products", layer.zero_products},
                      {"zero_weights", layer.zero_weights},
                      {"cycles", layer.cycles}});
  }
  return {{"format", "sluice.sparsity-search/1"},
          {"tool", "sluice " SLUICE_VERSION},
          {"model", report.model},
          {"model_sha256", report.model_sha256},
          {"data", report.data},
          {"preprocess", report.preprocess},
          {"calibration", report.calibration},
          {"engine", report.engine},
          {"number_format", report.number_format},
          {"device", report.device},
          {"batch_size", report.batch_size},
          {"has_fixed_design", report.has_fixed_design},
          {"policy", to_string(report.policy)},
          {"tolerance_points", report.tolerance_points},
          {"seed", report.seed},
          {"is_complete", report.is_complete},
          {"dense_fps", report.dense_fps},
          {"best",
           {{"trial", best.number},
            {"top1_percent", best.top1_percent()},
            {"layers", std::move(layers)},
            {"design", best.design ? hw::to_json(*best.design) : Json()}}},
          {"front", report.front},
          {"trials", std::move(trials)},
          {"notes", report.notes}};
}

std::string front_svg(const ThresholdSearchReport& report) {
  report::Series all{"trials", report::Mark::Points, {}};
  for (const Trial& trial : report.trials) {
    if (trial.fps > 0) all.points.push_back(point_of(report, trial));
  }
  report::Series front{"front", report::Mark::Line, {}};
  for (const std::size_t i : report.front) {
    front.points.push_back(point_of(report, report.trials[i]));
  }
  // Far to the left are trials that lost everything: they would squeeze the others into a line.
  const double least = top1_of(report, report.trials[0]) - 4 * (report.tolerance_points + 0.5);
  report::Chart chart{.title = "Modelled throughput against accuracy",
                      .x = {.title = "top-1 %", .lowest = std::max(least, 0.0)},
                      .y = {.title = "feature maps a second"},
                      .series = {std::move(all), std::move(front)}};
  return report::chart_svg(chart);
}

}  // namespace sluice::api
