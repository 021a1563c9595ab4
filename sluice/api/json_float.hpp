// SPDX-License-Identifier: Apache-2.0
// A float32 in JSON.
#pragma once

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <optional>

#include "sluice/base/json.hpp"

namespace sluice::api {

// The finite number with the digits it was given by: 0.005, which is no float32, and not
// 0.004999999888241291.
inline Json json_float(float value) {
  return *parse_json(fmt::format("{}", value));
}

// null where there is none.
inline Json json_float(const std::optional<float>& value) {
  return value ? json_float(*value) : Json();
}

}  // namespace sluice::api
