// SPDX-License-Identifier: Apache-2.0
#include "sluice/base/shipped.hpp"

#include <fmt/format.h>
#include <system_error>

namespace sluice {

std::array<std::filesystem::path, 2> shipped_roots() {
  std::error_code ignored;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", ignored);
  return {program.parent_path().parent_path() / "share" / "sluice", SLUICE_SOURCE_DIR};
}

Result<std::filesystem::path> find_shipped(const std::filesystem::path& relative) {
  const auto roots = shipped_roots();
  for (const std::filesystem::path& root : roots) {
    std::error_code ignored;
    std::filesystem::path found = root / relative;
    if (std::filesystem::exists(found, ignored)) return found;
  }
  return Error{ErrorCode::Io, fmt::format("{} is neither in {} nor in {}; reinstall",
                                          relative.string(), roots[0].string(), roots[1].string())};
}

}  // namespace sluice
