// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/eval_journal.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <unistd.h>
#include <utility>

#include "sluice/base/file.hpp"
#include "sluice/base/json.hpp"

namespace sluice::api {
namespace {

constexpr std::string_view kFormat = "sluice.eval-journal/1";

Json to_json(const std::string& format, const EvalProgress& progress) {
  return {{"number_format", format},    {"next_item", progress.next_item},
          {"images", progress.images},  {"top1", progress.top1},
          {"top5", progress.top5},      {"skipped", progress.skipped},
          {"seconds", progress.seconds}};
}

// A line as written by to_json.
Result<std::pair<std::string, EvalProgress>> from_json(const JsonReader& line) {
  std::pair<std::string, EvalProgress> entry;
  EvalProgress& progress = entry.second;
  SL_TRY(const JsonReader name, line.at("number_format"));
  SL_TRY(entry.first, name.string());
  for (const auto& [key, count] :
       {std::pair{"next_item", &progress.next_item}, std::pair{"images", &progress.images},
        std::pair{"top1", &progress.top1}, std::pair{"top5", &progress.top5},
        std::pair{"skipped", &progress.skipped}}) {
    SL_TRY(const JsonReader member, line.at(key));
    SL_TRY(*count, member.integer());
    if (*count < 0) return member.error("must not be negative");
  }
  SL_TRY(const JsonReader seconds, line.at("seconds"));
  SL_TRY(progress.seconds, seconds.number());
  return entry;
}

struct Journal {
  std::string identity;
  std::map<std::string, EvalProgress> progress;
  std::size_t whole_bytes = 0;  // up to the last complete line
};

Status read_line(std::string_view text, bool first, Journal& journal) {
  SL_TRY(const Json value, parse_json(text));
  const JsonReader line(value);
  if (!first) {
    SL_TRY(auto entry, from_json(line));
    journal.progress[entry.first] = entry.second;
    return {};
  }
  SL_TRY(const JsonReader format, line.at("format"));
  SL_TRY(const std::string kind, format.string());
  if (kind != kFormat) return format.error(fmt::format("expected \"{}\"", kFormat));
  SL_TRY(const JsonReader identity, line.at("identity"));
  SL_TRY(journal.identity, identity.string());
  return {};
}

Result<Journal> read_journal(const std::filesystem::path& path) {
  SL_TRY(const MappedFile file, MappedFile::open(path));
  Journal journal;
  std::string_view rest = file.text();
  for (int number = 1;; ++number) {
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) break;  // the end, or a line cut short by a kill
    if (auto status = read_line(rest.substr(0, end), number == 1, journal); !status) {
      Error error = std::move(status).error();
      error.message += "; delete the file to start afresh";
      return std::move(error).at(fmt::format("{}: line {}", path.string(), number));
    }
    journal.whole_bytes += end + 1;
    rest.remove_prefix(end + 1);
  }
  return journal;
}

}  // namespace

Result<EvalJournal> EvalJournal::open(std::filesystem::path path, std::string identity,
                                      bool resume) {
  std::optional<Journal> earlier;
  if (resume && std::filesystem::exists(path)) {
    SL_TRY(earlier, read_journal(path));
    if (earlier->whole_bytes > 0 && earlier->identity != identity) {
      return Error{ErrorCode::InvalidArgument,
                   "belongs to a run with another model, data or options; give the same ones, or "
                   "leave out --resume to start afresh",
                   path.string()};
    }
  }
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_APPEND, 0666);
  const auto kept = static_cast<off_t>(earlier ? earlier->whole_bytes : 0);
  if (fd < 0 || ::ftruncate(fd, kept) != 0) {
    const int error_number = errno;
    if (fd >= 0) ::close(fd);
    return Error{ErrorCode::Io, fmt::format("cannot write: {}", std::strerror(error_number)),
                 path.string()};
  }
  EvalJournal journal(std::move(path), fd);
  if (kept > 0) {
    journal.progress_ = std::move(earlier->progress);
  } else {
    const Json header = {{"format", kFormat}, {"identity", identity}};
    SL_TRY_STATUS(journal.append(header.dump()));
  }
  return journal;
}

EvalJournal::EvalJournal(EvalJournal&& other) noexcept
    : path_(std::move(other.path_)),
      fd_(std::exchange(other.fd_, -1)),
      progress_(std::move(other.progress_)) {}

EvalJournal::~EvalJournal() {
  if (fd_ >= 0) ::close(fd_);
}

EvalProgress EvalJournal::progress(const std::string& format) const {
  const auto found = progress_.find(format);
  return found == progress_.end() ? EvalProgress{} : found->second;
}

Status EvalJournal::record(const std::string& format, const EvalProgress& progress) {
  progress_[format] = progress;
  return append(to_json(format, progress).dump());
}

void EvalJournal::finish() {
  std::error_code ignored;  // a journal left behind does no harm
  std::filesystem::remove(path_, ignored);
}

Status EvalJournal::append(const std::string& line) {
  // One write a line: what has been written survives the process, cut lines are dropped on reading.
  const std::string whole = line + '\n';
  if (::write(fd_, whole.data(), whole.size()) == static_cast<ssize_t>(whole.size())) return {};
  return Error{ErrorCode::Io, fmt::format("cannot write: {}", std::strerror(errno)),
               path_.string()};
}

}  // namespace sluice::api
