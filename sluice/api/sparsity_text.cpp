// SPDX-License-Identifier: Apache-2.0
// How a SparsityReport goes out: the tables, the page and the JSON.
#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "sluice/api/json_float.hpp"
#include "sluice/api/sparsity.hpp"
#include "sluice/base/divide.hpp"
#include "sluice/base/text.hpp"
#include "sluice/report/chart.hpp"
#include "sluice/report/markup.hpp"
#include "sluice/report/page.hpp"
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

report::Table rows_table(const SparsityReport& report) {
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
  return table;
}

// Zero products of the stream that has the fewest: the one that others wait for.
std::string densest_stream(const SparsityReport& report, const LayerSparsity& layer) {
  if (!layer.streams) return {};
  double least = 1;
  for (std::int64_t s = 0; s < layer.streams->channels; ++s) {
    const auto counts = layer.streams->channel(s);
    const sparse::ZeroHistogram one{1, layer.streams->kernel_size, {counts.begin(), counts.end()}};
    least = std::min(least, report.sparsity(sparse::totals_of(one)));
  }
  return percents(least);
}

report::Table layers_table(const SparsityReport& report, const SparsityRow& row) {
  std::vector<report::Table::Column> columns{{"layer", report::Align::Left},
                                             {"kernel", report::Align::Left},
                                             {"channels"},
                                             {"filters"},
                                             {"groups"},
                                             {"zero products %"},
                                             {"zero inputs %"},
                                             {"zero weights %"},
                                             {"zero windows %"}};
  if (report.streams) columns.push_back({"densest stream %"});
  report::Table table(std::move(columns));
  for (const LayerSparsity& layer : row.layers) {
    std::vector<std::string> cells{printable(layer.layer, 60),
                                   sluice::to_string(layer.kernel),
                                   report::with_commas(layer.histogram.channels),
                                   report::with_commas(layer.filters),
                                   report::with_commas(layer.groups),
                                   percents(report.sparsity(layer.products)),
                                   percents(share_of(layer.inputs)),
                                   percents(share_of(layer.weights)),
                                   percents(layer.products.zero_window_share())};
    if (report.streams) cells.push_back(densest_stream(report, layer));
    table.add_row(std::move(cells));
  }
  return table;
}

Json counts_json(const sparse::ZeroHistogram& histogram) {
  Json counts = Json::array();
  for (std::int64_t c = 0; c < histogram.channels; ++c) counts.push_back(histogram.channel(c));
  return counts;
}

// ---- the page

// The windows of all channels, by the zeros among their products.
std::string histogram_svg(const LayerSparsity& layer) {
  const auto kernel_size = layer.histogram.kernel_size;
  const auto all_channels = sparse::streams_of(layer.histogram, 1);
  report::Series bars{.mark = report::Mark::Bars};
  for (std::size_t zeros = 0; const double share : sparse::shares_of(*all_channels)) {
    bars.points.push_back({.x = static_cast<double>(zeros),
                           .y = 100 * share,
                           .hint = fmt::format("{} of {} products zero: {:.2f} % of the windows",
                                               zeros, kernel_size, 100 * share)});
    ++zeros;
  }
  return report::chart_svg({.title = layer.layer,
                            .x = {.title = "zero products in a window",
                                  .lowest = -0.5,
                                  .highest = static_cast<double>(kernel_size) + 0.5},
                            .y = {.title = "windows %", .lowest = 0},
                            .series = {std::move(bars)},
                            .width_px = 360,
                            .height_px = 220});
}

void add_row_to_page(std::string& out, const SparsityReport& report, const SparsityRow& row) {
  report::add(out, "<h2>{}</h2>\n", report::escaped(row.format));
  out += layers_table(report, row).html();
  for (const LayerSparsity& layer : row.layers) {
    report::add(out, "<figure><figcaption>{}</figcaption>{}</figure>\n",
                report::escaped(layer.layer), histogram_svg(layer));
  }
}

Json layer_json(const SparsityReport& report, const LayerSparsity& layer) {
  const sparse::ZeroMoments moments = sparse::moments_of(layer.histogram);
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
          {"zeros_histogram", counts_json(layer.histogram)},
          {"streams_histogram", layer.streams ? counts_json(*layer.streams) : Json::array()},
          {"zeros_mean", moments.mean},
          {"zeros_variance", moments.variance}};
}

}  // namespace

std::string to_text(const SparsityReport& report) {
  std::string text = rows_table(report).text();
  for (const SparsityRow& row : report.rows) {
    text += fmt::format("\n{}:\n{}", row.format, layers_table(report, row).text());
  }
  return text;
}

std::string to_html(const SparsityReport& report) {
  std::string out = report::page_head("Zeros in " + report.model);
  out += rows_table(report).html();
  report::add(out, "<p class=\"note\">{}; {}.</p>\n", report::escaped(report.data, 200),
              report.is_complete ? "all images were run" : "stopped before all images were run");
  for (const SparsityRow& row : report.rows) add_row_to_page(out, report, row);
  return out + std::string(report::kPageEnd);
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
