// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/explore_journal.hpp"

#include <nlohmann/json.hpp>
#include <string_view>
#include <system_error>
#include <utility>

#include "sluice/base/file.hpp"
#include "sluice/base/json.hpp"

namespace sluice::api {
namespace {

constexpr std::string_view kExploreJournal = "sluice.explore-journal/1";

struct NotedSearch {
  std::string identity;
  ExploreNote note;
};

Result<NotedSearch> parse_noted(std::string_view text) {
  SL_TRY(const Json value, parse_json(text));
  const JsonReader document(value);
  SL_TRY_STATUS(document.check_format(kExploreJournal));
  NotedSearch journal;
  SL_TRY(const JsonReader identity, document.at("identity"));
  SL_TRY(journal.identity, identity.string());
  SL_TRY(const JsonReader rounds, document.at("rounds"));
  SL_TRY(const std::int64_t count, rounds.integer());
  constexpr std::int64_t kMostRounds = 1000;
  if (count < 1 || count > kMostRounds) return rounds.error("must be 1 to 1000");
  journal.note.rounds = static_cast<int>(count);
  SL_TRY(const JsonReader least, document.at("least_interval_cycles"));
  SL_TRY(journal.note.least_interval_cycles, least.number());
  SL_TRY(const JsonReader design, document.at("design"));
  SL_TRY(journal.note.design, hw::parse_design(value["design"]));
  return journal;
}

Result<NotedSearch> read_noted(const std::filesystem::path& path) {
  SL_TRY(const MappedFile file, MappedFile::open(path));
  auto journal = parse_noted(file.text());
  if (journal) return journal;
  Error error = std::move(journal).error();
  error.message += "; delete the file to start afresh";
  return std::move(error).at(path.string());
}

}  // namespace

Result<ExploreJournal> ExploreJournal::open(std::filesystem::path path, std::string identity,
                                            bool resume) {
  ExploreJournal result(std::move(path), std::move(identity));
  if (result.path_.empty() || !resume || !std::filesystem::exists(result.path_)) return result;
  SL_TRY(NotedSearch journal, read_noted(result.path_));
  if (journal.identity != result.identity_) {
    return Error{ErrorCode::InvalidArgument,
                 "belongs to a search with another model, device or options; give the same ones, "
                 "or leave out --resume to start afresh",
                 result.path_.string()};
  }
  result.noted_ = std::move(journal.note);
  return result;
}

Status ExploreJournal::record(const ExploreNote& note) {
  if (path_.empty()) return {};
  return write_file(path_, dump_json({{"format", kExploreJournal},
                                      {"identity", identity_},
                                      {"rounds", note.rounds},
                                      {"least_interval_cycles", note.least_interval_cycles},
                                      {"design", hw::to_json(note.design)}}));
}

void ExploreJournal::finish() {
  std::error_code ignored;  // a journal left behind does no harm
  if (!path_.empty()) std::filesystem::remove(path_, ignored);
}

}  // namespace sluice::api
