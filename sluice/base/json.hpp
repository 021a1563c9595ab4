// SPDX-License-Identifier: Apache-2.0
// JSON: text to value and back, and a reader whose errors name the place by JSON pointer.
// Whoever looks inside a Json includes <nlohmann/json.hpp>; this header stays light.
#pragma once

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/result.hpp"

namespace sluice {

// Keys keep the order in which they were written.
using Json = nlohmann::ordered_json;

// Deeper nesting is refused: a hostile file must not exhaust the stack.
inline constexpr int kMaxJsonDepth = 256;

// Parse errors carry `line 3, column 14` as the place. The text must be one whole JSON value.
[[nodiscard]] Result<Json> parse_json(std::string_view text);
// The same for a file, its path in front of the place.
[[nodiscard]] Result<Json> read_json(const std::filesystem::path& path);

// Two spaces of indentation, a newline at the end, keys in their order: the same value gives the
// same bytes. Bytes that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string dump_json(const Json& value);

// A value inside a document, with the way to it. The document must outlive the reader. Errors are
// Parse, with the JSON pointer (`/layers/3/stride`) as the place.
class JsonReader {
 public:
  explicit JsonReader(const Json& document) : value_(&document) {}

  [[nodiscard]] bool has(std::string_view key) const;
  // The member `key`; an error if this is no object or has none.
  [[nodiscard]] Result<JsonReader> at(std::string_view key) const;
  // The elements of an array, each with its place.
  [[nodiscard]] Result<std::vector<JsonReader>> elements() const;
  // An error naming the first member that is not among `keys`, with the nearest one that is.
  [[nodiscard]] Status only_keys(std::initializer_list<std::string_view> keys) const;

  // Integers must be written as integers and fit 64 bits.
  [[nodiscard]] Result<std::int64_t> integer() const;
  [[nodiscard]] Result<double> number() const;
  [[nodiscard]] Result<bool> boolean() const;
  [[nodiscard]] Result<std::string> string() const;
  // The member `key`, a string.
  [[nodiscard]] Result<std::string> string_at(std::string_view key) const;
  // An error unless the member "format" is this: "sluice.design/1".
  [[nodiscard]] Status check_format(std::string_view format) const;

  [[nodiscard]] const Json& value() const noexcept { return *value_; }
  [[nodiscard]] const std::string& pointer() const noexcept { return pointer_; }
  // An error at this place, for rules that the caller checks.
  [[nodiscard]] Error error(std::string message) const;

 private:
  JsonReader(const Json& value, std::string pointer)
      : value_(&value), pointer_(std::move(pointer)) {}
  [[nodiscard]] Error expected(std::string_view kind) const;

  const Json* value_;
  std::string pointer_;
};

}  // namespace sluice
