// SPDX-License-Identifier: Apache-2.0
// Modules of rtl/ between sources and sinks of words, run by a simulator of Verilog.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/temp_folder.hpp"

#include "sluice/base/rng.hpp"

namespace sluice::test {

// The words of a stream, of any number of bits.
class RtlWords {
 public:
  explicit RtlWords(std::size_t width_bits) : width_bits_(width_bits) {}

  // Appends a word of fields of `field_bits` (at most 64) each, the first in the lowest bits. Of a
  // field the low bits count: two's complement.
  void push(std::span<const std::int64_t> fields, std::size_t field_bits);

  [[nodiscard]] std::size_t width_bits() const { return width_bits_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  // In hexadecimal, a word a line: what $readmemh reads.
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::size_t width_bits_;
  std::size_t size_ = 0;
  std::string text_;
};

// Codes in the order of a stream of `lanes` codes a word.
[[nodiscard]] RtlWords rtl_words(std::span<const std::int64_t> codes, std::size_t code_bits,
                                 std::size_t lanes = 1);

// Random codes of `code_bits` bits (at most 63).
[[nodiscard]] std::vector<std::int64_t> random_codes(Rng& rng, std::size_t count,
                                                     std::size_t code_bits, bool is_signed = false);

// The settings that are known to be corners, and others that `draw(rng)` finds.
template <class Setting, class Draw>
[[nodiscard]] std::vector<Setting> corners_and(std::vector<Setting> corners, std::size_t drawn,
                                               const Draw& draw) {
  Rng rng(drawn);
  for (std::size_t i = 0; i < drawn; ++i) corners.push_back(draw(rng));
  return corners;
}

// A number in [low, high].
[[nodiscard]] inline std::size_t draw_size(Rng& rng, std::int64_t low, std::int64_t high) {
  return static_cast<std::size_t>(rng.integer(low, high));
}

// Port `x` stands for x_valid_i, x_ready_o and x_i (of an output y: y_valid_o, y_ready_i, y_o).
// Streams of the same port are its elements, the first in the lowest bits; they are called x0, x1.
struct RtlStream {
  std::string port;
  RtlWords words;
  std::size_t frame_words = 0;  // the cycles of each such number of words are told; 0: of all
};

struct RtlInstance {
  std::string name;
  std::string module;
  std::string parameters;  // ".Width(8), .Lanes(2)"
  std::vector<RtlStream> inputs = {};
  std::vector<RtlStream> outputs = {};
};

// Cycles of the first and the last transfer of a frame, counted from the end of reset.
struct RtlTimes {
  std::uint64_t first_cycle = 0, last_cycle = 0;
  [[nodiscard]] std::uint64_t cycles() const { return last_cycle - first_cycle + 1; }
};

struct RtlRun {
  bool passed = false;
  std::string output;                                  // of the build if that failed
  std::map<std::string, std::vector<RtlTimes>> times;  // of "instance.stream", a frame each

  // Cycles from the first word of one stream to the first word of another, in the first frame.
  [[nodiscard]] std::int64_t latency(const std::string& from, const std::string& to) const;
  // Cycles from a stream's first word to its last, of all frames, both counted.
  [[nodiscard]] std::uint64_t cycles(const std::string& stream) const;
};

enum class RtlSimulator : unsigned char { Verilator, Icarus };

struct RtlRunOptions {
  RtlSimulator simulator = RtlSimulator::Verilator;
  bool stalls = true;  // random pauses at both ends of all streams
  unsigned seed = 1;
  std::uint64_t cycles =
      0;  // of the clock, after which a bench without a fault passes; 0: all words
};

// Instances that run side by side. Lives within one test, in a folder of its own.
class RtlBench {
 public:
  void add(RtlInstance instance);
  // Another file of SystemVerilog, for modules that are in the test only.
  void add_module(std::string_view file_name, std::string_view text);
  // A file beside the bench, for a parameter that names one.
  void add_file(std::string_view file_name, const RtlWords& words);

  // Compares all outputs; builds what was not built yet, so add nothing after the first run.
  // Without modules of the test's own a build fails at any warning of Verilator.
  [[nodiscard]] RtlRun run(const RtlRunOptions& options);

 private:
  [[nodiscard]] std::string module_text() const;
  [[nodiscard]] std::string build(RtlSimulator simulator);

  TempFolder folder_;
  std::vector<RtlInstance> instances_;
  std::vector<std::string> extra_files_;
  std::map<RtlSimulator, std::string> built_;  // and what went wrong
};

// Runs a bench with pauses in Icarus, for some cycles, and twice in Verilator with the modules'
// assertions, then without pauses in Verilator: nothing may differ. In full, all words in Icarus
// and nineteen times in Verilator. What the last run measured.
RtlRun expect_passes(RtlBench& bench);

// Whether everything is to be simulated (`make rtl-full`: the variable SLUICE_RTL_FULL is set), or
// what a suite has the time for.
[[nodiscard]] bool simulate_in_full();

// The simulators that are not on this machine; empty if all are.
[[nodiscard]] std::string missing_rtl_simulators();

}  // namespace sluice::test

// Skips the test where a simulator is missing.
#define SL_NEEDS_RTL_SIMULATORS()                                                               \
  if (const std::string missing = ::sluice::test::missing_rtl_simulators(); !missing.empty()) { \
    GTEST_SKIP() << "no " << missing << " on this machine: run scripts/setup.sh test";          \
  }
