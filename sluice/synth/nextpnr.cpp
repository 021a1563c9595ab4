// SPDX-License-Identifier: Apache-2.0
#include "sluice/synth/nextpnr.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <utility>

#include "sluice/base/file.hpp"
#include "sluice/base/json.hpp"
#include "sluice/base/process.hpp"
#include "sluice/base/text.hpp"

namespace sluice::synth {
namespace {

namespace fs = std::filesystem;

// Of each family that nextpnr places.
std::vector<Nextpnr> largest_devices() {
  return {
      {.program = "nextpnr-ecp5",
       .version = {},
       .family = Family::Ecp5,
       .device = "LFE5U-85F, CABGA756, speed grade 6",
       .options = {"--85k", "--package", "CABGA756", "--speed", "6", "--lpf-allow-unconstrained"}},
      {.program = "nextpnr-ice40",
       .version = {},
       .family = Family::Ice40,
       .device = "iCE40 HX8K, CT256",
       .options = {"--hx8k", "--package", "ct256", "--pcf-allow-unconstrained"}}};
}

Program nextpnr_program(std::vector<std::string> command, fs::path folder) {
  const std::string name = command.front();
  return {.command = std::move(command),
          .folder = std::move(folder),
          .input = {},
          .time_limit = kLongest,
          .remedy = fmt::format("install it (pip install yowasp-{})", name),
          .slow = "explore the network with a smaller --share of the device"};
}

// Synthesis and mapping name what they make after the nets that they make it of.
bool is_named(std::string_view net) {
  return !net.starts_with('$') && net.find("_LUT4_") == std::string_view::npos &&
         net.find("_CCU2C_") == std::string_view::npos &&
         net.find("_TRELLIS_") == std::string_view::npos &&
         net.find("_SB_") == std::string_view::npos && net.find("MUX") == std::string_view::npos;
}

}  // namespace

Result<Nextpnr> find_nextpnr(Family family) {
  for (Nextpnr& found : largest_devices()) {
    if (found.family != family) continue;
    const std::string own = found.program;
    if (!has_program(own) && has_program("yowasp-" + own)) found.program = "yowasp-" + own;
    SL_TRY(const Ended ended, run_successfully(nextpnr_program({found.program, "--version"}, {})));
    const std::string& line = ended.messages.empty() ? ended.output : ended.messages;
    // "nextpnr-ecp5" -- Next Generation Place and Route (Version …)
    constexpr std::string_view kMark = "(Version ";
    const std::size_t at = line.find(kMark);
    if (at == std::string::npos) {
      return Error{
          ErrorCode::External,
          fmt::format("says {}, which is not nextpnr", sluice::quoted(printable(line, 80))),
          found.program};
    }
    const std::size_t begin = at + kMark.size();
    found.version = fmt::format("{} {}", own, line.substr(begin, line.find(')', begin) - begin));
    return std::move(found);
  }
  return Error{ErrorCode::InvalidArgument,
               fmt::format("{} is not placed: nextpnr knows ecp5 and ice40", to_string(family))};
}

Result<Placement> place(const Yosys& yosys, const Nextpnr& nextpnr, const Job& job,
                        const Whole& whole) {
  SL_TRY_STATUS(map_whole(yosys, nextpnr.family, job, whole));
  const std::string report = fmt::format("synth/{}_report.json", job.name);
  std::vector<std::string> command{nextpnr.program, "--quiet", "--seed", "1", "--timing-allow-fail",
                                   // More than is reached: else it rests at 12 MHz.
                                   "--freq", "200", "--json",
                                   fmt::format("synth/{}_netlist.json", job.name), "--report",
                                   report};
  command.insert(command.end(), nextpnr.options.begin(), nextpnr.options.end());
  SL_TRY(const Ended placed, run_program(nextpnr_program(std::move(command), job.folder)));
  if (placed.exit_code != 0) {
    return Error{ErrorCode::External,
                 fmt::format("{} does not place it on {}: {}", nextpnr.program, nextpnr.device,
                             complaint_of(placed.messages + placed.output, placed.exit_code)),
                 whole.top};
  }
  SL_TRY(const MappedFile written, MappedFile::open(job.folder / report));
  SL_TRY(Placement placement, parse_report(written.text()));
  placement.nextpnr = nextpnr.version;
  placement.device = nextpnr.device;
  return placement;
}

Result<Placement> parse_report(std::string_view text) {
  SL_TRY(const Json document, parse_json(text));
  const JsonReader reader(document);
  SL_TRY(const JsonReader clocks, reader.at("fmax"));
  if (!clocks.value().is_object() || clocks.value().empty()) {
    return clocks.error("expected the clocks of the design");
  }
  Placement result;
  std::string slowest;
  for (const auto& [clock, each] : clocks.value().items()) {
    SL_TRY(const JsonReader frequencies, clocks.at(clock));
    SL_TRY(const JsonReader achieved, frequencies.at("achieved"));
    SL_TRY(const double mhz, achieved.number());
    if (slowest.empty() || mhz < result.fmax_mhz) {
      result.fmax_mhz = mhz;
      slowest = clock;
    }
  }
  SL_TRY(const JsonReader paths, reader.at("critical_paths"));
  SL_TRY(const auto critical, paths.elements());
  for (const JsonReader& path : critical) {
    SL_TRY(const JsonReader from, path.at("from"));
    SL_TRY(const JsonReader to, path.at("to"));
    SL_TRY(const std::string begin, from.string());
    SL_TRY(const std::string end, to.string());
    if (begin.find(slowest) == std::string::npos || begin != end) continue;
    SL_TRY(const JsonReader steps, path.at("path"));
    SL_TRY(const auto list, steps.elements());
    for (const JsonReader& step : list) {
      if (!step.has("net")) continue;
      SL_TRY(const JsonReader net, step.at("net"));
      SL_TRY(std::string name, net.string());
      if (is_named(name)) result.slowest_path.push_back(std::move(name));
    }
    break;
  }
  return result;
}

}  // namespace sluice::synth
