// SPDX-License-Identifier: Apache-2.0
// Every tensor of a quantized network against a runtime's dump of it.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "sluice/numeric/requantize.hpp"
#include "sluice/numeric/tensor.hpp"

namespace sluice::test {

// What a runtime made, by the tensor's name in the model.
using Dump = std::map<std::string, Tensor>;

// Runs the model of `path` on `input` with both of exact's executors, and expects every tensor of
// the dump among the values, and equal. Values that are images may have their channels in another
// place than the dump's. Without an arithmetic: as the importer recorded it.
void expect_equal_to_dump(const std::filesystem::path& path, const Tensor& input, const Dump& dump,
                          std::optional<numeric::Arithmetic> arithmetic);

}  // namespace sluice::test
