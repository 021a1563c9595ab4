// SPDX-License-Identifier: Apache-2.0
// Simulators of Verilog: a bench built and run, and what it said.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/result.hpp"

namespace sluice::cosim {

enum class Simulator : unsigned char { Verilator, Icarus };
// "verilator", "icarus".
[[nodiscard]] std::string_view to_string(Simulator simulator) noexcept;
// InvalidArgument with the nearest name.
[[nodiscard]] Result<Simulator> simulator_from_string(std::string_view name);

struct BuildOptions {
  // Has the module's parts: files.f, which lists them, library/ and bench/.
  std::filesystem::path folder;
  bool with_assertions = true;   // of every stream; Verilator's alone
  bool has_random_start = true;  // registers without reset; Verilator's alone
};

// Builds the module sl_bench of an emission. External, with what the simulator said, where it is
// missing or refuses them.
[[nodiscard]] Status build_bench(Simulator simulator, const BuildOptions& options);

// Cycles of the first and the last transfer of a frame, counted from the end of reset.
struct FrameCycles {
  std::int64_t first = 0, last = 0;
};

// How full a FIFO was.
struct FifoPeak {
  std::string instance;  // of the module under test: u_add_waiting0, or a path
  std::int64_t peak_words = 0, depth_words = 0;
  friend bool operator==(const FifoPeak&, const FifoPeak&) = default;
};

struct BenchResult {
  bool passed = false;
  bool stalled = false;
  std::vector<std::string> mismatches;                     // as printed, the first of each stream
  std::vector<std::string> waiting;                        // where it stalled: each stream's state
  std::map<std::string, std::vector<FrameCycles>> frames;  // of each stream
  std::vector<FifoPeak> fifos;                             // by name
  std::string output;                                      // all that was printed
};

struct RunOptions {
  std::filesystem::path folder;
  bool stalls = true;  // random pauses at both ends of all streams
  std::uint32_t seed = 1;
};

// Runs what was built. External where it does not end as a bench does.
[[nodiscard]] Result<BenchResult> run_bench(Simulator simulator, const RunOptions& options);

// What a bench's lines say.
[[nodiscard]] BenchResult parse_bench_output(std::string output);

}  // namespace sluice::cosim
