// SPDX-License-Identifier: Apache-2.0
// Files that were made small by xz.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace sluice::test {

// The content of `packed` in a file `to`, by the program xz; false if there is none or it fails.
inline bool unpack_xz(const std::filesystem::path& packed, const std::filesystem::path& to) {
  const std::string command = "xz -dc '" + packed.string() + "' > '" + to.string() + "'";
  return std::system(command.c_str()) == 0;
}

}  // namespace sluice::test
