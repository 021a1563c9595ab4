// SPDX-License-Identifier: Apache-2.0
#include "cli/journal_options.hpp"

#include <fmt/format.h>

namespace sluice::cli {
namespace {

std::string default_name(const std::string& verb) {
  return fmt::format("sluice-{}.journal", verb);
}

}  // namespace

void JournalOptions::declare(CLI::App& app) {
  app.add_flag("--resume", resume,
               fmt::format("go on from an interrupted {} with the same options", run));
  app.add_option(
      "--journal", given,
      fmt::format("where {} (default: {}, or OUTPUT.journal with -o)", kept, default_name(verb)));
}

std::filesystem::path JournalOptions::path(const std::filesystem::path& output) const {
  if (!given.empty()) return given;
  return output.empty() ? default_name(verb) : output.string() + ".journal";
}

}  // namespace sluice::cli
