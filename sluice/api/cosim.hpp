// SPDX-License-Identifier: Apache-2.0
// cosim: an emitted network in a simulator, compared word by word with the exact engine, its cycles
// with the model's. docs/reference/cosim.md says how to read the report.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sluice/api/emit.hpp"
#include "sluice/base/json.hpp"
#include "sluice/base/result.hpp"
#include "sluice/cosim/simulator.hpp"

namespace sluice::api {

struct CosimOptions {
  EmitOptions emit;  // without an output the folder is removed at the end
  cosim::Simulator simulator = cosim::Simulator::Verilator;
  bool stalls = true;  // a second run, with random pauses at both ends
  bool quiet = true;
};

// One stream as the simulation saw it without pauses.
struct CosimStream {
  EmittedStream stream;
  std::int64_t words = 0;                        // compared, in all runs
  std::int64_t first_cycle = 0, last_cycle = 0;  // of the first feature map
};

struct CosimReport {
  EmitReport emission;
  std::string simulator;
  std::vector<CosimStream> streams;
  std::vector<cosim::FifoPeak> fifos;  // as full as they were without pauses
  // From the first word in to the last one out of the first feature map, both counted.
  std::int64_t latency_cycles = 0;
  // Between the last words of the last two feature maps; 0 with one.
  std::int64_t interval_cycles = 0;
  std::vector<std::string> mismatches;
  bool stalled = false;
  std::vector<std::string> waiting;  // each stream's state where it stalled
  double build_s = 0, run_s = 0;

  [[nodiscard]] bool is_equal() const { return mismatches.empty() && !stalled; }
};

// Emits, builds, runs. What differs is in the report, not an error. External where the simulator is
// missing or fails.
[[nodiscard]] Result<CosimReport> cosim(const CosimOptions& options);

// Infeasible, with the first difference or the place where words wait, unless all is equal.
[[nodiscard]] Status check_equal(const CosimReport& report);

// The tables that `sluice cosim` prints.
[[nodiscard]] std::string to_text(const CosimReport& report);
// format sluice.cosim/1
[[nodiscard]] Json to_json(const CosimReport& report);

}  // namespace sluice::api
