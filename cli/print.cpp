// SPDX-License-Identifier: Apache-2.0
#include "cli/print.hpp"

namespace sluice::cli {

void print_notes(const std::vector<std::string>& notes, const Common& common) {
  if (common.quiet) return;
  for (const std::string& note : notes) fmt::print(stderr, "note: {}\n", note);
}

}  // namespace sluice::cli
