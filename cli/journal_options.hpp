// SPDX-License-Identifier: Apache-2.0
// The options of verbs that keep a journal while they run, to go on from: --resume and --journal.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>

namespace sluice::cli {

struct JournalOptions {
  std::string verb;  // names the journal's file
  std::string run;   // what goes on: "run", "search"
  std::string kept;  // what is in it, and when: "progress is kept while the run lasts"
  bool resume = false;
  std::filesystem::path given;  // empty: not given

  void declare(CLI::App& app);
  // Where it is: as given, or beside `output`, or else in the working folder.
  [[nodiscard]] std::filesystem::path path(const std::filesystem::path& output) const;
};

}  // namespace sluice::cli
