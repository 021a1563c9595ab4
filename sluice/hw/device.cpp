// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/device.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <initializer_list>
#include <span>
#include <system_error>

#include "sluice/base/file.hpp"
#include "sluice/base/shipped.hpp"
#include "sluice/base/text.hpp"

// toml++ 3.3 asserts, and where NDEBUG is defined assumes, that texts are right at places where it
// goes on to check them ("[#" is one it would fall over): so neither is to be compiled in.
#undef NDEBUG
#define TOML_ASSERT(condition) static_assert(true)
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

namespace sluice::hw {
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{1} << 20;
constexpr std::int64_t kMaxBits = std::int64_t{1} << 20;  // of a port or a multiplier

Error error_at(const toml::source_position& place, std::string message) {
  return {ErrorCode::Parse, std::move(message),
          fmt::format("line {}, column {}", place.line, place.column)};
}

Error error_at(const toml::source_region& place, std::string message) {
  return error_at(place.begin, std::move(message));
}

// What toml++ 3.3 does with some characters beyond ASCII (U+FB01) is undefined.
Status check_characters(std::string_view text) {
  toml::source_position place{1, 1};
  for (const char c : text) {
    const bool is_space = c == '\t' || c == '\n' || c == '\r';
    if (!is_space && (c < ' ' || c > '~')) {
      return error_at(place, fmt::format("the byte {} is no printable ASCII: write it otherwise",
                                         printable({&c, 1})));
    }
    ++place.column;
    if (c == '\n') place = {place.line + 1, 1};
  }
  return {};
}

using Keys = std::span<const std::string_view>;

// The first key of `table` that is not among `known` is an error. `whose` names the table.
Status only_keys(const toml::table& table, std::string_view whose, Keys known) {
  for (const auto& [key, value] : table) {
    if (std::ranges::count(known, key.str()) > 0) continue;
    return error_at(key.source(),
                    fmt::format("{} is no key of {}{}: correct or remove it",
                                sluice::quoted(key.str()), whose, did_you_mean(key.str(), known)));
  }
  return {};
}

// A table of a device file, whose values are taken one by one.
class Section {
 public:
  static Result<Section> of(const toml::table& file, std::string_view name,
                            std::initializer_list<std::string_view> keys) {
    const toml::node* node = file.get(name);
    if (node == nullptr) {
      return Error{ErrorCode::Parse, fmt::format("has no table [{}]: add it", name)};
    }
    if (!node->is_table()) {
      return error_at(node->source(), fmt::format("{0} is no table: write [{0}]", name));
    }
    const toml::table& table = *node->as_table();
    SL_TRY_STATUS(only_keys(table, fmt::format("[{}]", name), {keys.begin(), keys.size()}));
    return Section(table, name);
  }

  // Empty texts are refused unless `may_be_empty`.
  [[nodiscard]] Result<std::string> text(std::string_view key, bool may_be_empty = false) const {
    SL_TRY(const toml::node* node, value(key, "a text"));
    const auto* found = node->as_string();
    if (found == nullptr || (found->get().empty() && !may_be_empty)) {
      return wrong(*node, key, may_be_empty ? "a text" : "a text that is not empty");
    }
    return found->get();
  }

  [[nodiscard]] Result<double> not_negative(std::string_view key) const {
    return number(key, "a number that is finite and not negative", [](double n) { return n >= 0; });
  }
  [[nodiscard]] Result<double> positive(std::string_view key) const {
    return number(key, "a number that is finite and positive", [](double n) { return n > 0; });
  }
  [[nodiscard]] Result<std::int64_t> bits(std::string_view key) const {
    SL_TRY(const toml::node* node, value(key, "a number"));
    const auto* found = node->as_integer();
    if (found == nullptr || found->get() < 1 || found->get() > kMaxBits) {
      return wrong(*node, key, fmt::format("an integer from 1 to {}", kMaxBits));
    }
    return found->get();
  }

 private:
  Section(const toml::table& table, std::string_view name) : table_(&table), name_(name) {}

  Result<const toml::node*> value(std::string_view key, std::string_view kind) const {
    const toml::node* node = table_->get(key);
    if (node != nullptr) return node;
    return error_at(table_->source(),
                    fmt::format("[{}] has no key {}: add it, {}", name_, key, kind));
  }

  Result<double> number(std::string_view key, std::string_view kind,
                        bool (*is_right)(double)) const {
    SL_TRY(const toml::node* node, value(key, "a number"));
    const auto* integer = node->as_integer();
    const auto* real = node->as_floating_point();
    double found = std::nan("");
    if (integer != nullptr) found = static_cast<double>(integer->get());
    if (real != nullptr) found = real->get();
    if (!std::isfinite(found) || !is_right(found)) return wrong(*node, key, kind);
    return found;
  }

  Error wrong(const toml::node& node, std::string_view key, std::string_view kind) const {
    return error_at(node.source(), fmt::format("{} of [{}] must be {}", key, name_, kind));
  }

  const toml::table* table_;
  std::string_view name_;
};

Status read_device(const toml::table& file, Device& device) {
  SL_TRY(const Section section, Section::of(file, "device", {"part", "board", "family", "source"}));
  SL_TRY(device.part, section.text("part"));
  SL_TRY(device.board, section.text("board", /*may_be_empty=*/true));
  SL_TRY(device.family, section.text("family"));
  SL_TRY(device.source, section.text("source"));
  return {};
}

Status read_resources(const toml::table& file, Device& device) {
  SL_TRY(const Section section,
         Section::of(file, "resources", {"lut", "ff", "dsp", "bram18", "uram"}));
  for (const ResourceKind& kind : kResourceKinds) {
    SL_TRY(device.resources.*kind.count, section.not_negative(kind.name));
  }
  return {};
}

Status read_system(const toml::table& file, Device& device) {
  SL_TRY(
      const Section section,
      Section::of(file, "system", {"clock_mhz", "memory_gbps", "reconfiguration_s", "port_bits"}));
  SL_TRY(device.clock_mhz, section.positive("clock_mhz"));
  SL_TRY(device.memory_gbps, section.not_negative("memory_gbps"));
  SL_TRY(device.reconfiguration_s, section.not_negative("reconfiguration_s"));
  SL_TRY(device.port_bits, section.bits("port_bits"));
  return {};
}

Status read_dsp(const toml::table& file, Device& device) {
  SL_TRY(const Section section, Section::of(file, "dsp", {"a_bits", "b_bits"}));
  SL_TRY(device.dsp_a_bits, section.bits("a_bits"));
  SL_TRY(device.dsp_b_bits, section.bits("b_bits"));
  return {};
}

Status read_ethernet(const toml::table& file, Device& device) {
  if (!file.contains("ethernet")) return {};
  SL_TRY(const Section section, Section::of(file, "ethernet", {"gbps", "latency_s"}));
  Ethernet found;
  SL_TRY(found.gbps, section.positive("gbps"));
  SL_TRY(found.latency_s, section.not_negative("latency_s"));
  device.ethernet = found;
  return {};
}

// Vendors write the names of their boards in capitals.
std::string lower_case(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

bool is_device_file(const std::filesystem::path& path) {
  return path.extension() == ".toml";
}

Result<std::vector<std::string>> names_in(const std::filesystem::path& folder) {
  std::error_code failed;
  std::vector<std::string> names;
  for (std::filesystem::directory_iterator at(folder, failed), end; !failed && at != end;
       at.increment(failed)) {
    if (is_device_file(at->path())) names.push_back(at->path().stem().string());
  }
  if (failed) {
    return Error{ErrorCode::Io, "cannot list the devices: " + failed.message(), folder.string()};
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace

Result<Device> Device::parse(std::string_view toml_text, std::string_view name) {
  if (toml_text.size() > kMaxFileBytes) {
    return Error{ErrorCode::Parse, fmt::format("has {} bytes, a device file has at most {}",
                                               toml_text.size(), kMaxFileBytes)};
  }
  SL_TRY_STATUS(check_characters(toml_text));
  const toml::parse_result parsed = toml::parse(toml_text);
  if (!parsed) {
    return error_at(parsed.error().source(),
                    fmt::format("is no TOML: {}", printable(parsed.error().description(), 200)));
  }
  const toml::table& file = parsed.table();
  constexpr std::array<std::string_view, 5> kTables{"device", "resources", "system", "dsp",
                                                    "ethernet"};
  SL_TRY_STATUS(only_keys(file, "a device file", kTables));
  Device device;
  device.name = name;
  for (const auto read_section :
       {read_device, read_resources, read_system, read_dsp, read_ethernet}) {
    SL_TRY_STATUS(read_section(file, device));
  }
  return device;
}

Result<Device> Device::read(const std::filesystem::path& path) {
  SL_TRY(const MappedFile file, MappedFile::open(path));
  auto device = parse(file.text(), path.stem().string());
  if (!device) return std::move(device).error().at(path.string());
  return device;
}

Result<std::vector<std::string>> device_names() {
  SL_TRY(const std::filesystem::path folder, find_shipped("devices"));
  return names_in(folder);
}

Result<Device> find_device(const std::string& name_or_path) {
  const std::filesystem::path path = name_or_path;
  if (is_device_file(path) || path.has_parent_path()) return Device::read(path);
  SL_TRY(const std::filesystem::path folder, find_shipped("devices"));
  SL_TRY(const std::vector<std::string> names, names_in(folder));
  const std::string name = lower_case(name_or_path);
  if (std::ranges::count(names, name) > 0) return Device::read(folder / (name + ".toml"));
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  return Error{
      ErrorCode::InvalidArgument,
      fmt::format("no device is called {}{}; the list is in {}, and the path of a .toml "
                  "file will do",
                  sluice::quoted(name_or_path), did_you_mean(name, candidates), folder.string())};
}

}  // namespace sluice::hw
