// SPDX-License-Identifier: Apache-2.0
#include "sluice/cosim/simulator.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <sstream>

#include "sluice/base/file.hpp"
#include "sluice/base/process.hpp"
#include "sluice/base/text.hpp"

namespace sluice::cosim {
namespace {

constexpr std::array<std::string_view, 2> kNames{"verilator", "icarus"};
// A build of Verilator ends within minutes, a run of a large network may take hours.
constexpr std::chrono::milliseconds kBuildLimit = std::chrono::hours(2);
constexpr std::chrono::milliseconds kRunLimit = std::chrono::hours(24 * 7);

Program program(std::vector<std::string> command, const std::filesystem::path& folder,
                std::chrono::milliseconds limit) {
  return {.command = std::move(command),
          .folder = folder,
          .input = {},
          .time_limit = limit,
          .remedy = "install the simulators (apt-get install verilator iverilog)",
          .slow = "simulate fewer images"};
}

Result<std::vector<std::string>> listed_files(const std::filesystem::path& folder) {
  SL_TRY(const MappedFile list, MappedFile::open(folder / "files.f"));
  std::istringstream lines{std::string(list.text())};
  std::vector<std::string> files;
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty()) files.push_back(line);
  }
  return files;
}

std::vector<std::string> verilate(const BuildOptions& options) {
  std::vector<std::string> command{"verilator", "--cc", "--exe",      "--build",
                                   "-j",        "0",    "--no-timing"};
  if (options.has_random_start) {
    command.insert(command.end(), {"--x-assign", "unique", "--x-initial", "unique"});
  }
  if (options.with_assertions) command.insert(command.end(), {"--assert", "-DSL_ASSERTIONS"});
  const std::string cache = has_program("ccache") ? " OBJCACHE=ccache" : "";
  // -fno-reloop: 5.006 writes loops whose variable it forgets to declare in split files.
  // Widths follow from parameters, and not each bit of a shared module is used for all of them.
  command.insert(
      command.end(),
      {"-Wno-fatal", "-Wno-WIDTH", "-Wno-UNUSED", "-O3", "-fno-reloop", "-DSL_BENCH", "-Ilibrary",
       "-MAKEFLAGS", "OPT_FAST=-O2 OPT_SLOW=-O0 OPT_GLOBAL=-O1" + cache, "--output-split", "20000",
       "--top-module", "sl_bench", "-o", "bench", "bench/sl_bench_main.cpp"});
  return command;
}

std::vector<std::string> compile_for_icarus() {
  return {"iverilog",  "-g2012",    "-DSL_BENCH",
          "-Ilibrary", "-s",        "sl_bench_icarus",
          "-o",        "bench.vvp", "bench/sl_bench_icarus.sv"};
}

// The first line that says what is wrong.
std::string complaint(const Ended& ended) {
  std::istringstream lines(ended.messages + ended.output);
  std::string first;
  for (std::string line; std::getline(lines, line);) {
    if (line.find("rror") != std::string::npos) return printable(line, 300);
    if (first.empty()) first = line;
  }
  return printable(first, 300);
}

}  // namespace

std::string_view to_string(Simulator simulator) noexcept {
  return kNames[static_cast<std::size_t>(simulator)];
}

Result<Simulator> simulator_from_string(std::string_view name) {
  const auto* const found = std::ranges::find(kNames, name);
  if (found != kNames.end()) return static_cast<Simulator>(found - kNames.begin());
  return Error{ErrorCode::InvalidArgument,
               fmt::format("no simulator {}{}; there are verilator and icarus",
                           sluice::quoted(name), did_you_mean(name, kNames))};
}

Status build_bench(Simulator simulator, const BuildOptions& options) {
  std::vector<std::string> command =
      simulator == Simulator::Verilator ? verilate(options) : compile_for_icarus();
  SL_TRY(const auto files, listed_files(options.folder));
  command.insert(command.end(), files.begin(), files.end());
  SL_TRY(const Ended ended, run_program(program(std::move(command), options.folder, kBuildLimit)));
  if (ended.exit_code == 0) return {};
  return Error{ErrorCode::External,
               fmt::format("{} refuses the modules: {}", to_string(simulator), complaint(ended)),
               options.folder.string()};
}

Result<BenchResult> run_bench(Simulator simulator, const RunOptions& options) {
  std::vector<std::string> command =
      simulator == Simulator::Verilator
          ? std::vector<std::string>{"obj_dir/bench", "+verilator+rand+reset+2",
                                     fmt::format("+verilator+seed+{}", options.seed)}
          : std::vector<std::string>{"vvp", "-n", "bench.vvp"};
  if (simulator == Simulator::Verilator) {
    command[0] = (std::filesystem::absolute(options.folder) / command[0]).string();
  }
  command.push_back(fmt::format("+seed={}", options.seed));
  if (!options.stalls) command.emplace_back("+no_stalls");
  SL_TRY(Ended ended, run_program(program(std::move(command), options.folder, kRunLimit)));
  BenchResult result = parse_bench_output(std::move(ended.output));
  if (result.passed || result.stalled || !result.mismatches.empty()) return result;
  return Error{ErrorCode::External,
               fmt::format("the bench ended without a result: {}",
                           printable(ended.messages.empty() ? result.output : ended.messages, 300)),
               options.folder.string()};
}

namespace {

// The end of the path of an instance, from the module under test on; simulators call what is above
// it as they like.
std::string within_module(const std::string& path) {
  constexpr std::string_view kModule = ".dut.";
  const std::size_t at = path.find(kModule);
  return at == std::string::npos ? path : path.substr(at + kModule.size());
}

void take_line(const std::string& line, BenchResult& result) {
  std::istringstream words(line);
  std::string sl, what, name;
  if (!(words >> sl >> what) || sl != "SL") return;
  if (what == "PASS") result.passed = true;
  if (what == "STALLED") result.stalled = true;
  if (what == "MISMATCH" || what == "EXTRA") result.mismatches.push_back(line.substr(3));
  if (what == "STREAM") result.waiting.push_back(line.substr(3 + what.size() + 1));
  FifoPeak fifo;
  if (what == "PEAK" && words >> fifo.instance >> fifo.peak_words >> fifo.depth_words) {
    fifo.instance = within_module(fifo.instance);
    result.fifos.push_back(std::move(fifo));
  }
  std::int64_t cycle = 0;
  if ((what == "FIRST" || what == "LAST") && words >> name >> cycle) {
    auto& frames = result.frames[name];
    if (what == "FIRST") frames.push_back({cycle, cycle});
    if (what == "LAST" && !frames.empty()) frames.back().last = cycle;
  }
}

}  // namespace

BenchResult parse_bench_output(std::string output) {
  BenchResult result;
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) take_line(line, result);
  std::ranges::sort(result.fifos, {}, &FifoPeak::instance);
  result.output = std::move(output);
  return result;
}

}  // namespace sluice::cosim
