// SPDX-License-Identifier: Apache-2.0
// Other programs, run without a shell.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/result.hpp"

namespace sluice {

struct Program {
  std::vector<std::string> command;  // the program, looked for in PATH, and its arguments
  std::filesystem::path folder;      // that it runs in; empty: where we are
  std::string_view input;            // what it reads
  std::chrono::milliseconds time_limit = std::chrono::minutes(2);
  std::string remedy;  // "install Graphviz (apt-get install graphviz)", if it is not found
  std::string slow;    // "the network is too large to draw", if it takes longer
};

struct Ended {
  int exit_code = 0;     // 128 and the signal's number of one that a signal ended
  std::string output;    // standard output
  std::string messages;  // standard error
};

// Runs it to its end, with all that it starts. External if it is not found, or takes longer than
// the limit; then, and where the user asks to stop (Interrupted), it is killed with all that it
// started. Io if the system refuses.
[[nodiscard]] Result<Ended> run_program(const Program& program);

// The same, and External, with the first line of what it says, unless it ends with 0.
[[nodiscard]] Result<Ended> run_successfully(const Program& program);

// Whether it is an executable file of a folder of PATH.
[[nodiscard]] bool has_program(std::string_view name);

}  // namespace sluice
