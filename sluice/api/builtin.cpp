// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/builtin.hpp"

#include <fmt/format.h>
#include <system_error>

#include "sluice/base/shipped.hpp"

namespace sluice::api {

Result<Builtin> builtin_digits() {
  const auto roots = shipped_roots();
  for (const std::filesystem::path& root : roots) {
    std::error_code ignored;
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
                           roots[0].string(), roots[1].string())};
}

}  // namespace sluice::api
