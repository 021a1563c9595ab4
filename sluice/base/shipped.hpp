// SPDX-License-Identifier: Apache-2.0
// Files that come with the program: networks, images, devices, coefficients.
#pragma once

#include <array>
#include <filesystem>

#include "sluice/base/result.hpp"

namespace sluice {

// The folders they may lie below, in the order in which to look: beside the installed program
// (../share/sluice), then the source tree it was built from.
[[nodiscard]] std::array<std::filesystem::path, 2> shipped_roots();

// The file or folder `relative` below the first root that has it. Io, naming both places, if
// neither has.
[[nodiscard]] Result<std::filesystem::path> find_shipped(const std::filesystem::path& relative);

}  // namespace sluice
