// SPDX-License-Identifier: Apache-2.0
// The digits network and images that come with the program.
#pragma once

#include <filesystem>

#include "sluice/base/result.hpp"

namespace sluice::api {

struct Builtin {
  std::filesystem::path model;        // digits.onnx
  std::filesystem::path test;         // labelled images the network has never seen
  std::filesystem::path calibration;  // its training images
};

// Looked for beside the installed program (../share/sluice), then in the source tree it was built
// from. Io, naming both places, if neither has it.
[[nodiscard]] Result<Builtin> builtin_digits();

}  // namespace sluice::api
