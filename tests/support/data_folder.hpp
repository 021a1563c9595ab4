// SPDX-License-Identifier: Apache-2.0
// Where the published models, datasets and results are that some tests compare with. They are no
// part of the project.
#pragma once

#include <cstdlib>
#include <filesystem>

namespace sluice::test {

// $SLUICE_DATA, or its usual place beside the project, as an absolute path. May not exist: then
// skip, and say SLUICE_DATA in the message.
inline std::filesystem::path data_folder() {
  const char* folder = std::getenv("SLUICE_DATA");
  return std::filesystem::absolute(folder == nullptr ? "../shared/data" : folder);
}

}  // namespace sluice::test
