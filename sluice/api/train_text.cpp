// SPDX-License-Identifier: Apache-2.0
// How a TrainReport goes out: the table, the JSON, the log and its charts.
#include <fmt/format.h>
#include <functional>
#include <nlohmann/json.hpp>

#include "sluice/api/train.hpp"
#include "sluice/base/divide.hpp"
#include "sluice/report/chart.hpp"
#include "sluice/report/table.hpp"

namespace sluice::api {
namespace {

double train_top1(const train::EpochRow& row) {
  return percent_of(row.right, row.images);
}

Json quantization_json(const train::Recipe& recipe) {
  if (!recipe.quantization) return {};
  const train::QuantizationRecipe& how = *recipe.quantization;
  return {{"steps", train::has_powers_of_two(how) ? "power-of-two" : "any"},
          {"step_start", train::to_string(how.activations.start)},
          {"weights_by", how.weights.axis ? "channel" : "tensor"},
          {"act_clip", how.activations.clip},
          {"act_range", how.activations.range},
          {"input_bits", how.input_bits.value_or(how.edge_bits)},
          {"first_bits", how.first_bits.value_or(how.edge_bits)},
          {"last_bits", how.last_bits.value_or(how.edge_bits)},
          {"weight_quantizer", train::to_string(how.weights.kind)},
          {"weight_bits", how.weights.bits},
          {"act_quantizer", train::to_string(how.activations.kind)},
          {"act_bits", how.activations.bits}};
}

Json recipe_json(const train::Recipe& recipe) {
  const train::OptimizerOptions& optimizer = recipe.optimizer;
  const train::Schedule& schedule = recipe.schedule;
  return {{"optimizer", train::to_string(optimizer.method)},
          {"momentum", optimizer.momentum},
          {"nesterov", optimizer.nesterov},
          {"betas", {optimizer.beta1, optimizer.beta2}},
          {"epsilon", optimizer.epsilon},
          {"weight_decay", optimizer.weight_decay},
          {"decays_all", optimizer.decays_all},
          {"rate", schedule.rate},
          {"schedule", train::to_string(schedule.decay)},
          {"steps", schedule.steps},
          {"warm_up_steps", schedule.warm_up_steps},
          {"step_factor", schedule.factor},
          {"step_at", schedule.at},
          {"label_smoothing", recipe.label_smoothing},
          {"teacher_weight", recipe.teacher_weight},
          {"temperature", recipe.temperature},
          {"mixup_alpha", recipe.mixup_alpha},
          {"max_gradient_norm", recipe.max_gradient_norm},
          {"average_decay", recipe.average_decay},
          {"frozen", recipe.frozen},
          {"learns_clips", recipe.learns_clips},
          {"precision", train::to_string(recipe.precision)},
          {"quantization", quantization_json(recipe)},
          {"seed", recipe.seed}};
}

report::Series line_of(std::string name, const std::vector<train::EpochRow>& rows,
                       const std::function<double(const train::EpochRow&)>& value) {
  report::Series series{.name = std::move(name), .mark = report::Mark::Line};
  series.points.reserve(rows.size());
  for (const train::EpochRow& row : rows) {
    series.points.push_back({static_cast<double>(row.epoch), value(row)});
  }
  return series;
}

bool has_validation(const std::vector<train::EpochRow>& rows) {
  return !rows.empty() && rows[0].validation.count > 0;
}

}  // namespace

std::string to_text(const TrainReport& report) {
  const bool is_validated = has_validation(report.rows);
  std::vector<report::Table::Column> columns{
      {"epoch"}, {"rate"}, {"loss"}, {"top-1 %"}, {"images/s"}};
  if (is_validated) {
    columns.push_back({"validation loss"});
    columns.push_back({"top-1 %"});
    columns.push_back({"top-5 %"});
  }
  report::Table table(std::move(columns));
  for (const train::EpochRow& row : report.rows) {
    std::vector<std::string> cells{
        std::to_string(row.epoch), fmt::format("{:.3g}", row.rate), fmt::format("{:.4f}", row.loss),
        fmt::format("{:.2f}", train_top1(row)), fmt::format("{:.0f}", row.images_per_s)};
    if (is_validated) {
      cells.push_back(fmt::format("{:.4f}", row.validation_loss));
      cells.push_back(fmt::format("{:.2f}", row.validation.top1_percent()));
      cells.push_back(fmt::format("{:.2f}", row.validation.top5_percent()));
    }
    table.add_row(std::move(cells));
  }
  std::string text = table.text();
  if (report.best_epoch)
    text += fmt::format("\nbest in validation: epoch {}\n", *report.best_epoch);
  return text;
}

Json to_json(const TrainReport& report) {
  Json rows = Json::array();
  for (const train::EpochRow& row : report.rows) {
    rows.push_back({{"epoch", row.epoch},
                    {"rate", row.rate},
                    {"loss", row.loss},
                    {"images", row.images},
                    {"top1_percent", train_top1(row)},
                    {"validation_images", row.validation.count},
                    {"validation_loss", row.validation_loss},
                    {"validation_top1_percent", row.validation.top1_percent()},
                    {"validation_top5_percent", row.validation.top5_percent()},
                    {"images_per_s", row.images_per_s}});
  }
  return {{"format", "sluice.training/1"},
          {"tool", "sluice " SLUICE_VERSION},
          {"model", report.model},
          {"model_sha256", report.model_sha256},
          {"checkpoint", report.checkpoint},
          {"data", report.data},
          {"validation", report.validation},
          {"preprocess", report.preprocess},
          {"augmentation", report.augmentation},
          {"teacher", report.teacher},
          {"device", report.device},
          {"images", report.images},
          {"batch", report.batch},
          {"parameters", report.parameters},
          {"recipe", recipe_json(report.recipe)},
          {"best_epoch", report.best_epoch ? Json(*report.best_epoch) : Json()},
          {"rows", std::move(rows)}};
}

std::string to_csv(const std::vector<train::EpochRow>& rows) {
  std::string text =
      "epoch,rate,loss,top1_percent,validation_loss,validation_top1_percent,"
      "validation_top5_percent,images_per_s\n";
  for (const train::EpochRow& row : rows) {
    text += fmt::format("{},{},{},{},{},{},{},{:.1f}\n", row.epoch, row.rate, row.loss,
                        train_top1(row), row.validation_loss, row.validation.top1_percent(),
                        row.validation.top5_percent(), row.images_per_s);
  }
  return text;
}

std::string loss_svg(const std::vector<train::EpochRow>& rows) {
  report::Chart chart{
      .title = "Loss", .x = {.title = "epoch"}, .y = {.title = "loss", .lowest = 0}};
  chart.series.push_back(line_of("training", rows, [](const auto& row) { return row.loss; }));
  if (has_validation(rows)) {
    chart.series.push_back(
        line_of("validation", rows, [](const auto& row) { return row.validation_loss; }));
  }
  return report::chart_svg(chart);
}

std::string accuracy_svg(const std::vector<train::EpochRow>& rows) {
  report::Chart chart{.title = "Accuracy", .x = {.title = "epoch"}, .y = {.title = "top-1 %"}};
  chart.series.push_back(line_of("training", rows, train_top1));
  if (has_validation(rows)) {
    chart.series.push_back(
        line_of("validation", rows, [](const auto& row) { return row.validation.top1_percent(); }));
  }
  return report::chart_svg(chart);
}

}  // namespace sluice::api
