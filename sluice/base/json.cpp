// SPDX-License-Identifier: Apache-2.0
#include "sluice/base/json.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <nlohmann/json.hpp>

#include "sluice/base/file.hpp"
#include "sluice/base/text.hpp"

namespace sluice {
namespace {

// `line 3, column 14` of the byte at `offset`.
std::string line_and_column(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t start = before.rfind('\n');
  const std::size_t column = start == before.npos ? before.size() + 1 : before.size() - start;
  return fmt::format("line {}, column {}", line, column);
}

// Where the text nests deeper than allowed; npos if nowhere. Brackets inside strings do not count.
std::size_t find_too_deep(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > kMaxJsonDepth) return i;
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return std::string_view::npos;
}

// A key as a part of a JSON pointer (RFC 6901).
std::string escaped(std::string_view key) {
  std::string out = "/";
  for (const char c : key) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

// What the library says, without its `[json.exception.…] parse error at line …:` head.
std::string reason(const Json::exception& exception) {
  std::string_view what = exception.what();
  const std::size_t head = what.find(": ");
  if (head != what.npos) what.remove_prefix(head + 2);
  return std::string(what);
}

}  // namespace

Result<Json> parse_json(std::string_view text) {
  if (const std::size_t deep = find_too_deep(text); deep != std::string_view::npos) {
    return Error{ErrorCode::Parse,
                 fmt::format("JSON nests deeper than {} levels; flatten it", kMaxJsonDepth),
                 line_and_column(text, deep)};
  }
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& e) {
    const std::size_t offset = std::min(text.size(), e.byte > 0 ? e.byte - 1 : 0);
    return Error{ErrorCode::Parse, "not valid JSON: " + sluice::quoted(reason(e), 200),
                 line_and_column(text, offset)};
  } catch (const Json::exception& e) {  // a number too large for a double
    return Error{ErrorCode::Parse, "not valid JSON: " + sluice::quoted(reason(e), 200)};
  }
}

Result<Json> read_json(const std::filesystem::path& path) {
  SL_TRY(const MappedFile file, MappedFile::open(path));
  auto value = parse_json(file.text());
  if (!value) return std::move(value).error().at(path.string());
  return value;
}

std::string dump_json(const Json& value) {
  return value.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

bool JsonReader::has(std::string_view key) const {
  return value_->is_object() && value_->contains(key);
}

Result<JsonReader> JsonReader::at(std::string_view key) const {
  if (!value_->is_object()) return expected("an object");
  const auto member = value_->find(key);
  if (member == value_->end()) return error(fmt::format("lacks the key {}", sluice::quoted(key)));
  return JsonReader(*member, pointer_ + escaped(key));
}

Result<std::vector<JsonReader>> JsonReader::elements() const {
  if (!value_->is_array()) return expected("an array");
  std::vector<JsonReader> readers;
  readers.reserve(value_->size());
  for (const Json& element : *value_) {
    readers.push_back(JsonReader(element, fmt::format("{}/{}", pointer_, readers.size())));
  }
  return readers;
}

Status JsonReader::only_keys(std::initializer_list<std::string_view> keys) const {
  if (!value_->is_object()) return expected("an object");
  for (const auto& [key, member] : value_->items()) {
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
    return error(fmt::format("unknown key {}{}", sluice::quoted(key),
                             did_you_mean(key, {keys.begin(), keys.size()})));
  }
  return {};
}

Result<std::int64_t> JsonReader::integer() const {
  constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (value_->is_number_unsigned() && value_->get<std::uint64_t>() > kMax) {
    return error(fmt::format("integer {} does not fit 64 bits", value_->get<std::uint64_t>()));
  }
  if (!value_->is_number_integer()) return expected("an integer");
  return value_->get<std::int64_t>();
}

Result<double> JsonReader::number() const {
  if (!value_->is_number()) return expected("a number");
  return value_->get<double>();
}

Result<bool> JsonReader::boolean() const {
  if (!value_->is_boolean()) return expected("true or false");
  return value_->get<bool>();
}

Result<std::string> JsonReader::string() const {
  if (!value_->is_string()) return expected("a string");
  return value_->get<std::string>();
}

Result<std::string> JsonReader::string_at(std::string_view key) const {
  SL_TRY(const JsonReader member, at(key));
  return member.string();
}

Status JsonReader::check_format(std::string_view format) const {
  SL_TRY(const JsonReader member, at("format"));
  SL_TRY(const std::string name, member.string());
  if (name == format) return {};
  return member.error(fmt::format("{} is not \"{}\"", sluice::quoted(name), format));
}

Error JsonReader::error(std::string message) const {
  return {ErrorCode::Parse, std::move(message), pointer_};
}

Error JsonReader::expected(std::string_view kind) const {
  std::string found = value_->dump(-1, ' ', false, Json::error_handler_t::replace);
  return error(fmt::format("must be {}, found {}", kind, sluice::quoted(found, 40)));
}

}  // namespace sluice
