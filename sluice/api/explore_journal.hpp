// SPDX-License-Identifier: Apache-2.0
// The journal of a search for a mapping: the best of the rounds that have ended, written anew after
// each, so that a killed search loses at most the round in flight.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "sluice/base/result.hpp"
#include "sluice/hw/design.hpp"

namespace sluice::api {

struct ExploreNote {
  int rounds = 0;                    // that have ended
  double least_interval_cycles = 0;  // proven; 0: nothing is
  hw::Design design;                 // the best
};

class ExploreJournal {
 public:
  // For the search `identity` (a hash of everything that decides its result). With `resume` an
  // existing file of the same identity is read; one of another identity is an InvalidArgument
  // error. With an empty path nothing is read or written.
  static Result<ExploreJournal> open(std::filesystem::path path, std::string identity, bool resume);

  // What was read; none if there was nothing.
  [[nodiscard]] const std::optional<ExploreNote>& noted() const { return noted_; }

  // Replaces the file.
  [[nodiscard]] Status record(const ExploreNote& note);

  // Deletes the file: the search is complete.
  void finish();

 private:
  ExploreJournal(std::filesystem::path path, std::string identity)
      : path_(std::move(path)), identity_(std::move(identity)) {}

  std::filesystem::path path_;
  std::string identity_;
  std::optional<ExploreNote> noted_;
};

}  // namespace sluice::api
