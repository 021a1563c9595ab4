// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/config/fields.hpp"

#include <fmt/format.h>

#include "sluice/base/text.hpp"

namespace sluice::hw {
namespace {

// No hardware has wider words.
constexpr std::int64_t kMostBits = 1024;

Result<std::int64_t> whole_of(const JsonReader& reader, std::int64_t least) {
  SL_TRY(const std::int64_t value, reader.integer());
  if (value < least)
    return reader.error(fmt::format("must be at least {}, found {}", least, value));
  return value;
}

// What a float32 of the file is to its program: 0.7 is 0.699999988…
Result<double> float32_of(const JsonReader& reader) {
  SL_TRY(const double value, reader.number());
  return static_cast<double>(static_cast<float>(value));
}

template <class Value, class Read>
Result<std::vector<Value>> list_of(const Result<JsonReader>& list, Read read) {
  if (!list) return list.error();
  SL_TRY(const auto elements, list->elements());
  std::vector<Value> result;
  result.reserve(elements.size());
  for (const JsonReader& element : elements) {
    SL_TRY(const Value value, read(element));
    result.push_back(value);
  }
  return result;
}

}  // namespace

void Notes::count(std::string_view key, std::string_view what, std::string_view remark) {
  ++counts_[fmt::format("{} {}: {}", sluice::quoted(key), what, remark)];
}

std::vector<std::string> Notes::lines() const {
  std::vector<std::string> result;
  result.reserve(counts_.size() + others_.size());
  for (const auto& [note, layers] : counts_) {
    result.push_back(fmt::format("{}, in {} layer{}", note, layers, layers == 1 ? "" : "s"));
  }
  result.insert(result.end(), others_.begin(), others_.end());
  return result;
}

Error Fields::error(std::string_view key, std::string message) const {
  const auto field = reader_.at(key);
  return field ? field->error(std::move(message)) : reader_.error(std::move(message));
}

Result<std::int64_t> Fields::whole(std::string_view key, std::int64_t least) const {
  SL_TRY(const JsonReader field, reader_.at(key));
  return whole_of(field, least);
}

Result<std::int64_t> Fields::whole_or(std::string_view key, std::int64_t otherwise,
                                      std::int64_t least) const {
  return has(key) ? whole(key, least) : otherwise;
}

Result<double> Fields::real(std::string_view key) const {
  SL_TRY(const JsonReader field, reader_.at(key));
  return float32_of(field);
}

Result<double> Fields::real_or(std::string_view key, double otherwise) const {
  if (!has(key)) return otherwise;
  return real(key);
}

Result<bool> Fields::flag_or(std::string_view key, bool otherwise) const {
  if (!has(key)) return otherwise;
  SL_TRY(const JsonReader field, reader_.at(key));
  return field.boolean();
}

Result<std::vector<std::int64_t>> Fields::wholes(std::string_view key) const {
  return list_of<std::int64_t>(reader_.at(key),
                               [](const JsonReader& each) { return whole_of(each, 1); });
}

Result<std::vector<double>> Fields::reals(std::string_view key) const {
  return list_of<double>(reader_.at(key), float32_of);
}

Result<std::vector<bool>> Fields::flags(std::string_view key) const {
  return list_of<bool>(reader_.at(key), [](const JsonReader& each) { return each.boolean(); });
}

Result<FixedPoint> Fields::type(std::string_view key) const {
  SL_TRY(const JsonReader field, reader_.at(key));
  SL_TRY(const JsonReader width, field.at("width"));
  SL_TRY(const JsonReader point, field.at("binary_point"));
  FixedPoint result;
  SL_TRY(result.width_bits, whole_of(width, 1));
  if (result.width_bits > kMostBits) {
    return width.error(fmt::format("must be at most {}, found {}", kMostBits, result.width_bits));
  }
  SL_TRY(result.binary_point, whole_of(point, -kMostBits));
  if (result.binary_point > kMostBits) {
    return point.error(fmt::format("must be at most {}, found {}", kMostBits, result.binary_point));
  }
  return result;
}

Result<FeatureMap> Fields::map_in(std::int64_t channels) const {
  FeatureMap result;
  SL_TRY(result.rows, whole("rows_in"));
  SL_TRY(result.cols, whole("cols_in"));
  if (is_3d_) {
    SL_TRY(result.depth, whole("depth_in"));
  }
  result.channels = channels;
  if (channels == 0) {
    SL_TRY(result.channels, whole("channels_in"));
  }
  return result;
}

Result<Extent> Fields::extent(const std::string& stem, std::string_view list) const {
  Extent result;
  SL_TRY(result.rows, whole(stem + "_rows"));
  SL_TRY(result.cols, whole(stem + "_cols"));
  if (is_3d_) {
    SL_TRY(result.depth, whole(stem + "_depth"));
  }
  if (!has(list)) return result;
  SL_TRY(const auto values, wholes(list));
  std::vector<std::int64_t> expected{result.rows, result.cols};
  if (is_3d_) expected.push_back(result.depth);
  if (values == expected) return result;
  return error(list, fmt::format("is not what {0}_rows and {0}_cols say", stem));
}

Result<Padding> Fields::padding() const {
  Padding result;
  SL_TRY(result.top, whole("pad_top", 0));
  SL_TRY(result.right, whole("pad_right", 0));
  SL_TRY(result.bottom, whole("pad_bottom", 0));
  SL_TRY(result.left, whole("pad_left", 0));
  if (!is_3d_) return result;
  SL_TRY(result.front, whole("pad_front", 0));
  SL_TRY(result.back, whole("pad_back", 0));
  return result;
}

}  // namespace sluice::hw
