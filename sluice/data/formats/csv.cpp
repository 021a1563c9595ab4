// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <optional>

#include "sluice/base/file.hpp"
#include "sluice/base/parse.hpp"
#include "sluice/base/text.hpp"
#include "sluice/data/formats/formats.hpp"

namespace sluice::data {
namespace {

namespace fs = std::filesystem;

// Class indices above this are a mistake, not a network's output.
constexpr std::int64_t kMaxClass = 1000000;

// Takes the next line off the text, without its line end.
std::string_view next_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// The fields of a line; a quoted field may hold commas, and quotes as two quotes. Nothing if a
// quote is left open.
std::optional<std::vector<std::string>> split_fields(std::string_view line) {
  std::vector<std::string> fields(1);
  bool quoted_field = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quoted_field) {
      const bool doubled = c == '"' && line.substr(i + 1).starts_with('"');
      if (c != '"' || doubled) {
        fields.back() += c;
        i += doubled ? 1 : 0;
      } else {
        quoted_field = false;
      }
    } else if (c == '"' && fields.back().empty()) {
      quoted_field = true;
    } else if (c == ',') {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  if (quoted_field) return std::nullopt;
  return fields;
}

std::optional<std::int64_t> class_index(std::string_view text) {
  const auto value = parse_whole<std::int64_t>(text);
  return value && *value >= 0 && *value <= kMaxClass ? value : std::nullopt;
}

// Which columns hold the file and the class.
struct Columns {
  std::size_t file = 0;
  std::size_t label = 1;
};

std::optional<std::size_t> find_column(const std::vector<std::string>& header,
                                       std::span<const std::string_view> names) {
  for (const std::string_view name : names) {
    const auto found = std::ranges::find(header, name);
    if (found != header.end()) return static_cast<std::size_t>(found - header.begin());
  }
  return std::nullopt;
}

constexpr std::array<std::string_view, 4> kFileWords = {"file", "filename", "path", "image"};
constexpr std::array<std::string_view, 4> kClassWords = {"class", "label", "class_id", "target"};

class ListParser {
 public:
  explicit ListParser(const fs::path& file) : file_(file) {}

  Status parse(std::string_view text) {
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);  // a byte order mark
    while (!text.empty()) {
      ++line_number_;
      const std::string_view line = next_line(text);
      if (line.empty()) continue;
      const auto fields = split_fields(line);
      if (!fields) return error("has a quote without its end");
      SL_TRY_STATUS(add(*fields));
      first_ = false;
    }
    return entries.empty() ? Status{error("lists no images")} : Status{};
  }

  std::vector<Dataset::Entry> entries;

 private:
  Status add(const std::vector<std::string>& fields) {
    if (first_ && (fields.size() < 2 || !class_index(fields[1]))) return read_header(fields);
    if (fields.size() <= std::max(columns_.file, columns_.label)) {
      return error(fmt::format("has {} fields; expected file,class", fields.size()));
    }
    const std::string& name = fields[columns_.file];
    const auto label = class_index(fields[columns_.label]);
    if (!label) {
      return error(fmt::format("has the class {}, which is no index from 0 to {}",
                               sluice::quoted(fields[columns_.label]), kMaxClass));
    }
    if (name.empty()) return error("names no file");
    entries.push_back({(file_.parent_path() / name).string(), *label});
    return {};
  }

  Status read_header(const std::vector<std::string>& header) {
    const auto file = find_column(header, kFileWords);
    const auto label = find_column(header, kClassWords);
    if (!file || !label) {
      return error(fmt::format("is neither file,class nor a header with one of {} and one of {}",
                               fmt::join(kFileWords, ", "), fmt::join(kClassWords, ", ")));
    }
    columns_ = {*file, *label};
    return {};
  }

  [[nodiscard]] Error error(std::string message) const {
    return {ErrorCode::Parse, std::move(message),
            fmt::format("{}: line {}", file_.string(), line_number_)};
  }

  const fs::path& file_;
  Columns columns_;
  std::int64_t line_number_ = 0;
  bool first_ = true;
};

}  // namespace

Result<Dataset> open_csv(const fs::path& file) {
  SL_TRY(const MappedFile content, MappedFile::open(file));
  ListParser parser(file);
  SL_TRY_STATUS(parser.parse(content.text()));
  return Dataset("CSV list", std::move(parser.entries), {}, read_image_file);
}

}  // namespace sluice::data
