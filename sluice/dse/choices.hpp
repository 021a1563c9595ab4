// SPDX-License-Identifier: Apache-2.0
// Choices: every way to fold a layer and to place its weights that another does not better.
#pragma once

#include <cstdint>
#include <map>
#include <tuple>
#include <vector>

#include "sluice/dse/problem.hpp"

namespace sluice::dse {

struct Choice {
  hw::Folding folding;
  hw::WeightPlacement weights;
  double latency_cycles = 0;
  Demand demand;
  // Places in the layer's lists of numbers of streams.
  std::uint32_t in = 0, out = 0;
};

struct LayerChoices {
  std::vector<Choice> choices;  // by latency
  std::vector<std::int64_t> in_streams, out_streams;
  double least_latency_cycles = 0;
  // The least of each that is scarce that any choice takes.
  Demand least;
};

// Of a layer with words that come and go on the device, on a device like the problem's.
[[nodiscard]] LayerChoices choices_of(const hw::Layer& layer, const Problem& problem);

// What it takes to regroup streams, by bits of a word and numbers of streams: kept once reckoned.
class RegroupCosts {
 public:
  explicit RegroupCosts(const Problem& problem) : problem_(&problem) {}
  // Nothing for equal numbers.
  const Demand& of(const hw::Layer& like, std::int64_t from, std::int64_t to);

 private:
  using Key = std::tuple<std::int64_t, bool, std::int64_t, std::int64_t>;
  const Problem* problem_;
  std::map<Key, Demand> known_;
};

}  // namespace sluice::dse
