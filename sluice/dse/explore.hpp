// SPDX-License-Identifier: Apache-2.0
// Explore: the best mapping of a network to a device that was found in the time there is.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sluice/dse/cuts.hpp"
#include "sluice/hw/network.hpp"

namespace sluice::dse {

struct Solution {
  hw::HardwareNetwork network;
  hw::NetworkEstimate estimate;
  // Proven of a single partition: no mapping has a shorter interval. 0: nothing is proven.
  double least_interval_cycles = 0;

  // Of the first partition, between feature maps.
  [[nodiscard]] double interval_cycles() const;
  // Whether no mapping is faster, but for a thousandth or part of a cycle.
  [[nodiscard]] bool is_proven() const;
};

// Of a mapping that was found before, all that is derived in it.
[[nodiscard]] Solution solution_of(const Problem& problem, hw::HardwareNetwork network,
                                   double least_interval_cycles);

// Where a search stands after a round of it: what it goes on from.
struct Checkpoint {
  Solution best;
  int rounds = 0;  // that have ended
};

// Each round puts more into the search: the first tries prices alone, the second all solvers, and
// each that follows four times as much.
struct ExploreOptions {
  // After which no more is tried. None: the search ends after `rounds`, its answer depending on
  // nothing but the problem and the seed.
  std::optional<double> budget_s;
  int rounds = 2;
  std::uint64_t seed = 0;
  // Asked now and then, by several threads: true ends the search with the best so far.
  std::function<bool()> is_cancelled;
  std::function<void(const SearchStatus&)> report;
  // Called after each round that is not the last.
  std::function<void(const Checkpoint&)> save;
  std::optional<Checkpoint> resumed;
};

// Why a search ended.
enum class Ended : unsigned char {
  Proven,     // nothing better is possible
  Rounds,     // all that is tried without a budget was tried
  Budget,     // of time
  Cancelled,  // by is_cancelled
};

struct Exploration {
  std::optional<Solution> best;
  Ended ended = Ended::Rounds;
  int rounds = 0;
  // Why there is none: what is lacking, in numbers. Empty if the search was ended before.
  std::vector<std::string> lacking;
};

// By the problem's objective. Each answer has passed violations(). With a problem's network alike,
// a checkpoint's partitions are taken as they are.
[[nodiscard]] Exploration explore(const Problem& problem, const ExploreOptions& options = {});

// The mappings none of which is better in all of feature maps a second and the resources of
// `kinds` (places in hw::kResourceKinds) than another; the fastest first.
[[nodiscard]] std::vector<Solution> pareto_front(const Problem& problem,
                                                 const std::vector<std::size_t>& kinds,
                                                 const ExploreOptions& options = {});

}  // namespace sluice::dse
