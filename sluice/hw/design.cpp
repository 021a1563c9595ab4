// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/design.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <nlohmann/json.hpp>

#include "sluice/base/text.hpp"

namespace sluice::hw {
namespace {

constexpr std::string_view kFormat = "sluice.design/1";
// No count of streams or blocks is larger; products of two of them fit 64 bits.
constexpr std::int64_t kLargest = std::numeric_limits<std::int32_t>::max();

Result<std::int64_t> whole(const JsonReader& field, std::int64_t least) {
  SL_TRY(const std::int64_t value, field.integer());
  if (value >= least && value <= kLargest) return value;
  return field.error(fmt::format("must be {} to {}, found {}", least, kLargest, value));
}

Result<std::int64_t> whole_at(const JsonReader& object, std::string_view key,
                              std::int64_t least = 1) {
  SL_TRY(const JsonReader field, object.at(key));
  return whole(field, least);
}

Result<double> real_at(const JsonReader& object, std::string_view key, double least, double most) {
  SL_TRY(const JsonReader field, object.at(key));
  SL_TRY(const double value, field.number());
  if (value >= least && value <= most) return value;
  return field.error(fmt::format("must be {} to {}, found {}", least, most, value));
}

template <class Value, class Read>
Result<std::vector<Value>> list_at(const JsonReader& object, std::string_view key, Read read) {
  SL_TRY(const JsonReader list, object.at(key));
  SL_TRY(const auto elements, list.elements());
  std::vector<Value> result;
  result.reserve(elements.size());
  for (const JsonReader& element : elements) {
    SL_TRY(Value value, read(element));
    result.push_back(std::move(value));
  }
  return result;
}

Result<std::vector<bool>> flags_at(const JsonReader& object, std::string_view key) {
  return list_at<bool>(object, key, [](const JsonReader& each) { return each.boolean(); });
}

Result<std::vector<std::int64_t>> streams_at(const JsonReader& object, std::string_view key) {
  return list_at<std::int64_t>(object, key, [](const JsonReader& each) { return whole(each, 1); });
}

Result<Folding> parse_folding(const JsonReader& reader) {
  SL_TRY_STATUS(reader.only_keys({"coarse_in", "coarse_out", "coarse_group", "fine"}));
  Folding result;
  SL_TRY(result.coarse_in, whole_at(reader, "coarse_in"));
  SL_TRY(result.coarse_out, whole_at(reader, "coarse_out"));
  SL_TRY(result.coarse_group, whole_at(reader, "coarse_group"));
  SL_TRY(result.fine, whole_at(reader, "fine"));
  return result;
}

Result<LayerDesign> parse_layer(const JsonReader& reader) {
  SL_TRY_STATUS(
      reader.only_keys({"name", "folding", "weights", "inputs_off_chip", "outputs_off_chip"}));
  LayerDesign result;
  SL_TRY(result.name, reader.string_at("name"));
  SL_TRY(const JsonReader folding, reader.at("folding"));
  SL_TRY(result.folding, parse_folding(folding));
  SL_TRY(const JsonReader weights, reader.at("weights"));
  SL_TRY_STATUS(weights.only_keys({"in_uram", "blocks_off_chip", "blocks_in_luts"}));
  SL_TRY(const JsonReader in_uram, weights.at("in_uram"));
  SL_TRY(result.weights_in_uram, in_uram.boolean());
  SL_TRY(result.weight_blocks_off_chip, whole_at(weights, "blocks_off_chip", 0));
  SL_TRY(result.weight_blocks_in_luts, whole_at(weights, "blocks_in_luts", 0));
  SL_TRY(result.inputs_off_chip, flags_at(reader, "inputs_off_chip"));
  SL_TRY(result.outputs_off_chip, flags_at(reader, "outputs_off_chip"));
  return result;
}

Result<PartitionDesign> parse_partition(const JsonReader& reader) {
  SL_TRY_STATUS(
      reader.only_keys({"layers", "reloading", "slow_down_factor", "streams_in", "streams_out"}));
  PartitionDesign result;
  SL_TRY(result.layers, list_at<LayerDesign>(reader, "layers", parse_layer));
  SL_TRY(const JsonReader reloading, reader.at("reloading"));
  SL_TRY_STATUS(reloading.only_keys({"layer", "factor"}));
  SL_TRY(const JsonReader layer, reloading.at("layer"));
  if (!layer.value().is_null()) {
    SL_TRY(result.reloading_layer, layer.string());
    if (result.reloading_layer.empty()) return layer.error("must name a layer, or be null");
  }
  SL_TRY(result.reloading_factor, whole_at(reloading, "factor"));
  constexpr double kSlowest = 1e6;
  SL_TRY(result.slow_down_factor, real_at(reader, "slow_down_factor", 1, kSlowest));
  SL_TRY(result.streams_in, streams_at(reader, "streams_in"));
  SL_TRY(result.streams_out, streams_at(reader, "streams_out"));
  return result;
}

Result<std::string> parse_sha256(const JsonReader& model) {
  SL_TRY(const JsonReader field, model.at("sha256"));
  SL_TRY(std::string digits, field.string());
  const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  if (digits.size() == 64 && std::ranges::all_of(digits, is_digit)) return digits;
  return field.error("must be 64 digits 0 to 9 and a to f");
}

Result<Rules> parse_rules(const JsonReader& reader) {
  SL_TRY(const JsonReader field, reader.at("rules"));
  SL_TRY(const std::string name, field.string());
  for (const Rules rules : {Rules::Sluice, Rules::FpgaConvNet}) {
    if (name == rules_name(rules)) return rules;
  }
  return field.error(fmt::format("{} is not \"sluice\" or \"fpgaconvnet\"", sluice::quoted(name)));
}

Json json(const LayerDesign& layer) {
  const Folding& by = layer.folding;
  Json result = Json::object();
  result["name"] = layer.name;
  result["folding"] = {{"coarse_in", by.coarse_in},
                       {"coarse_out", by.coarse_out},
                       {"coarse_group", by.coarse_group},
                       {"fine", by.fine}};
  result["weights"] = {{"in_uram", layer.weights_in_uram},
                       {"blocks_off_chip", layer.weight_blocks_off_chip},
                       {"blocks_in_luts", layer.weight_blocks_in_luts}};
  result["inputs_off_chip"] = layer.inputs_off_chip;
  result["outputs_off_chip"] = layer.outputs_off_chip;
  return result;
}

Json json(const PartitionDesign& partition) {
  Json result = Json::object();
  result["layers"] = Json::array();
  for (const LayerDesign& layer : partition.layers) result["layers"].push_back(json(layer));
  const std::string& name = partition.reloading_layer;
  result["reloading"] = {{"layer", name.empty() ? Json(nullptr) : Json(name)},
                         {"factor", partition.reloading_factor}};
  result["slow_down_factor"] = partition.slow_down_factor;
  result["streams_in"] = partition.streams_in;
  result["streams_out"] = partition.streams_out;
  return result;
}

}  // namespace

std::string_view rules_name(Rules rules) {
  return rules == Rules::Sluice ? "sluice" : "fpgaconvnet";
}

Result<Design> parse_design(const Json& document) {
  const JsonReader reader(document);
  SL_TRY_STATUS(reader.only_keys({"format", "model", "device", "clock_mhz", "batch_size", "rules",
                                  "coefficients", "partitions"}));
  SL_TRY_STATUS(reader.check_format(kFormat));
  Design result;
  SL_TRY(const JsonReader model, reader.at("model"));
  SL_TRY_STATUS(model.only_keys({"name", "sha256"}));
  SL_TRY(result.model_name, model.string_at("name"));
  SL_TRY(result.model_sha256, parse_sha256(model));
  SL_TRY(result.device, reader.string_at("device"));
  constexpr double kSlowestMhz = 1e-3;
  constexpr double kFastestMhz = 1e5;
  SL_TRY(result.clock_mhz, real_at(reader, "clock_mhz", kSlowestMhz, kFastestMhz));
  SL_TRY(result.batch_size, whole_at(reader, "batch_size"));
  SL_TRY(result.rules, parse_rules(reader));
  SL_TRY(result.coefficients, reader.string_at("coefficients"));
  SL_TRY(result.partitions, list_at<PartitionDesign>(reader, "partitions", parse_partition));
  return result;
}

Json to_json(const Design& design) {
  Json result = Json::object();
  result["format"] = kFormat;
  result["model"] = {{"name", design.model_name}, {"sha256", design.model_sha256}};
  result["device"] = design.device;
  result["clock_mhz"] = design.clock_mhz;
  result["batch_size"] = design.batch_size;
  result["rules"] = rules_name(design.rules);
  result["coefficients"] = design.coefficients;
  result["partitions"] = Json::array();
  for (const PartitionDesign& each : design.partitions) {
    result["partitions"].push_back(json(each));
  }
  return result;
}

}  // namespace sluice::hw
