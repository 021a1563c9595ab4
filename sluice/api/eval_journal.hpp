// SPDX-License-Identifier: Apache-2.0
// The journal of an evaluation: one line of JSON a finished batch, appended as it finishes, so that
// a killed run loses at most the batch in flight.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "sluice/base/result.hpp"

namespace sluice::api {

// What is known of one format so far; sums of the batches, in order.
struct EvalProgress {
  std::int64_t next_item = 0;  // first item of the data set not yet looked at
  std::int64_t images = 0;
  std::int64_t top1 = 0;
  std::int64_t top5 = 0;
  std::int64_t skipped = 0;
  double seconds = 0;  // of inference, data loading included
};

class EvalJournal {
 public:
  // Begins a journal for the run `identity` (a hash of everything that decides its result). With
  // `resume` an existing one of the same identity is read first; one of another identity is an
  // InvalidArgument error. Without `resume` an existing file is replaced. A last line cut short by
  // a kill is dropped.
  static Result<EvalJournal> open(std::filesystem::path path, std::string identity, bool resume);

  EvalJournal(EvalJournal&& other) noexcept;
  EvalJournal& operator=(EvalJournal&&) = delete;
  ~EvalJournal();

  // Progress of a format; all zero if it has none.
  [[nodiscard]] EvalProgress progress(const std::string& format) const;

  // Appends the format's new progress.
  [[nodiscard]] Status record(const std::string& format, const EvalProgress& progress);

  // Deletes the file: the run is complete.
  void finish();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  EvalJournal(std::filesystem::path path, int fd) : path_(std::move(path)), fd_(fd) {}
  Status append(const std::string& line);

  std::filesystem::path path_;
  int fd_ = -1;
  std::map<std::string, EvalProgress> progress_;
};

}  // namespace sluice::api
