// SPDX-License-Identifier: Apache-2.0
// A setting for all layers of a network, and others for some of them by name.
#pragma once

#include <fmt/format.h>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "sluice/base/result.hpp"
#include "sluice/base/text.hpp"

namespace sluice::sparse {

template <class T>
struct PerLayer {
  T all{};
  std::map<std::string, T, std::less<>> layers = {};

  [[nodiscard]] const T& of(std::string_view layer) const {
    const auto found = layers.find(layer);
    return found == layers.end() ? all : found->second;
  }
};

// InvalidArgument for a name that is none of `names`, with the nearest of them; `kind`: "ReLU".
template <class T>
[[nodiscard]] Status check_names(const PerLayer<T>& settings, std::string_view kind,
                                 std::span<const std::string_view> names) {
  for (const auto& [name, value] : settings.layers) {
    bool is_known = false;
    for (const std::string_view candidate : names) is_known = is_known || candidate == name;
    if (is_known) continue;
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("the network has no {} {}{}; \"sluice info\" lists its nodes", kind,
                             sluice::quoted(name), did_you_mean(name, names))};
  }
  return {};
}

// Calls check(value) for each of the settings; the layer's name is the place of its error.
template <class T, class Check>
[[nodiscard]] Status check_values(const PerLayer<T>& settings, const Check& check) {
  SL_TRY_STATUS(check(settings.all));
  for (const auto& [name, value] : settings.layers) {
    if (Status status = check(value); !status) {
      return std::move(status).error().at("layer " + sluice::quoted(name));
    }
  }
  return {};
}

}  // namespace sluice::sparse
