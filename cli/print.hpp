// SPDX-License-Identifier: Apache-2.0
// How what a verb found goes out: data on stdout, words on stderr.
#pragma once

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/verb.hpp"

#include "sluice/base/json.hpp"

namespace sluice::cli {

// JSON if it is asked for, else tables; `detail` says how much of them, where they can be parted.
template <class Report, class... Detail>
void print_report(const Report& report, const Common& common, const Detail&... detail) {
  fmt::print("{}", common.json ? dump_json(to_json(report)) : to_text(report, detail...));
}

// On stderr, a line each, unless they are not wanted.
void print_notes(const std::vector<std::string>& notes, const Common& common);

}  // namespace sluice::cli
