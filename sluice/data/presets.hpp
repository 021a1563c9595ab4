// SPDX-License-Identifier: Apache-2.0
// The preprocessing of published networks, by name.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "sluice/base/result.hpp"
#include "sluice/data/preprocess.hpp"

namespace sluice::data {

struct Preset {
  std::string_view name;     // as on the command line
  std::string_view summary;  // what it does, in a line
  std::string_view source;   // whose networks want it
  Preprocess preprocess;
  std::int64_t label_offset = 0;  // 1 where output 0 is a background class
};

// In the order in which they should be listed.
[[nodiscard]] std::span<const Preset> presets() noexcept;

// InvalidArgument, with the nearest name, if there is none.
[[nodiscard]] Result<Preset> find_preset(std::string_view name);

}  // namespace sluice::data
