// SPDX-License-Identifier: Apache-2.0
// What an emitted module is compared with: tensors of the exact engine on real inputs.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "sluice/api/emit.hpp"
#include "sluice/base/result.hpp"
#include "sluice/numeric/tensor.hpp"

namespace sluice::api {

// Runs the integer network of the options on what they name, image by image, and gives the tensors
// asked for to `take` each time, by name. How many there were.
[[nodiscard]] Result<std::int64_t> run_for_vectors(
    const EmitOptions& options, const std::vector<std::string>& tensors,
    const std::function<Status(const std::map<std::string, Tensor>&)>& take);

}  // namespace sluice::api
