// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/prune_settings.hpp"

#include <fmt/format.h>

#include "sluice/base/parse.hpp"
#include "sluice/base/text.hpp"

namespace sluice::api {
namespace {

// "NAME=VALUE" into the layers of `settings`, the value by `parse`.
template <class T, class Parse>
Status add_layer(sparse::PerLayer<T>& settings, const std::string& word, const Parse& parse) {
  const std::size_t equals = word.rfind('=');
  if (equals == std::string::npos || equals == 0) {
    return Error{ErrorCode::InvalidArgument, "is not NAME=VALUE", sluice::quoted(word)};
  }
  auto value = parse(std::string_view(word).substr(equals + 1));
  if (!value) return std::move(value).error().at(sluice::quoted(word));
  if (settings.layers.emplace(word.substr(0, equals), *value).second) return {};
  return Error{ErrorCode::InvalidArgument, "gives this layer a second value", sluice::quoted(word)};
}

template <class T, class Parse>
Result<sparse::PerLayer<T>> parse_settings(std::string_view all,
                                           const std::vector<std::string>& layers,
                                           const Parse& parse) {
  sparse::PerLayer<T> settings;
  SL_TRY(settings.all, parse(all));
  for (const std::string& word : layers) SL_TRY_STATUS(add_layer(settings, word, parse));
  return settings;
}

Result<float> parse_float(std::string_view text) {
  SL_TRY(const double number, parse_number(text));
  return static_cast<float>(number);
}

}  // namespace

Result<double> parse_number(std::string_view text) {
  if (const auto number = parse_whole<double>(text)) return *number;
  return invalid_argument(fmt::format("{} is no number", sluice::quoted(text)));
}

Result<std::vector<double>> parse_numbers(std::string_view text) {
  const auto parts = parts_of_list(text);
  std::vector<double> numbers;
  numbers.reserve(parts.size());
  for (const std::string_view part : parts) {
    SL_TRY(numbers.emplace_back(), parse_number(part));
  }
  return numbers;
}

Result<sparse::PerLayer<float>> parse_thresholds(std::string_view all,
                                                 const std::vector<std::string>& layers) {
  return parse_settings<float>(all, layers, parse_float);
}

Result<sparse::PerLayer<double>> parse_parts(std::string_view all,
                                             const std::vector<std::string>& layers) {
  return parse_settings<double>(all, layers, parse_number);
}

Result<sparse::PerLayer<sparse::Pattern>> parse_patterns(std::string_view all,
                                                         const std::vector<std::string>& layers) {
  return parse_settings<sparse::Pattern>(all, layers, sparse::parse_pattern);
}

Result<sparse::PerLayer<std::optional<float>>> parse_relu_thresholds(
    const std::vector<std::string>& words) {
  sparse::PerLayer<std::optional<float>> settings;
  for (const std::string& word : words) {
    if (word.find('=') != std::string::npos) {
      SL_TRY_STATUS(add_layer(settings, word, parse_float));
      continue;
    }
    if (settings.all) {
      return Error{ErrorCode::InvalidArgument, "is a second threshold for all ReLUs",
                   sluice::quoted(word)};
    }
    SL_TRY(settings.all, parse_float(word));
  }
  return settings;
}

}  // namespace sluice::api
