// SPDX-License-Identifier: Apache-2.0
// How the reports of diff and detect go out: tables and JSON.
#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sluice/api/diff.hpp"
#include "sluice/base/text.hpp"
#include "sluice/report/table.hpp"
#include "sluice/runtime/reference/index.hpp"

namespace sluice::api {
namespace {

using exact::compare::Cause;
using exact::compare::Differences;

std::vector<std::int64_t> position_of(std::size_t index, const Shape& shape) {
  return runtime::reference::index_of(static_cast<std::int64_t>(index), shape);
}

// The low bits, the most significant first.
std::string binary(std::int64_t code, int bits) {
  std::string digits;
  for (int bit = bits - 1; bit >= 0; --bit) digits += ((code >> bit) & 1) != 0 ? '1' : '0';
  return digits;
}

// "double-rounding 12, tie 3", or nothing.
std::string causes_text(const Differences& differences) {
  std::vector<std::string> parts;
  for (std::size_t c = 0; c < exact::compare::kNumCauses; ++c) {
    if (differences.causes[c] == 0) continue;
    parts.push_back(fmt::format("{} {}", exact::compare::to_string(static_cast<Cause>(c)),
                                report::with_commas(differences.causes[c])));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

const Differences* shown(const DiffRow& row) {
  if (row.is_judged && row.own.count > 0) return &row.own;
  return !row.is_judged && row.all.count > 0 ? &row.all : nullptr;
}

std::string first_text(const DiffRow& row) {
  const Differences* differences = shown(row);
  if (differences == nullptr) return "";
  return fmt::format("[{}]: {} ({}) and {} ({})",
                     fmt::join(position_of(differences->first, row.shape), ", "), row.first_a,
                     binary(row.first_a, row.bits), row.first_b, binary(row.first_b, row.bits));
}

std::string own_text(const DiffRow& row) {
  if (!row.inputs_differ) return row.all.count > 0 ? causes_text(row.own) : "";
  if (!row.is_judged) return "inputs differ";
  if (row.own.count == 0) return "inputs differ; none of its own";
  return fmt::format("inputs differ; of its own {}: {}", report::with_commas(row.own.count),
                     causes_text(row.own));
}

std::string notes_text(const std::vector<std::string>& notes) {
  std::string text;
  for (const std::string& note : notes) text += fmt::format("note: {}\n", note);
  return text;
}

Json to_json(const Differences& differences) {
  Json causes = Json::object();
  for (std::size_t c = 0; c < exact::compare::kNumCauses; ++c) {
    if (differences.causes[c] == 0) continue;
    causes[std::string(exact::compare::to_string(static_cast<Cause>(c)))] = differences.causes[c];
  }
  return {{"count", differences.count}, {"causes", std::move(causes)}};
}

Json to_json(const DiffRow& row) {
  Json json{{"layer", row.layer},
            {"op", row.op},
            {"elements", num_elements(row.shape)},
            {"differences", row.all.count},
            {"inputs_differ", row.inputs_differ}};
  if (row.is_judged) json["own"] = to_json(row.own);
  if (const Differences* differences = shown(row)) {
    json["first"] = {{"position", position_of(differences->first, row.shape)},
                     {"a", row.first_a},
                     {"b", row.first_b}};
  }
  return json;
}

std::string name_of(std::size_t arithmetic) {
  return std::string(numeric::to_string(static_cast<numeric::Arithmetic>(arithmetic)));
}

// The arithmetics that reproduce the layer, else the nearest.
std::string found_text(const DetectRow& row) {
  std::vector<std::string> exact;
  std::size_t nearest = numeric::kNumArithmetics;
  for (std::size_t a = 0; a < numeric::kNumArithmetics; ++a) {
    if (row.differences[a] < 0) continue;
    if (row.differences[a] == 0) exact.push_back(name_of(a));
    if (nearest == numeric::kNumArithmetics || row.differences[a] < row.differences[nearest])
      nearest = a;
  }
  if (!exact.empty()) return fmt::format("{}", fmt::join(exact, " "));
  if (nearest == numeric::kNumArithmetics) return "none: not computed on codes";
  return fmt::format("none; {} differs in {}", name_of(nearest),
                     report::with_commas(row.differences[nearest]));
}

}  // namespace

std::string to_text(const DiffReport& report) {
  report::Table table({{"layer", report::Align::Left},
                       {"op", report::Align::Left},
                       {"elements"},
                       {"differ"},
                       {"why", report::Align::Left},
                       {"first: A and B", report::Align::Left}});
  Differences total;
  for (const DiffRow& row : report.rows) {
    table.add_row({printable(row.layer, 60), row.op, report::with_commas(num_elements(row.shape)),
                   report::with_commas(row.all.count), own_text(row), first_text(row)});
    if (!row.is_judged) continue;
    for (std::size_t c = 0; c < exact::compare::kNumCauses; ++c) {
      total.causes[c] += row.own.causes[c];
    }
  }
  const std::string causes = causes_text(total);
  return fmt::format("{}\n{} of {} layers differ{}{}\n{}", table.text(),
                     report::with_commas(report.num_different()),
                     report::with_commas(static_cast<std::int64_t>(report.rows.size())),
                     causes.empty() ? "" : "; by themselves: ", causes, notes_text(report.notes));
}

Json to_json(const DiffReport& report) {
  Json rows = Json::array();
  for (const DiffRow& row : report.rows) rows.push_back(to_json(row));
  return {{"format", "sluice.diff/1"},
          {"tool", "sluice " SLUICE_VERSION},
          {"a", report.a},
          {"b", report.b},
          {"different_layers", report.num_different()},
          {"layers", std::move(rows)},
          {"notes", report.notes}};
}

std::string to_text(const DetectReport& report) {
  report::Table table({{"layer", report::Align::Left},
                       {"op", report::Align::Left},
                       {"elements"},
                       {"reproduced by", report::Align::Left}});
  for (const DetectRow& row : report.rows) {
    table.add_row(
        {printable(row.layer, 60), row.op, report::with_commas(row.elements), found_text(row)});
  }
  std::vector<std::string> counts;
  for (std::size_t a = 0; a < numeric::kNumArithmetics; ++a) {
    const auto count = report.num_reproduced(static_cast<numeric::Arithmetic>(a));
    counts.push_back(fmt::format("{}: {}", name_of(a), report::with_commas(count)));
  }
  return fmt::format("{}\nlayers reproduced, of {}: {}; by none: {}\n{}", table.text(),
                     report.rows.size(), fmt::join(counts, ", "), report.num_unexplained(),
                     notes_text(report.notes));
}

Json to_json(const DetectReport& report) {
  Json rows = Json::array();
  for (const DetectRow& row : report.rows) {
    Json differences = Json::object();
    for (std::size_t a = 0; a < numeric::kNumArithmetics; ++a) {
      if (row.differences[a] >= 0) differences[name_of(a)] = row.differences[a];
    }
    rows.push_back({{"layer", row.layer},
                    {"op", row.op},
                    {"elements", row.elements},
                    {"differences", std::move(differences)}});
  }
  Json reproduced = Json::object();
  for (std::size_t a = 0; a < numeric::kNumArithmetics; ++a) {
    reproduced[name_of(a)] = report.num_reproduced(static_cast<numeric::Arithmetic>(a));
  }
  return {{"format", "sluice.detect/1"},
          {"tool", "sluice " SLUICE_VERSION},
          {"model", report.model},
          {"dump", report.dump},
          {"reproduced", std::move(reproduced)},
          {"unexplained", report.num_unexplained()},
          {"layers", std::move(rows)},
          {"notes", report.notes}};
}

}  // namespace sluice::api
