// SPDX-License-Identifier: Apache-2.0
#include "sluice/synth/cells_file.hpp"

#include <nlohmann/json.hpp>
#include <string_view>
#include <system_error>

#include "sluice/base/file.hpp"
#include "sluice/base/json.hpp"
#include "sluice/base/sha256.hpp"

namespace sluice::synth {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFormat = "sluice.cells/1";

Result<Cells> parse_cells(const Json& document) {
  const JsonReader reader(document);
  SL_TRY_STATUS(reader.check_format(kFormat));
  SL_TRY_STATUS(reader.only_keys({"format", "cells"}));
  SL_TRY(const JsonReader kinds, reader.at("cells"));
  if (!kinds.value().is_object()) return kinds.error("expected an object");
  Cells cells;
  for (const auto& [cell, count] : kinds.value().items()) {
    SL_TRY(const JsonReader number, kinds.at(cell));
    SL_TRY(cells[cell], number.integer());
  }
  return cells;
}

fs::path file_of(const fs::path& folder, const std::string& key) {
  return folder / (key + ".json");
}

}  // namespace

std::string key_of(std::span<const std::string> parts) {
  constexpr std::size_t kDigits = 20;
  Sha256 hash;
  // Each part's length goes first: "ab", "c" is not "a", "bc".
  const auto add = [&](const std::string& text) { hash.update(std::as_bytes(std::span(text))); };
  for (const std::string& part : parts) {
    add(std::to_string(part.size()) + ':');
    add(part);
  }
  return hash.finish().substr(0, kDigits);
}

Status keep_cells(const fs::path& folder, const std::string& key, const Cells& cells) {
  std::error_code error;
  fs::create_directories(folder, error);
  const Json document{{"format", kFormat}, {"cells", cells}};
  return write_file(file_of(folder, key), dump_json(document));
}

Result<std::optional<Cells>> kept_cells(const fs::path& folder, const std::string& key) {
  const fs::path path = file_of(folder, key);
  std::error_code error;
  if (!fs::exists(path, error)) return std::optional<Cells>{};
  SL_TRY(const Json document, read_json(path));
  auto cells = parse_cells(document);
  if (!cells) return std::move(cells).error().at(path.string());
  return std::optional<Cells>{*std::move(cells)};
}

}  // namespace sluice::synth
