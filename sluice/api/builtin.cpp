// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/builtin.hpp"

#include <fmt/format.h>
#include <system_error>

namespace sluice::api {

Result<Builtin> builtin_digits() {
  std::error_code ignored;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", ignored);
  const std::filesystem::path installed = program.parent_path().parent_path() / "share" / "sluice";
  const std::filesystem::path source = SLUICE_SOURCE_DIR;
  for (const std::filesystem::path& root : {installed, source}) {
    Builtin found{root / "models/digits/digits.onnx",
                  root / "examples/digits/t10k-images-idx3-ubyte",
                  root / "examples/digits/train-images-idx3-ubyte"};
    if (std::filesystem::exists(found.model, ignored) &&
        std::filesystem::exists(found.test, ignored)) {
      return found;
    }
  }
  return Error{ErrorCode::Io,
               fmt::format("the built-in digits network is neither in {} nor in {}; reinstall, or "
                           "give a MODEL and --data",
                           installed.string(), source.string())};
}

}  // namespace sluice::api
