// SPDX-License-Identifier: Apache-2.0
// A float32 in JSON.
#pragma once

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sluice/base/json.hpp"

namespace sluice::api {

// The finite number with the digits it was given by: 0.005, which is no float32, and not
// 0.004999999888241291.
inline Json json_float(float value) {
  return *parse_json(fmt::format("{}", value));
}

}  // namespace sluice::api
