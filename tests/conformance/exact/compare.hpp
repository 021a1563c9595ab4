// SPDX-License-Identifier: Apache-2.0
// Every tensor of a quantized network against a runtime's dump of it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sluice/numeric/requantize.hpp"
#include "sluice/numeric/tensor.hpp"

namespace sluice::test {

// What a runtime made, by the tensor's name in the model.
using Dump = std::map<std::string, Tensor>;

struct Comparison {
  std::int64_t tensors = 0;
  std::int64_t elements = 0;
  std::vector<std::string> differences;  // a line a tensor that is not equal, in graph order
};

// Runs the model of `path` on `input` with exact's reference executor and compares every value the
// dump has. Values that are images may have their channels in another place than the dump's.
[[nodiscard]] Result<Comparison> compare_with_dump(const std::filesystem::path& path,
                                                   const Tensor& input, const Dump& dump,
                                                   std::optional<numeric::Arithmetic> arithmetic);

}  // namespace sluice::test
