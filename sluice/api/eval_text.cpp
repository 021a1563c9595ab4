// SPDX-License-Identifier: Apache-2.0
// How an EvalReport goes out: the table and the JSON.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sluice/api/eval.hpp"
#include "sluice/api/json_float.hpp"
#include "sluice/base/divide.hpp"
#include "sluice/report/table.hpp"

namespace sluice::api {

double EvalRow::top1_percent() const {
  return percent_of(top1, images);
}

double EvalRow::top5_percent() const {
  return percent_of(top5, images);
}

double EvalRow::images_per_second() const {
  return seconds > 0 ? static_cast<double>(images) / seconds : 0;
}

double EvalRow::zero_weights_percent() const {
  return percent_of(zero_weights, weights);
}

std::string to_text(const EvalReport& report) {
  std::vector<report::Table::Column> columns{{"format", report::Align::Left},
                                             {"top-1 %"},
                                             {"top-5 %"},
                                             {"drop"},
                                             {"right"},
                                             {"images"},
                                             {"skipped"},
                                             {"seconds"},
                                             {"images/s"}};
  if (report.weight_threshold) columns.push_back({"zero weights %"});
  report::Table table(std::move(columns));
  for (const EvalRow& row : report.rows) {
    const double drop = report.rows[0].top1_percent() - row.top1_percent();
    std::vector<std::string> cells{row.format,
                                   fmt::format("{:.2f}", row.top1_percent()),
                                   fmt::format("{:.2f}", row.top5_percent()),
                                   &row == &report.rows[0] ? "" : fmt::format("{:.2f}", drop),
                                   report::with_commas(row.top1),
                                   report::with_commas(row.images),
                                   report::with_commas(row.skipped),
                                   fmt::format("{:.2f}", row.seconds),
                                   fmt::format("{:.1f}", row.images_per_second())};
    if (report.weight_threshold) {
      cells.push_back(fmt::format("{:.2f}", row.zero_weights_percent()));
    }
    table.add_row(std::move(cells));
  }
  std::string text = table.text();
  for (const EvalRow& row : report.rows) {
    if (!row.layers.empty()) text += fmt::format("\n{}:\n{}", row.format, to_text(row.layers));
  }
  return text;
}

Json to_json(const EvalReport& report) {
  Json rows = Json::array();
  for (const EvalRow& row : report.rows) {
    rows.push_back({{"number_format", row.format},
                    {"top1_percent", row.top1_percent()},
                    {"top5_percent", row.top5_percent()},
                    {"top1", row.top1},
                    {"top5", row.top5},
                    {"images", row.images},
                    {"skipped", row.skipped},
                    {"seconds", row.seconds},
                    {"images_per_second", row.images_per_second()}});
    if (!report.weight_threshold) continue;
    rows.back()["weights"] = row.weights;
    rows.back()["zero_weights"] = row.zero_weights;
  }
  return {{"format", "sluice.eval/1"},
          {"tool", "sluice " SLUICE_VERSION},
          {"seed", report.seed},
          {"model", report.model},
          {"model_sha256", report.model_sha256},
          {"data", report.data},
          {"preprocess", report.preprocess},
          {"calibration", report.calibration},
          {"calibration_images", report.calibration_images},
          {"engine", report.engine},
          {"batch", report.batch},
          {"arithmetic", report.arithmetic},
          {"weight_threshold", json_float(report.weight_threshold)},
          {"relu_threshold", json_float(report.relu_threshold)},
          {"rows", std::move(rows)},
          {"notes", report.notes}};
}

}  // namespace sluice::api
