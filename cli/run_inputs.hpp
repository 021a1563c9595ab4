// SPDX-License-Identifier: Apache-2.0
// --input, of the verbs that run a network on .npy files.
#pragma once

#include <string>
#include <vector>

#include "sluice/api/inputs.hpp"

namespace sluice::cli {

// Each "FILE" or "NAME=FILE".
[[nodiscard]] std::vector<api::RunInput> parse_inputs(const std::vector<std::string>& texts);

}  // namespace sluice::cli
