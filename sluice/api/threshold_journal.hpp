// SPDX-License-Identifier: Apache-2.0
// The journal of a search for thresholds: an SQLite database of what was measured, each figure in
// it as soon as it is known, so that a killed search loses at most the trial in flight. People may
// look into it while the search runs and after it: docs/reference/sparsity.md names the columns.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "sluice/api/threshold_trial.hpp"
#include "sluice/base/result.hpp"

struct sqlite3;

namespace sluice::api {

class ThresholdJournal {
 public:
  // For the search `identity` (a hash of everything that decides its trials). With `resume` an
  // existing database of the same identity is gone on with; without it one of another search is
  // begun anew. InvalidArgument for one of another identity, Parse for a file that is no such
  // journal, which is never overwritten; Io where the system or another process says no. An empty
  // path: nothing is read or written.
  static Result<ThresholdJournal> open(const std::filesystem::path& path,
                                       const std::string& identity, bool resume);

  // What is known; none if it is not.
  [[nodiscard]] Result<std::optional<Trial>> trial(const Thresholds& thresholds) const;
  [[nodiscard]] Result<std::optional<Sensitivity>> sensitivity(const ThresholdKnobInfo& knob,
                                                               float threshold) const;

  // Each is on the disk when it returns.
  [[nodiscard]] Status record(const Trial& trial);
  [[nodiscard]] Status record(const ThresholdKnobInfo& knob, float threshold,
                              const Sensitivity& sensitivity);

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };

  ThresholdJournal() = default;
  Status connect(const std::filesystem::path& path);
  [[nodiscard]] Status execute(const char* sql) const;
  [[nodiscard]] Status begin(const std::string& identity, bool resume);
  [[nodiscard]] Result<std::string> identity() const;
  [[nodiscard]] Error failure() const;

  std::filesystem::path path_;
  std::unique_ptr<sqlite3, Close> database_;  // none: nowhere
};

}  // namespace sluice::api
