// SPDX-License-Identifier: Apache-2.0
// Running a verb: its options from the command line, its result as an exit status.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/verb.hpp"

#include "sluice/base/result.hpp"

namespace sluice::cli {

// Says what is wrong on stderr; the exit status of docs/reference/errors.md.
int fail(const Error& error);

// `args` without the verb's name.
int run_verb(const Verb& verb, std::vector<std::string> args);

// What `sluice help VERB` prints.
int print_help(const Verb& verb);

// Calls `run`, whose exceptions become messages and statuses.
int run_caught(const std::function<int()>& run);

}  // namespace sluice::cli
