// SPDX-License-Identifier: Apache-2.0
// Anneal: changes choices at random, ever more seldom for the worse, until they fit a budget.
// (Simulated annealing of what is overdrawn; a move reckons only what it touches.)
#pragma once

#include <functional>
#include <span>

#include "sluice/base/rng.hpp"
#include "sluice/dse/space.hpp"

namespace sluice::dse {

// An assignment whose demand and interval are kept up as choices change.
class Mapping {
 public:
  Mapping(const Space& space, Assignment assignment);

  [[nodiscard]] const Assignment& assignment() const { return assignment_; }
  [[nodiscard]] const Demand& demand() const { return demand_; }
  [[nodiscard]] double interval_cycles() const;
  // Makes `choice` that of a node; takes the time of its edges.
  void choose(std::size_t node, std::uint32_t choice);

 private:
  [[nodiscard]] const Choice& chosen(std::size_t node) const {
    return space_->nodes[node].layer->choices[assignment_.choices[node]];
  }
  // What changes with a node's choice.
  [[nodiscard]] Demand demand_around(std::size_t node) const;

  const Space* space_;
  Assignment assignment_;
  Demand demand_;
};

struct AnnealOptions {
  std::int64_t moves = 8000;
  double first_temperature = 0.02;  // of shares of the budget overdrawn
  double last_temperature = 2e-4;
};

struct Annealed {
  std::optional<Assignment> assignment;  // none if none was found
  std::int64_t moves = 0;
  std::int64_t accepted = 0;
  double temperature = 0;  // at the end
};

// From `start`, among the `allowed` choices of each node, to one whose overdraft is 0. `overdraft`
// says how much a demand is over the budget.
[[nodiscard]] Annealed anneal(const Space& space,
                              std::span<const std::vector<std::uint32_t>> allowed,
                              const Assignment& start,
                              const std::function<double(const Demand&)>& overdraft, Rng& rng,
                              const AnnealOptions& options = {});

}  // namespace sluice::dse
