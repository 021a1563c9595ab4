// SPDX-License-Identifier: Apache-2.0
// How an AccumulatorReport goes out: the table and the JSON.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sluice/api/simulate.hpp"
#include "sluice/base/text.hpp"
#include "sluice/report/table.hpp"

namespace sluice::api {
namespace {

std::string range_text(const exact::SumRange& range) {
  return fmt::format("{} … {}", report::with_commas(range.lowest),
                     report::with_commas(range.highest));
}

Json to_json(const AccumulatorRow& row) {
  Json json{{"layer", row.layer}, {"op", row.op}};
  if (row.proven) {
    json["proven"] = {row.proven->lowest, row.proven->highest};
    json["proven_bits"] = *row.proven_bits();
    json["spare_bits"] = *row.spare_bits();
  }
  json["observed"] = {row.observed.lowest, row.observed.highest};
  json["observed_bits"] = row.observed_bits();
  json["used_bits"] = row.used_bits;
  json["sums"] = row.sums;
  json["overflows"] = row.overflows;
  return json;
}

}  // namespace

std::string to_text(const AccumulatorReport& report) {
  report::Table table({{"layer", report::Align::Left},
                       {"op", report::Align::Left},
                       {"proven"},
                       {"bits"},
                       {"observed"},
                       {"bits"},
                       {"used"},
                       {"spare"},
                       {"overflows"}});
  for (const AccumulatorRow& row : report.rows) {
    table.add_row({printable(row.layer, 60), row.op, row.proven ? range_text(*row.proven) : "",
                   row.proven ? fmt::format("{}", *row.proven_bits()) : "",
                   range_text(row.observed), fmt::format("{}", row.observed_bits()),
                   fmt::format("{}", row.used_bits),
                   row.proven ? fmt::format("{}", *row.spare_bits()) : "",
                   report::with_commas(row.overflows)});
  }
  return fmt::format("{}\nproven: every partial sum of any input; observed: {} {}\n", table.text(),
                     report::with_commas(report.runs), report.runs == 1 ? "input" : "inputs");
}

Json to_json(const AccumulatorReport& report) {
  Json rows = Json::array();
  for (const AccumulatorRow& row : report.rows) rows.push_back(to_json(row));
  return {{"format", "sluice.accumulators/1"},
          {"tool", "sluice " SLUICE_VERSION},
          {"model", report.model},
          {"model_sha256", report.model_sha256},
          {"inputs", report.runs},
          {"overflows", report.num_overflows()},
          {"layers", std::move(rows)}};
}

}  // namespace sluice::api
