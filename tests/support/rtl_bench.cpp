// SPDX-License-Identifier: Apache-2.0
#include "tests/support/rtl_bench.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <sstream>
#include <vector>

namespace sluice::test {
namespace {

// The pauses of a stream, of 256 cycles. All kinds meet: a side that hardly ever waits, one that
// hardly ever moves, and what lies between.
constexpr std::array kStalls = {8, 24, 64, 128, 200};

const std::filesystem::path& rtl_folder() {
  static const std::filesystem::path kFolder = std::filesystem::absolute("rtl");
  return kFolder;
}

std::string read_text(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The library's modules by its manifest, and the parts of benches.
std::string library_files() {
  std::string files;
  std::istringstream manifest(read_text(rtl_folder() / "sl.f"));
  for (std::string line; std::getline(manifest, line);) {
    if (!line.empty() && !line.starts_with("//")) {
      files += fmt::format(" '{}'", (rtl_folder() / line).string());
    }
  }
  for (const char* part : {"marker", "monitor", "random", "sink", "source"}) {
    files += fmt::format(" '{}/bench/sl_bench_{}.sv'", rtl_folder().string(), part);
  }
  return files;
}

// A command in a folder: its standard output and error, and whether it succeeded.
struct Ended {
  bool succeeded;
  std::string output;
};

Ended execute(const std::filesystem::path& folder, const std::string& command) {
  const std::filesystem::path log = folder / "log.txt";
  const std::string line =
      fmt::format("cd '{}' && {{ {}; }} >'{}' 2>&1", folder.string(), command, log.string());
  const bool succeeded = std::system(line.c_str()) == 0;
  return {.succeeded = succeeded, .output = read_text(log)};
}

bool has_program(const std::string& name) {
  return std::system(fmt::format("command -v {} >/dev/null", name).c_str()) == 0;
}

// One end of a wire of a bench.
struct Wire {
  std::string port, name;  // the name: "instance.x" or "instance.x0"
  bool is_input;
};

// The names of an instance's streams, inputs first.
std::vector<Wire> wires_of(const RtlInstance& instance) {
  std::vector<Wire> wires;
  wires.reserve(instance.inputs.size() + instance.outputs.size());
  const auto append = [&](const std::vector<RtlStream>& streams, bool is_input) {
    std::map<std::string, int> seen;
    for (const RtlStream& stream : streams) {
      const auto same = std::ranges::count(streams, stream.port, &RtlStream::port);
      std::string name = fmt::format("{}.{}", instance.name, stream.port);
      if (same > 1) name += std::to_string(seen[stream.port]++);
      wires.push_back({stream.port, std::move(name), is_input});
    }
  };
  append(instance.inputs, true);
  append(instance.outputs, false);
  return wires;
}

std::string file_of(std::size_t wire_index) {
  return fmt::format("stream{}.mem", wire_index);
}

// The signals `signal_<i>` of a port's streams, the first in the lowest bits.
std::string joined(std::string_view signal, std::size_t first, std::size_t count) {
  std::string text;
  for (std::size_t i = first + count; i-- > first;) {
    text += fmt::format("{}{}_{}", text.empty() ? "" : ", ", signal, i);
  }
  return count == 1 ? text : "{" + text + "}";
}

// An end of a stream: a source or a sink.
std::string end_text(const RtlStream& stream, const Wire& wire, std::size_t index) {
  Rng rng(index + 1);
  const std::string kind = wire.is_input ? "source" : "sink";
  std::string text = fmt::format(
      "  // {0}\n"
      "  wire valid_{1}, ready_{1}, done_{1};\n"
      "  wire [{2}:0] data_{1};\n",
      wire.name, index, stream.words.width_bits() - 1);
  text += fmt::format(
      "  sl_bench_{} #(\n"
      "    .Width({}), .Words({}), .File(\"{}\"), .Stall({}), .Seed({}), .Name(\"{}\"), "
      ".FrameWords({})\n"
      "  ) u_{}_{} (\n",
      kind, stream.words.width_bits(), stream.words.size(), file_of(index),
      kStalls[rng.below(kStalls.size())], index + 1, wire.name, stream.frame_words, kind, index);
  text += wire.is_input ? fmt::format(
                              "    .clk_i, .rst_ni, .cycle_i(cycle_q), .y_valid_o(valid_{0}),\n"
                              "    .y_ready_i(ready_{0}), .y_o(data_{0}), .done_o(done_{0}), "
                              ".words_o()\n  );\n",
                              index)
                        : fmt::format(
                              "    .clk_i, .rst_ni, .cycle_i(cycle_q), .x_valid_i(valid_{0}),\n"
                              "    .x_ready_o(ready_{0}), .x_i(data_{0}), .done_o(done_{0}),\n"
                              "    .failed_o(failed_{0}), .words_o(), .mismatches_o()\n  );\n",
                              index);
  return wire.is_input ? text : fmt::format("  wire failed_{};\n", index) + text;
}

std::string instance_text(const RtlInstance& instance, const std::vector<Wire>& wires,
                          std::size_t first) {
  std::string text = fmt::format("  {} #({}) u_{} (\n    .clk_i, .rst_ni", instance.module,
                                 instance.parameters, instance.name);
  for (std::size_t i = 0; i < wires.size();) {
    std::size_t count = 1;
    const auto same = [&](const Wire& other) {
      return other.port == wires[i].port && other.is_input == wires[i].is_input;
    };
    while (i + count < wires.size() && same(wires[i + count])) ++count;
    const char to = wires[i].is_input ? 'i' : 'o';
    const char back = wires[i].is_input ? 'o' : 'i';
    text += fmt::format(",\n    .{0}_valid_{1}({3}), .{0}_ready_{2}({4}), .{0}_{1}({5})",
                        wires[i].port, to, back, joined("valid", first + i, count),
                        joined("ready", first + i, count), joined("data", first + i, count));
    i += count;
  }
  return text + "\n  );\n\n";
}

// What ends a bench: all is done, or the cycles it was given are over, or nothing has moved for
// long, or something was wrong long ago: a module that never stops talking must not keep it.
constexpr std::string_view kEnd = R"(
  logic [63:0] cycle_q, last_cycle;
  logic [31:0] idle_q, drained_q, failed_q;

  initial if ($value$plusargs("cycles=%d", last_cycle) == 0) last_cycle = '1;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      cycle_q   <= '0;
      idle_q    <= '0;
      drained_q <= '0;
      failed_q  <= '0;
    end else begin
      cycle_q <= cycle_q + 1;
      idle_q  <= moves ? '0 : idle_q + 1;
      // Words that should not be may come late.
      if (done) drained_q <= drained_q + 1;
      if (failed) failed_q <= failed_q + 1;
      if (drained_q == 200 || failed_q == 20000 || cycle_q == last_cycle) begin
        if (failed) $display("SL FAIL");
        else $display("SL PASS");
        $finish;
      end else if (idle_q == 20000) begin
        $display("SL STALLED in cycle %0d", cycle_q);
)";

// Each frame's cycles, from the lines `SL FIRST <name> <cycle>` and `SL LAST <name> <cycle>`.
void read_times(RtlRun& run) {
  std::istringstream lines(run.output);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string sl, what, name;
    std::uint64_t cycle = 0;
    if (!(words >> sl >> what >> name >> cycle) || sl != "SL") continue;
    if (what == "FIRST") run.times[name].push_back({cycle, cycle});
    if (what == "LAST") run.times[name].back().last_cycle = cycle;
  }
}

}  // namespace

void RtlWords::push(std::span<const std::int64_t> fields, std::size_t field_bits) {
  // From bit to hexadecimal digit; words are short, and any field may straddle two digits.
  std::string digits((width_bits_ + 3) / 4, '\0');
  for (std::size_t bit = 0; bit < std::min(width_bits_, fields.size() * field_bits); ++bit) {
    const auto field = static_cast<std::uint64_t>(fields[bit / field_bits]);
    const auto value = static_cast<char>((field >> (bit % field_bits)) & 1U);
    char& digit = digits[digits.size() - 1 - bit / 4];
    digit = static_cast<char>(digit | (value << (bit % 4)));
  }
  for (char& digit : digits) digit = "0123456789abcdef"[static_cast<unsigned char>(digit)];
  text_ += digits + "\n";
  ++size_;
}

RtlWords rtl_words(std::span<const std::int64_t> codes, std::size_t code_bits, std::size_t lanes) {
  RtlWords words(code_bits * lanes);
  for (std::size_t i = 0; i + lanes <= codes.size(); i += lanes) {
    words.push(codes.subspan(i, lanes), code_bits);
  }
  return words;
}

std::vector<std::int64_t> random_codes(Rng& rng, std::size_t count, std::size_t code_bits,
                                       bool is_signed) {
  const std::int64_t low = is_signed ? -(std::int64_t{1} << (code_bits - 1)) : 0;
  std::vector<std::int64_t> codes(count);
  for (auto& code : codes) code = low + static_cast<std::int64_t>(rng.below(1ULL << code_bits));
  return codes;
}

std::int64_t RtlRun::latency(const std::string& from, const std::string& to) const {
  return static_cast<std::int64_t>(times.at(to).front().first_cycle) -
         static_cast<std::int64_t>(times.at(from).front().first_cycle);
}

std::uint64_t RtlRun::cycles(const std::string& stream) const {
  const auto& frames = times.at(stream);
  return frames.back().last_cycle - frames.front().first_cycle + 1;
}

void RtlBench::add(RtlInstance instance) {
  instances_.push_back(std::move(instance));
}

void RtlBench::add_module(std::string_view file_name, std::string_view text) {
  folder_.write(file_name, text);
  extra_files_.emplace_back(file_name);
}

void RtlBench::add_file(std::string_view file_name, const RtlWords& words) {
  folder_.write(file_name, words.text());
}

std::string RtlBench::module_text() const {
  std::string body, moves = "1'b0", done = "1'b1", failed = "1'b0", shown;
  std::size_t first = 0;
  for (const RtlInstance& instance : instances_) {
    const std::vector<Wire> wires = wires_of(instance);
    for (std::size_t i = 0; i < wires.size(); ++i) {
      const std::size_t index = first + i;
      const bool is_input = i < instance.inputs.size();
      const RtlStream& stream =
          is_input ? instance.inputs[i] : instance.outputs[i - instance.inputs.size()];
      body += end_text(stream, wires[i], index);
      moves += fmt::format("\n    || (valid_{0} && ready_{0})", index);
      done += fmt::format("\n    && done_{}", index);
      if (!is_input) failed += fmt::format("\n    || failed_{}", index);
      shown += fmt::format(
          "        $display(\"SL STREAM {0} valid %b ready %b\", valid_{1}, ready_{1});\n",
          wires[i].name, index);
    }
    body += instance_text(instance, wires, first);
    first += wires.size();
  }
  return fmt::format(
      "// verilator lint_off PINCONNECTEMPTY\n"
      "module sl_bench (input logic clk_i, input logic rst_ni);\n\n"
      "  wire moves, done, failed;\n{}{}        $finish;\n      end\n    end\n  end\n\n{}"
      "  assign moves = {};\n  assign done = {};\n  assign failed = {};\n\nendmodule\n",
      kEnd, shown, body, moves, done, failed);
}

std::string RtlBench::build(RtlSimulator simulator) {
  folder_.write("sl_bench.sv", module_text());
  std::size_t index = 0;
  for (const RtlInstance& instance : instances_) {
    for (const RtlStream& s : instance.inputs) folder_.write(file_of(index++), s.words.text());
    for (const RtlStream& s : instance.outputs) folder_.write(file_of(index++), s.words.text());
  }
  // The library must be free of warnings for the parameters of every test; benches need not be.
  std::string waived = "`verilator_config\nlint_off -file \"*sl_bench*\"\n";
  for (const std::string& file : extra_files_) waived += "lint_off -file \"" + file + "\"\n";
  folder_.write("waived.vlt", waived);
  std::string files = " sl_bench.sv" + library_files();
  for (const std::string& file : extra_files_) files += " " + file;
  const std::string rtl = rtl_folder().string();
  // Short compiles count for more than fast models. What no reset sets is random.
  const std::string verilate = fmt::format(
      "OBJCACHE=$(command -v ccache) verilator --cc --exe --build -j 2 --no-timing --assert "
      "-Wall --x-assign unique --x-initial unique -DSL_ASSERTIONS -DSL_BENCH '-I{0}' "
      "-MAKEFLAGS 'OPT_FAST=-O1 OPT_SLOW=-O0 OPT_GLOBAL=-O1' --top-module sl_bench -o bench "
      "'{0}/bench/sl_bench_main.cpp' waived.vlt{1}",
      rtl, files);
  const std::string iverilog = fmt::format(
      "iverilog -g2012 -DSL_BENCH '-I{0}' -s sl_bench_icarus -o bench.vvp "
      "'{0}/bench/sl_bench_icarus.sv'{1}",
      rtl, files);
  const Ended ended =
      execute(folder_.path(), simulator == RtlSimulator::Verilator ? verilate : iverilog);
  return ended.succeeded ? std::string() : "the build failed\n" + ended.output;
}

RtlRun RtlBench::run(const RtlRunOptions& options) {
  if (!built_.contains(options.simulator)) {
    built_[options.simulator] = build(options.simulator);
  }
  RtlRun run{.output = built_[options.simulator]};
  if (!run.output.empty()) return run;
  const std::string command = options.simulator == RtlSimulator::Verilator
                                  ? fmt::format(
                                        "obj_dir/bench +verilator+rand+reset+2 "
                                        "+verilator+seed+{}",
                                        options.seed)
                                  : "vvp -n bench.vvp";
  const std::string cycles = options.cycles > 0 ? fmt::format(" +cycles={}", options.cycles) : "";
  const Ended ended = execute(
      folder_.path(), fmt::format("{}{} +seed={}{}", command, options.stalls ? "" : " +no_stalls",
                                  options.seed, cycles));
  run.output = ended.output;
  run.passed = ended.succeeded && run.output.find("SL PASS\n") != std::string::npos;
  read_times(run);
  return run;
}

RtlRun expect_passes(RtlBench& bench) {
  const bool full = simulate_in_full();
  // Icarus takes two thirds of the time of all words, and reads the same text.
  std::vector<RtlRunOptions> runs{
      {.simulator = RtlSimulator::Icarus, .cycles = full ? 0U : 20'000U}};
  for (unsigned seed = 2; seed <= (full ? 20U : 3U); ++seed) runs.push_back({.seed = seed});
  runs.push_back({.stalls = false});
  RtlRun last;
  for (const RtlRunOptions& options : runs) {
    last = bench.run(options);
    EXPECT_TRUE(last.passed) << (options.simulator == RtlSimulator::Icarus ? "Icarus" : "Verilator")
                             << (options.stalls ? "" : ", no stalls") << ", seed " << options.seed
                             << "\n"
                             << last.output;
  }
  return last;
}

bool simulate_in_full() {
  return std::getenv("SLUICE_RTL_FULL") != nullptr;
}

std::string missing_rtl_simulators() {
  std::string missing;
  for (const char* program : {"verilator", "iverilog"}) {
    if (!has_program(program)) missing += (missing.empty() ? "" : ", ") + std::string(program);
  }
  return missing;
}

}  // namespace sluice::test
