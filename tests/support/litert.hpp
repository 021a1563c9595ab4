// SPDX-License-Identifier: Apache-2.0
// LiteRT, which some tests compare with: a Python package in build/venv.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>

namespace sluice::test {

inline constexpr const char* kPython = "build/venv/bin/python";

// Whether build/venv has it. Else skip, and say build/venv in the message.
inline bool has_litert() {
  return std::filesystem::exists(kPython) &&
         std::system(fmt::format("{} -c 'import ai_edge_litert' 2>/dev/null", kPython).c_str()) ==
             0;
}

}  // namespace sluice::test
