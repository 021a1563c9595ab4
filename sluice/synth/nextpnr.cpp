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

// The largest device that nextpnr knows of a family.
struct Target {
  Family family;
  std::string_view program;
  std::string_view device;
  std::vector<std::string> options;
};

std::vector<Target> targets() {
  return {{Family::Ecp5,
           "nextpnr-ecp5",
           "LFE5U-85F, CABGA756, speed grade 6",
           {"--85k", "--package", "CABGA756", "--speed", "6", "--lpf-allow-unconstrained"}},
          {Family::Ice40,
           "nextpnr-ice40",
           "iCE40 HX8K, CT256",
           {"--hx8k", "--package", "ct256", "--pcf-allow-unconstrained"}}};
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
  for (const Target& target : targets()) {
    if (target.family != family) continue;
    const std::string own(target.program);
    const std::string packaged = "yowasp-" + own;
    const std::string& program = has_program(own) || !has_program(packaged) ? own : packaged;
    SL_TRY(const Ended ended, run_successfully(nextpnr_program({program, "--version"}, {})));
    std::string line = ended.messages.empty() ? ended.output : ended.messages;
    // "nextpnr-ecp5" -- Next Generation Place and Route (Version …)
    const std::size_t at = line.find("(Version ");
    if (at == std::string::npos) {
      return Error{
          ErrorCode::External,
          fmt::format("says {}, which is not nextpnr", sluice::quoted(printable(line, 80))),
          program};
    }
    line = line.substr(at + 1, line.find(')', at) - at - 1);
    return Nextpnr{program, fmt::format("{} {}", own, line.substr(8)), family};
  }
  return Error{ErrorCode::InvalidArgument,
               fmt::format("{} is not placed: nextpnr knows ecp5 and ice40", to_string(family))};
}

Result<Placement> place(const Yosys& yosys, const Nextpnr& nextpnr, const Job& job,
                        const Whole& whole) {
  SL_TRY_STATUS(map_whole(yosys, nextpnr.family, job, whole));
  for (const Target& target : targets()) {
    if (target.family != nextpnr.family) continue;
    const fs::path report = job.folder / "synth" / (job.name + "_report.json");
    std::vector<std::string> command{
        nextpnr.program, "--quiet", "--seed", "1", "--timing-allow-fail",
        // More than is reached: else it rests at 12 MHz.
        "--freq", "200", "--json", fmt::format("synth/{}_netlist.json", job.name), "--report",
        fmt::format("synth/{}_report.json", job.name)};
    command.insert(command.end(), target.options.begin(), target.options.end());
    SL_TRY(const Ended placed, run_program(nextpnr_program(std::move(command), job.folder)));
    if (placed.exit_code != 0) {
      return Error{ErrorCode::External,
                   fmt::format("{} does not place it on {}: {}", nextpnr.program, target.device,
                               complaint_of(placed.messages + placed.output, placed.exit_code)),
                   whole.top};
    }
    SL_TRY(const MappedFile written, MappedFile::open(report));
    SL_TRY(Placement placement, parse_report(written.text()));
    placement.nextpnr = nextpnr.version;
    placement.device = target.device;
    return placement;
  }
  return Error{ErrorCode::Internal, "a family without a device to place on"};
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
