// SPDX-License-Identifier: Apache-2.0
// How a SparsityReport goes out: the tables and the JSON.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "sluice/api/json_float.hpp"
#include "sluice/api/sparsity.hpp"
#include "sluice/base/divide.hpp"
#include "sluice/base/text.hpp"
#include "sluice/report/table.hpp"

namespace sluice::api {
namespace {

double share_of(const sparse::ZeroShare& share) {
  return sluice::share_of(share.zeros, share.numbers);
}

std::string percents(double share) {
  return fmt::format("{:.2f}", 100 * share);
}

sparse::ZeroShare sum_of(const SparsityRow& row, sparse::ZeroShare LayerSparsity::*share) {
  sparse::ZeroShare sum;
  for (const LayerSparsity& layer : row.layers) {
    sum.numbers += (layer.*share).numbers;
    sum.zeros += (layer.*share).zeros;
  }
  return sum;
}

std::string rows_text(const SparsityReport& report) {
  report::Table table({{"format", report::Align::Left},
                       {"top-1 %"},
                       {"images"},
                       {"zero products %"},
                       {"zero inputs %"},
                       {"zero weights %"},
                       {"zero windows %"}});
  for (const SparsityRow& row : report.rows) {
    const sparse::ZeroTotals products = row.products();
    table.add_row({row.format, fmt::format("{:.2f}", row.accuracy.top1_percent()),
                   report::with_commas(row.accuracy.count), percents(report.sparsity(products)),
                   percents(share_of(sum_of(row, &LayerSparsity::inputs))),
                   percents(share_of(sum_of(row, &LayerSparsity::weights))),
                   percents(products.zero_window_share())});
  }
  return table.text();
}

std::string layers_text(const SparsityReport& report, const SparsityRow& row) {
  report::Table table({{"layer", report::Align::Left},
                       {"kernel", report::Align::Left},
                       {"channels"},
                       {"filters"},
                       {"groups"},
                       {"zero products %"},
                       {"zero inputs %"},
                       {"zero weights %"},
                       {"zero windows %"}});
  for (const LayerSparsity& layer : row.layers) {
    table.add_row({printable(layer.layer, 60), sluice::to_string(layer.kernel),
                   report::with_commas(layer.histogram.channels),
                   report::with_commas(layer.filters), report::with_commas(layer.groups),
                   percents(report.sparsity(layer.products)), percents(share_of(layer.inputs)),
                   percents(share_of(layer.weights)),
                   percents(layer.products.zero_window_share())});
  }
  return fmt::format("\n{}:\n{}", row.format, table.text());
}

Json layer_json(const SparsityReport& report, const LayerSparsity& layer) {
  const sparse::ZeroMoments moments = sparse::moments_of(layer.histogram);
  Json histogram = Json::array();
  for (std::int64_t c = 0; c < layer.histogram.channels; ++c) {
    histogram.push_back(layer.histogram.channel(c));
  }
  return {{"layer", layer.layer},
          {"kernel", layer.kernel},
          {"channels", layer.histogram.channels},
          {"filters", layer.filters},
          {"groups", layer.groups},
          {"products", layer.products.products},
          {"zero_products", layer.products.zeros},
          {"sparsity", report.sparsity(layer.products)},
          {"input_sparsity", share_of(layer.inputs)},
          {"weight_sparsity", share_of(layer.weights)},
          {"zero_window_share", layer.products.zero_window_share()},
          {"zeros_histogram", std::move(histogram)},
          {"zeros_mean", moments.mean},
          {"zeros_variance", moments.variance}};
}

}  // namespace

std::string to_text(const SparsityReport& report) {
  std::string text = rows_text(report);
  for (const SparsityRow& row : report.rows) text += layers_text(report, row);
  return text;
}

Json to_json(const SparsityReport& report) {
  Json rows = Json::array();
  for (const SparsityRow& row : report.rows) {
    const sparse::ZeroTotals products = row.products();
    Json layers = Json::array();
    for (const LayerSparsity& layer : row.layers) layers.push_back(layer_json(report, layer));
    rows.push_back({{"number_format", row.format},
                    {"images", row.accuracy.count},
                    {"top1_percent", row.accuracy.top1_percent()},
                    {"products", products.products},
                    {"zero_products", products.zeros},
                    {"sparsity", report.sparsity(products)},
                    {"input_sparsity", share_of(sum_of(row, &LayerSparsity::inputs))},
                    {"weight_sparsity", share_of(sum_of(row, &LayerSparsity::weights))},
                    {"zero_window_share", products.zero_window_share()},
                    {"layers", std::move(layers)}});
  }
  return {{"format", "sluice.sparsity/1"},
          {"tool", "sluice " SLUICE_VERSION},
          {"model", report.model},
          {"model_sha256", report.model_sha256},
          {"data", report.data},
          {"preprocess", report.preprocess},
          {"calibration", report.calibration},
          {"engine", report.engine},
          {"arithmetic", report.arithmetic},
          {"weight_threshold", json_float(report.weight_threshold)},
          {"relu_threshold", json_float(report.relu_threshold)},
          {"seed", report.seed},
          {"averages", report.is_published ? "fpgaconvnet" : "products"},
          {"is_complete", report.is_complete},
          {"rows", std::move(rows)},
          {"notes", report.notes}};
}

}  // namespace sluice::api
