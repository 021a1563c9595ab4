// SPDX-License-Identifier: Apache-2.0
// How an EncodeReport goes out: the table and the JSON.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sluice/api/encode.hpp"
#include "sluice/base/text.hpp"
#include "sluice/report/table.hpp"

namespace sluice::api {
namespace {

using sparse::Encoding;

std::string ratio_text(std::optional<double> ratio) {
  return ratio ? fmt::format("{:.4f}", *ratio) : "";
}

report::Table table_for(const std::vector<Encoding>& encodings) {
  std::vector<report::Table::Column> columns{{"layer", report::Align::Left},
                                             {"op", report::Align::Left},
                                             {"tensor", report::Align::Left},
                                             {"codes"},
                                             {"bits"},
                                             {"entropy"}};
  bool has_table = false;
  for (const Encoding& encoding : encodings) {
    columns.push_back({sparse::to_string(encoding)});
    has_table = has_table || encoding.kind == Encoding::Kind::Huffman;
  }
  if (has_table) columns.push_back({"table bits"});
  return report::Table(std::move(columns));
}

// The columns of the encodings, and of the largest table where there may be one.
void add_compressions(std::vector<std::string>& cells, const TensorCompression& tensor,
                      const std::vector<Encoding>& encodings) {
  bool has_table = false;
  std::uint64_t table_bits = 0;
  for (std::size_t i = 0; i < encodings.size(); ++i) {
    const auto& compression = tensor.compressions[i];
    cells.push_back(ratio_text(compression ? std::optional(compression->ratio) : std::nullopt));
    has_table = has_table || encodings[i].kind == Encoding::Kind::Huffman;
    if (compression) table_bits = std::max(table_bits, compression->table_bits);
  }
  if (!has_table) return;
  cells.push_back(table_bits == 0 ? ""
                                  : report::with_commas(static_cast<std::int64_t>(table_bits)));
}

void add_mean(report::Table& table, const RoleMeans& means, const char* how,
              std::optional<double> MeanRatio::*which, const std::vector<Encoding>& encodings) {
  std::vector<std::string> cells{how, "", means.role, "", "", ratio_text(means.entropy.*which)};
  bool has_table = false;
  for (std::size_t i = 0; i < encodings.size(); ++i) {
    cells.push_back(ratio_text(means.ratios[i].*which));
    has_table = has_table || encodings[i].kind == Encoding::Kind::Huffman;
  }
  if (has_table) cells.emplace_back();
  table.add_row(std::move(cells));
}

std::string to_text(const FormatCompression& format, const std::vector<Encoding>& encodings) {
  report::Table table = table_for(encodings);
  for (const LayerCompression& layer : format.layers) {
    for (const TensorCompression& tensor : layer.tensors) {
      std::vector<std::string> cells{printable(layer.layer, 60),
                                     layer.op,
                                     tensor.role,
                                     report::with_commas(static_cast<std::int64_t>(tensor.codes)),
                                     fmt::format("{}", tensor.alphabet.bits),
                                     ratio_text(tensor.entropy_ratio)};
      add_compressions(cells, tensor, encodings);
      table.add_row(std::move(cells));
    }
  }
  const auto all = format.means();
  for (const RoleMeans& means : all) {
    add_mean(table, means, "mean", &MeanRatio::plain, encodings);
  }
  for (const RoleMeans& means : all) {
    add_mean(table, means, "mean by size", &MeanRatio::by_size, encodings);
  }
  return fmt::format("{}:\n{}", format.format, table.text());
}

Json number_or_null(std::optional<double> number) {
  return number ? Json(*number) : Json();
}

Json to_json(const TensorCompression& tensor, const std::vector<Encoding>& encodings) {
  Json list = Json::array();
  for (std::size_t i = 0; i < encodings.size(); ++i) {
    const auto& compression = tensor.compressions[i];
    if (!compression) continue;
    Json entry{{"encoding", sparse::to_string(encodings[i])}, {"ratio", compression->ratio}};
    if (compression->table_bits > 0) entry["table_bits"] = compression->table_bits;
    list.push_back(std::move(entry));
  }
  return {{"role", tensor.role},
          {"value", tensor.value},
          {"bits", tensor.alphabet.bits},
          {"signed", tensor.alphabet.is_signed},
          {"shape", tensor.shape},
          {"codes", tensor.codes},
          {"entropy_ratio", number_or_null(tensor.entropy_ratio)},
          {"encodings", std::move(list)}};
}

Json to_json(const MeanRatio& mean) {
  return {{"plain", number_or_null(mean.plain)}, {"by_size", number_or_null(mean.by_size)}};
}

Json to_json(const FormatCompression& format, const std::vector<Encoding>& encodings) {
  Json layers = Json::array();
  for (const LayerCompression& layer : format.layers) {
    Json tensors = Json::array();
    for (const TensorCompression& tensor : layer.tensors) {
      tensors.push_back(to_json(tensor, encodings));
    }
    layers.push_back({{"name", layer.layer}, {"op", layer.op}, {"tensors", std::move(tensors)}});
  }
  Json means = Json::array();
  for (const RoleMeans& of : format.means()) {
    Json ratios = Json::array();
    for (std::size_t i = 0; i < encodings.size(); ++i) {
      Json entry{{"encoding", sparse::to_string(encodings[i])}};
      entry.update(to_json(of.ratios[i]));
      ratios.push_back(std::move(entry));
    }
    means.push_back(
        {{"role", of.role}, {"entropy", to_json(of.entropy)}, {"encodings", std::move(ratios)}});
  }
  return {{"number_format", format.format},
          {"layers", std::move(layers)},
          {"mean_ratios", std::move(means)}};
}

}  // namespace

std::string to_text(const EncodeReport& report) {
  std::string text;
  for (const FormatCompression& format : report.formats) {
    text += to_text(format, report.encodings) + "\n";
  }
  return text + (report.images == 0
                     ? std::string("ratio: encoded bits / original bits, of the weights alone\n")
                     : fmt::format("ratio: encoded bits / original bits, over {} {}\n",
                                   report::with_commas(report.images),
                                   report.images == 1 ? "image" : "images"));
}

Json to_json(const EncodeReport& report) {
  Json encodings = Json::array();
  for (const Encoding& encoding : report.encodings) {
    encodings.push_back(sparse::to_string(encoding));
  }
  Json formats = Json::array();
  for (const FormatCompression& format : report.formats) {
    formats.push_back(to_json(format, report.encodings));
  }
  Json json{{"format", "sluice.encoding/1"},
            {"tool", "sluice " SLUICE_VERSION},
            {"model", report.model},
            {"model_sha256", report.model_sha256},
            {"rules", report.rules}};
  if (!report.data.empty()) {
    json["data"] = report.data;
    json["preprocess"] = report.preprocess;
    json["images"] = report.images;
  }
  if (!report.calibration.empty()) {
    json["calibration"] = report.calibration;
    json["calibration_images"] = report.calibration_images;
  }
  json["encodings"] = std::move(encodings);
  json["number_formats"] = std::move(formats);
  json["notes"] = report.notes;
  return json;
}

}  // namespace sluice::api
