// SPDX-License-Identifier: Apache-2.0
// explore: the best mapping of a network to a device. docs/reference/explore.md says how.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/api/estimate.hpp"
#include "sluice/base/json.hpp"
#include "sluice/base/result.hpp"
#include "sluice/dse/explore.hpp"
#include "sluice/hw/design.hpp"

namespace sluice::api {

struct ExploreOptions {
  std::filesystem::path model;
  std::vector<ir::ShapeOverride> input_shapes;
  std::string device;                  // name or file
  std::filesystem::path coefficients;  // empty: those that come with the program
  hw::Rules rules = hw::Rules::Sluice;
  double clock_mhz = 0;  // 0: the device's
  std::int64_t batch_size = 1;
  dse::Objective objective = dse::Objective::Throughput;
  double required_fps = 0;  // of Objective::Resources; of Energy, 0: any
  std::int64_t max_partitions = 1;
  dse::Ceilings ceilings;
  std::optional<double> budget_s;  // none: until the first two rounds of the search have ended
  std::uint64_t seed = 1;
  std::filesystem::path journal;  // where a search with a budget notes what it has; empty: nowhere
  bool resume = false;            // go on from the journal
  bool quiet = true;
  // Places in hw::kResourceKinds of what a front is wanted of, beside feature maps a second; empty:
  // no front.
  std::vector<std::size_t> front_kinds;
};

// A mapping that no other found betters.
struct FrontPoint {
  double fps = 0;
  hw::Resources resources;
  hw::Design design;
};

struct ExploreReport {
  EstimateReport estimate;  // of the best
  hw::Design design;
  std::string configuration;  // the same as fpgaConvNet's file; empty where it has no words for it
  double least_interval_cycles = 0;  // proven of one partition; 0: nothing is
  double seconds = 0;                // that the search took
  dse::Ended ended = dse::Ended::Rounds;
  int rounds = 0;
  std::uint64_t seed = 0;
  std::vector<FrontPoint> front;  // the fastest first
};

// "throughput", "latency", "resources", "energy". InvalidArgument with the nearest name.
[[nodiscard]] Result<dse::Objective> objective_from_string(std::string_view name);
// "fps,dsp,bram18": fps and resources, with commas between; the places of the resources.
[[nodiscard]] Result<std::vector<std::size_t>> front_kinds_from_string(std::string_view list);
// "0.8", "dsp=0.5,bram18=0.9", "0.8,dsp=0.5": of the device, and of single resources in its place;
// 1 of what is not named. InvalidArgument with the nearest name, or with the numbers that may be.
[[nodiscard]] Result<dse::Ceilings> ceilings_from_string(std::string_view list);

// Infeasible, with what is lacking in numbers and the smallest device that comes with the program
// that would do; Interrupted if the user asked to stop before anything was found; other errors as
// estimate(). A report of what was found before (`ended` says so) leaves the journal for `resume`.
[[nodiscard]] Result<ExploreReport> explore(const ExploreOptions& options);

// What `sluice explore` prints: the estimate's tables, the bound, the front.
[[nodiscard]] std::string to_text(const ExploreReport& report, Level level);
// All of it (format sluice.exploration/1).
[[nodiscard]] Json to_json(const ExploreReport& report);

}  // namespace sluice::api
