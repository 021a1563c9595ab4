// SPDX-License-Identifier: Apache-2.0
#include "sluice/import/onnx/hardware.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sluice/base/json.hpp"
#include "sluice/base/text.hpp"
#include "sluice/import/onnx.hpp"
#include "sluice/import/onnx/parse.hpp"

namespace sluice::importer {
namespace onnx {
namespace {

// Those of fpgaConvNet's tools.
constexpr std::array<std::string_view, 8> kNames{
    "acc_width",
    "block_floating_point",
    "channel_sparsity_hist",
    "data_width",
    "input_compression_ratio",
    "output_compression_ratio",
    "weight_compression_ratio",
    "weight_width",
};

Result<std::vector<double>> numbers_of(const Attribute& attribute) {
  if (const auto* number = std::get_if<float>(&attribute.content)) {
    return std::vector<double>{*number};
  }
  if (const auto* number = std::get_if<std::int64_t>(&attribute.content)) {
    return std::vector<double>{static_cast<double>(*number)};
  }
  if (const auto* list = std::get_if<std::vector<float>>(&attribute.content)) {
    return std::vector<double>(list->begin(), list->end());
  }
  if (const auto* list = std::get_if<std::vector<std::int64_t>>(&attribute.content)) {
    return std::vector<double>(list->begin(), list->end());
  }
  return Error{ErrorCode::Parse,
               fmt::format("attribute {} must be numbers", sluice::quoted(attribute.name))};
}

// "sluice.hardware/NODE": {"attribute": [numbers]}, see export/onnx.hpp.
Result<ir::NodeHardware> hardware_of(const Metadata& entry) {
  const auto refuse = [&](std::string what) {
    return Error{ErrorCode::Parse, std::move(what),
                 fmt::format("metadata {}", sluice::quoted(entry.key))};
  };
  const auto json = parse_json(entry.value);
  if (!json) return refuse(json.error().message);
  if (!json->is_object()) return refuse("must be an object of attributes");
  ir::NodeHardware result;
  for (const auto& [name, numbers] : json->items()) {
    if (!is_hardware_attribute(name)) return refuse(sluice::quoted(name) + " is not known");
    if (!numbers.is_array()) return refuse(sluice::quoted(name) + " must be a list of numbers");
    for (const Json& number : numbers) {
      if (!number.is_number()) return refuse(sluice::quoted(name) + " must be numbers");
      result[name].push_back(number.get<double>());
    }
  }
  return result;
}

}  // namespace

bool is_hardware_attribute(std::string_view name) {
  return std::ranges::find(kNames, name) != kNames.end();
}

}  // namespace onnx

Result<ir::HardwareAttributes> read_onnx_hardware(const std::filesystem::path& path) {
  SL_TRY(const MappedFile file, MappedFile::open(path));
  onnx::ExternalFiles files(path.parent_path());
  auto model = onnx::parse_model(file, files);
  if (!model) return std::move(model).error().at(path.string());
  ir::HardwareAttributes result;
  for (const onnx::Node& node : model->nodes) {
    for (const onnx::Attribute& attribute : node.attributes) {
      if (!onnx::is_hardware_attribute(attribute.name)) continue;
      auto numbers = onnx::numbers_of(attribute);
      if (!numbers) {
        return std::move(numbers).error().at(onnx::place_of(node)).at(path.string());
      }
      result[node.name][attribute.name] = *std::move(numbers);
    }
  }
  constexpr std::string_view kPrefix = "sluice.hardware/";
  for (const onnx::Metadata& entry : model->metadata) {
    if (!entry.key.starts_with(kPrefix)) continue;
    auto attributes = onnx::hardware_of(entry);
    if (!attributes) return std::move(attributes).error().at(path.string());
    result[entry.key.substr(kPrefix.size())].merge(*attributes);
  }
  return result;
}

}  // namespace sluice::importer
