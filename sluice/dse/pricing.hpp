// SPDX-License-Identifier: Apache-2.0
// Pricing: finds choices that keep an interval and fit a budget. Everything scarce gets a price;
// the cheapest choices are found exactly along a chain of layers; prices rise for what is
// overdrawn. (Lagrangian relaxation of the budget; along paths, Viterbi's dynamic programming.)
#pragma once

#include <optional>
#include <span>

#include "sluice/dse/anneal.hpp"

namespace sluice::dse {

class Pricing {
 public:
  // `exchanges`: LUTs may take the place of block RAMs.
  Pricing(const Space& space, bool exchanges);

  // Choices for which every layer takes at most `interval_cycles` and the demand is within
  // `budget`. None if prices show that there are none (exact for chains), or if none was found.
  std::optional<Assignment> find(double interval_cycles, const Demand& budget);

  // Of the last interval: by node, the choices that keep it and that no other betters.
  [[nodiscard]] std::span<const std::vector<std::uint32_t>> allowed() const { return allowed_; }
  // What the last find() came nearest with; none if no choices kept the interval.
  [[nodiscard]] const std::optional<Assignment>& nearest() const { return nearest_; }
  // Whether the last find() proved that there are none.
  [[nodiscard]] bool is_impossible() const { return is_impossible_; }
  // Choices of the last interval that fit the budget, by annealing; may be called by several
  // threads.
  [[nodiscard]] Annealed annealed(const Demand& budget, const Assignment& start, Rng& rng,
                                  const AnnealOptions& options) const;
  // Prices to bound a sum by, the best first: at each, what fits the budget costs no more than it,
  // and the cheapest choices of the last interval cost about as much.
  [[nodiscard]] std::vector<Demand> bounding_prices(const Demand& budget) const;

  // Whether no choices at all keep the interval and the budget: proven by prices at which even the
  // cheapest choices of each layer on their own, regrouping free, cost more than the budget.
  [[nodiscard]] bool is_proven_impossible(double interval_cycles, const Demand& budget);

 private:
  // Choices of a node between the same streams, up to `end` of its allowed ones; the cheapest.
  struct Group {
    std::uint32_t in, out;
    std::size_t end;
    std::uint32_t choice;
    double price;
  };

  void allow(double interval_cycles);
  void price(const Demand& prices);
  void cheapest();
  void cheapest_along(const std::vector<std::size_t>& path);
  void price_beside(std::size_t node, const std::vector<bool>& in_path);
  void price_ways(std::size_t from, std::size_t to);
  bool repair(const Demand& budget);
  [[nodiscard]] const Choice& chosen(std::size_t node) const {
    return space_->nodes[node].layer->choices[current_.choices[node]];
  }
  template <class Call>
  void for_rounds_of_prices(const Demand& budget, const Call& call) const;
  // Whether some layer has no choice that keeps the interval.
  [[nodiscard]] bool lacks_choices() const;
  [[nodiscard]] Demand least_demand(const Demand& prices) const;

  [[nodiscard]] Demand usable(const Demand& demand, const Demand& budget) const;

  const Space* space_;
  bool exchanges_;
  double interval_cycles_ = 0;                       // that choices are to keep
  std::vector<std::vector<std::uint32_t>> allowed_;  // by node: choices that keep the interval
  std::vector<std::vector<Group>> groups_;           // of these
  std::vector<std::vector<double>> edge_prices_;     // by edge, as its demands
  std::vector<bool> assigned_;
  Assignment current_;
  std::optional<Assignment> nearest_;
  bool is_impossible_ = false;
  Demand weights_;  // the last prices, in shares of the budget
  // Of the dynamic program, kept for its memory.
  std::vector<std::vector<double>> costs_;
  std::vector<std::vector<std::uint32_t>> from_;
  std::vector<double> in_costs_, out_costs_, way_costs_;
  std::vector<std::uint32_t> ways_;
};

}  // namespace sluice::dse
