// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/config/proto.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <fmt/format.h>
#include <limits>
#include <nlohmann/json.hpp>

#include "sluice/base/text.hpp"

namespace sluice::hw {
namespace {

using enum ProtoType;

constexpr std::array kFixedPointFields{ProtoField{"width", Integer},
                                       ProtoField{"binary_point", Integer}};
constexpr ProtoMessage kFixedPoint{"fixed point", kFixedPointFields};

constexpr ProtoField fixed_point(std::string_view name) {
  return {name, Message, false, &kFixedPoint};
}
constexpr ProtoField list(std::string_view name, ProtoType type) {
  return {name, type, true};
}

constexpr std::array kParameterFields{
    ProtoField{"buffer_depth", Integer},
    ProtoField{"batch_size", Integer},
    ProtoField{"rows_in", Integer},
    ProtoField{"cols_in", Integer},
    ProtoField{"depth_in", Integer},
    ProtoField{"channels_in", Integer},
    ProtoField{"rows_out", Integer},
    ProtoField{"cols_out", Integer},
    ProtoField{"depth_out", Integer},
    ProtoField{"channels_out", Integer},
    ProtoField{"coarse_in", Integer},
    ProtoField{"coarse_out", Integer},
    ProtoField{"coarse", Integer},
    ProtoField{"coarse_group", Integer},
    ProtoField{"groups", Integer},
    ProtoField{"fine", Integer},
    ProtoField{"filters", Integer},
    ProtoField{"pad_top", Integer},
    ProtoField{"pad_right", Integer},
    ProtoField{"pad_front", Integer},
    ProtoField{"pad_bottom", Integer},
    ProtoField{"pad_left", Integer},
    ProtoField{"pad_back", Integer},
    ProtoField{"kernel_rows", Integer},
    ProtoField{"kernel_cols", Integer},
    ProtoField{"kernel_depth", Integer},
    list("kernel_size", Integer),
    ProtoField{"stride_rows", Integer},
    ProtoField{"stride_cols", Integer},
    ProtoField{"stride_depth", Integer},
    list("stride", Integer),
    ProtoField{"mem_bw_in", Real},
    ProtoField{"mem_bw_out", Real},
    fixed_point("data_t"),
    fixed_point("weight_t"),
    fixed_point("acc_t"),
    fixed_point("input_t"),
    fixed_point("output_t"),
    ProtoField{"has_bias", Integer},
    ProtoField{"biases_width", Integer},
    ProtoField{"ports_in", Integer},
    ProtoField{"ports_out", Integer},
    list("rows_in_array", Integer),
    list("cols_in_array", Integer),
    list("depth_in_array", Integer),
    list("channels_in_array", Integer),
    list("mem_bw_in_array", Real),
    list("rows_out_array", Integer),
    list("cols_out_array", Integer),
    list("depth_out_array", Integer),
    list("channels_out_array", Integer),
    list("mem_bw_out_array", Real),
    ProtoField{"input_quant", Quiet},
    ProtoField{"outnput_quant", Quiet},
    ProtoField{"weight_quant", Quiet},
    ProtoField{"bias_quant", Quiet},
    ProtoField{"use_uram", Boolean},
    ProtoField{"block_floating_point", Boolean},
    list("scale", Real),
    list("shift", Real),
    fixed_point("scale_t"),
    fixed_point("shift_t"),
    ProtoField{"weights_ram_style", Text},
    list("split", Integer),
    ProtoField{"skipping_windows", Boolean},
    ProtoField{"threshold", Real},
    list("sparsity", Real),
    ProtoField{"on_chip_addr_range", Integer},
    ProtoField{"off_chip_buffer_size", Integer},
    ProtoField{"off_chip_interval", Integer},
    ProtoField{"stream_weights", Integer},
    ProtoField{"skip_all_zero_window", Boolean},
    list("stream_inputs", Boolean),
    list("stream_outputs", Boolean),
    ProtoField{"clusters", Integer},
    list("input_compression_ratio", Real),
    list("output_compression_ratio", Real),
    list("weight_compression_ratio", Real),
};
constexpr ProtoMessage kParameter{"parameters", kParameterFields};

constexpr std::array kStreamFields{ProtoField{"name", Text}, ProtoField{"coarse", Integer},
                                   ProtoField{"buffer_depth", Integer}, ProtoField{"node", Text}};
constexpr ProtoMessage kStream{"stream", kStreamFields};

constexpr std::array kLayerFields{ProtoField{"name", Text},
                                  ProtoField{"onnx_node", Text},
                                  ProtoField{"type", LayerType},
                                  ProtoField{"op_type", Text},
                                  ProtoField{"streams_in", Message, true, &kStream},
                                  ProtoField{"streams_out", Message, true, &kStream},
                                  ProtoField{"parameters", Message, false, &kParameter},
                                  ProtoField{"weights_path", Text},
                                  ProtoField{"bias_path", Text}};
constexpr ProtoMessage kLayer{"layer", kLayerFields};

constexpr std::array kPartitionFields{ProtoField{"id", Integer},
                                      ProtoField{"ports", Integer},
                                      ProtoField{"batch_size", Integer},
                                      list("input_nodes", Text),
                                      list("output_nodes", Text),
                                      ProtoField{"weights_reloading_factor", Integer},
                                      ProtoField{"weights_reloading_layer", Text},
                                      ProtoField{"layers", Message, true, &kLayer},
                                      ProtoField{"gen_last_width", Integer}};
constexpr ProtoMessage kPartition{"partition", kPartitionFields};
constexpr std::array kPartitionsFields{ProtoField{"partition", Message, true, &kPartition}};

// By their numbers.
constexpr std::array<std::string_view, 19> kLayerTypes{"CONVOLUTION",
                                                       "POOLING",
                                                       "ACTIVATION",
                                                       "SQUEEZE",
                                                       "INNER_PRODUCT",
                                                       "CONCAT",
                                                       "BATCH_NORM",
                                                       "SPLIT",
                                                       "ELTWISE",
                                                       "AVERAGE_POOLING",
                                                       "CONVOLUTION_SPARSE",
                                                       "RELU",
                                                       "SILU",
                                                       "SIGMOID",
                                                       "HARD_SIGMOID",
                                                       "HARD_SWISH",
                                                       "RESIZE",
                                                       "CHOP",
                                                       "THRESHOLDEDRELU"};

std::string camel_case(std::string_view name) {
  std::string result;
  bool upper = false;
  for (const char c : name) {
    if (c == '_') {
      upper = true;
      continue;
    }
    const bool is_small = c >= 'a' && c <= 'z';
    result += upper && is_small ? static_cast<char>(c - 'a' + 'A') : c;
    upper = false;
  }
  return result;
}

Result<const ProtoField*> find_field(const JsonReader& object, std::string_view key,
                                     const ProtoMessage& message) {
  const auto& fields = message.fields;
  const auto same = [&](const ProtoField& f) { return f.name == key || camel_case(f.name) == key; };
  if (const auto it = std::ranges::find_if(fields, same); it != fields.end()) return &*it;
  std::vector<std::string_view> names;
  names.reserve(fields.size());
  for (const ProtoField& field : fields) names.push_back(field.name);
  return object.error(fmt::format("unknown key {} of a {}{}", sluice::quoted(key), message.name,
                                  did_you_mean(key, names)));
}

Result<Json> int32_value(const JsonReader& reader) {
  SL_TRY(const std::int64_t value, reader.integer());
  constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
  if (value < -kMost - 1 || value > kMost) {
    return reader.error(fmt::format("{} does not fit the file's 32 bits", value));
  }
  return Json(value);
}

Result<Json> float_value(const JsonReader& reader) {
  SL_TRY(const double value, reader.number());
  if (std::abs(value) > std::numeric_limits<float>::max()) {
    return reader.error(fmt::format("{} does not fit the file's float32", value));
  }
  return Json(as_float32(value));
}

Result<Json> layer_type(const JsonReader& reader) {
  if (reader.value().is_number_integer()) {
    SL_TRY(const std::int64_t number, reader.integer());
    if (number < 0 || number >= std::ssize(kLayerTypes)) {
      return reader.error(fmt::format("{} is the number of no layer type", number));
    }
    return Json(kLayerTypes[static_cast<std::size_t>(number)]);
  }
  SL_TRY(const std::string name, reader.string());
  if (std::ranges::count(kLayerTypes, name) > 0) return Json(name);
  return reader.error(
      fmt::format("{} is no layer type{}", sluice::quoted(name), did_you_mean(name, kLayerTypes)));
}

Result<Json> canonical_object(const JsonReader& reader, const ProtoMessage& message);

Result<Json> canonical_value(const JsonReader& reader, const ProtoField& field) {
  switch (field.type) {
    case Integer:
      return int32_value(reader);
    case Real:
      return float_value(reader);
    case Boolean: {
      SL_TRY(const bool value, reader.boolean());
      return Json(value);
    }
    case Text: {
      SL_TRY(std::string value, reader.string());
      return Json(std::move(value));
    }
    case LayerType:
      return layer_type(reader);
    case Message:
      return canonical_object(reader, *field.message);
    case Quiet:
      break;
  }
  return reader.value();
}

Result<Json> canonical_field(const JsonReader& reader, const ProtoField& field) {
  if (!field.is_list) return canonical_value(reader, field);
  SL_TRY(const auto elements, reader.elements());
  Json result = Json::array();
  for (const JsonReader& element : elements) {
    SL_TRY(Json value, canonical_value(element, field));
    result.push_back(std::move(value));
  }
  return result;
}

Result<Json> canonical_object(const JsonReader& reader, const ProtoMessage& message) {
  if (!reader.value().is_object()) return reader.error("must be an object");
  if (!reader.value().is_object()) {
    return reader.error(fmt::format("must be an object, a {}", message.name));
  }
  std::vector<Json> values(message.fields.size());
  for (const auto& [key, value] : reader.value().items()) {
    SL_TRY(const ProtoField* field, find_field(reader, key, message));
    Json& place = values[static_cast<std::size_t>(field - message.fields.data())];
    SL_TRY(const JsonReader member, reader.at(key));
    if (!place.is_null()) return member.error("is there in snake_case and in camelCase: keep one");
    if (value.is_null()) continue;
    SL_TRY(place, canonical_field(member, *field));
  }
  Json result = Json::object();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const bool is_absent = values[i].is_null() || (values[i].is_array() && values[i].empty());
    if (!is_absent) result[std::string(message.fields[i].name)] = std::move(values[i]);
  }
  return result;
}

}  // namespace

const ProtoMessage kPartitions{"configuration", kPartitionsFields};

Result<Json> canonical(const Json& document, const ProtoMessage& message) {
  return canonical_object(JsonReader(document), message);
}

double as_float32(double value) {
  return std::strtod(fmt::format("{}", static_cast<float>(value)).c_str(), nullptr);
}

}  // namespace sluice::hw
