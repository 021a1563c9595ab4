// SPDX-License-Identifier: Apache-2.0
#include "sluice/dse/pricing.hpp"

#include <algorithm>
#include <cmath>

#include "sluice/dse/anneal.hpp"

namespace sluice::dse {
namespace {
// More than all that choices cost: a price that is paid only where there is no other way.
constexpr double kForbidden = 1e12;
constexpr int kRounds = 60;
constexpr int kPatience = 15;  // rounds without a smaller overdraft
constexpr double kCooling = 0.95;

// Prices for units of what is scarce, from weights of shares of a budget. What there is none of has
// no price: no choice takes any. A block RAM that LUTs can take the place of is not dearer than
// they.
Demand unit_prices(const Demand& weights, const Demand& budget, bool exchanges) {
  Demand result;
  for (std::size_t s = 0; s < kNumScarce; ++s) {
    result.of[s] = budget.of[s] > 0 ? weights.of[s] / budget.of[s] : 0;
  }
  if (exchanges) {
    constexpr double kLuts = hw::kLutsPerBram18;
    result.of[kLut] = std::max(result.of[kLut], result.of[kBram18] / kLuts);
    // Where there are none, LUTs take the place of all.
    if (budget.of[kBram18] <= 0) result.of[kBram18] = result.of[kLut] * kLuts;
  }
  return result;
}

Demand even_weights() {
  Demand result;
  result.of.fill(1.0 / kNumScarce);
  return result;
}

double share_of(const Demand& demand, const Demand& budget, std::size_t s) {
  return budget.of[s] > 0 ? demand.of[s] / budget.of[s] : 0;
}

// Raises the weights of what is overdrawn and lowers those of what is left over, the farthest from
// its budget by exp(step).
void adjust(Demand& weights, const Demand& demand, const Demand& budget, double step) {
  constexpr double kLeast = 1e-4;
  double farthest = 0;
  for (std::size_t s = 0; s < kNumScarce; ++s) {
    farthest = std::max(farthest, share_of(demand, budget, s) - 1);
  }
  double sum = 0;
  for (std::size_t s = 0; s < kNumScarce; ++s) {
    const double over = (share_of(demand, budget, s) - 1) / std::max(farthest, 1e-9);
    weights.of[s] = std::max(weights.of[s] * std::exp(step * std::clamp(over, -1.0, 1.0)), kLeast);
    sum += weights.of[s];
  }
  for (double& weight : weights.of) weight /= sum;
}

// How much is overdrawn, in shares of the budget; of what there is none of, in units: were it
// infinite, nothing that overdraws it would be nearer than another.
double overdraft(const Demand& demand, const Demand& budget) {
  double sum = 0;
  for (std::size_t s = 0; s < kNumScarce; ++s) {
    if (demand.of[s] <= budget.of[s]) continue;
    sum += budget.of[s] > 0 ? demand.of[s] / budget.of[s] - 1 : demand.of[s] - budget.of[s];
  }
  return sum;
}

bool costs_more(const Demand& demand, const Demand& budget, const Demand& prices) {
  return demand.priced(prices) > budget.priced(prices) * (1 + 1e-9);
}

}  // namespace

Pricing::Pricing(const Space& space, bool exchanges)
    : space_(&space),
      exchanges_(exchanges),
      allowed_(space.nodes.size()),
      groups_(space.nodes.size()),
      edge_prices_(space.edges.size()),
      assigned_(space.nodes.size()),
      weights_(even_weights()),
      costs_(space.nodes.size()),
      from_(space.nodes.size()) {
  current_.choices.resize(space.nodes.size());
}

void Pricing::allow(double interval_cycles) {
  interval_cycles_ = interval_cycles;
  for (std::size_t n = 0; n < allowed_.size(); ++n) {
    const SpaceNode& node = space_->nodes[n];
    const auto& choices = node.layer->choices;
    auto& allowed = allowed_[n];
    allowed.clear();
    const auto too_slow = [&](const std::vector<double>& cycles, std::uint32_t place) {
      return !cycles.empty() && cycles[place] > interval_cycles;
    };
    // Kept by streams, to look for one that is no dearer.
    std::vector<std::vector<std::uint32_t>> kept(node.layer->in_streams.size() *
                                                 node.layer->out_streams.size());
    for (std::uint32_t c = 0; c < choices.size(); ++c) {
      const Choice& each = choices[c];
      if (each.latency_cycles > interval_cycles) break;
      if (too_slow(node.in_port_cycles, each.in) || too_slow(node.out_port_cycles, each.out)) {
        continue;
      }
      auto& beside = kept[each.in * node.layer->out_streams.size() + each.out];
      std::erase_if(beside,
                    [&](std::uint32_t other) { return each.demand.within(choices[other].demand); });
      beside.push_back(c);
    }
    auto& groups = groups_[n];
    groups.clear();
    for (std::size_t k = 0; k < kept.size(); ++k) {
      if (kept[k].empty()) continue;
      const Choice& first = choices[kept[k].front()];
      allowed.insert(allowed.end(), kept[k].begin(), kept[k].end());
      groups.push_back({first.in, first.out, allowed.size(), 0, 0});
    }
  }
}

// Between the same streams only the cheapest choice matters.
void Pricing::price(const Demand& prices) {
  for (std::size_t n = 0; n < groups_.size(); ++n) {
    const SpaceNode& node = space_->nodes[n];
    std::size_t k = 0;
    for (Group& group : groups_[n]) {
      group.price = kInfinity;
      for (; k < group.end; ++k) {
        const double price = node.layer->choices[allowed_[n][k]].demand.priced(prices);
        if (price >= group.price) continue;
        group.price = price;
        group.choice = allowed_[n][k];
      }
      if (!node.in_port.empty()) group.price += node.in_port[group.in].priced(prices);
      if (!node.out_port.empty()) group.price += node.out_port[group.out].priced(prices);
    }
  }
  for (std::size_t e = 0; e < edge_prices_.size(); ++e) {
    const auto& demands = space_->edges[e].demands;
    edge_prices_[e].resize(demands.size());
    for (std::size_t k = 0; k < demands.size(); ++k) {
      const bool is_too_slow = space_->edges[e].cycles[k] > interval_cycles_;
      edge_prices_[e][k] = is_too_slow ? kForbidden : demands[k].priced(prices);
    }
  }
}

// What the streams that come in cost, and those that go, with all that is beside the path as it is.
void Pricing::price_beside(std::size_t node, const std::vector<bool>& in_path) {
  const SpaceNode& at = space_->nodes[node];
  in_costs_.assign(at.layer->in_streams.size(), 0);
  out_costs_.assign(at.layer->out_streams.size(), 0);
  for (const std::size_t e : at.in_edges) {
    const SpaceEdge& edge = space_->edges[e];
    if (in_path[edge.from] || !assigned_[edge.from]) continue;
    const std::uint32_t out = chosen(edge.from).out;
    for (std::size_t in = 0; in < in_costs_.size(); ++in) {
      in_costs_[in] += edge_prices_[e][out * edge.in_size + in];
    }
  }
  for (const std::size_t e : at.out_edges) {
    const SpaceEdge& edge = space_->edges[e];
    if (in_path[edge.to] || !assigned_[edge.to]) continue;
    const std::uint32_t in = chosen(edge.to).in;
    for (std::size_t out = 0; out < out_costs_.size(); ++out) {
      out_costs_[out] += edge_prices_[e][out * edge.in_size + in];
    }
  }
}

// The cheapest way along a path to each number of streams that comes into its node `to`, by what
// its node `from` costs so far; with the group of `from` that it goes by.
void Pricing::price_ways(std::size_t from, std::size_t to) {
  const SpaceNode& before = space_->nodes[from];
  std::vector<double> by_out(before.layer->out_streams.size(), kInfinity);
  std::vector<std::uint32_t> group(by_out.size(), 0);
  for (std::uint32_t g = 0; g < groups_[from].size(); ++g) {
    const std::uint32_t out = groups_[from][g].out;
    if (costs_[from][g] >= by_out[out]) continue;
    by_out[out] = costs_[from][g];
    group[out] = g;
  }
  const auto leads_there = [&](std::size_t e) { return space_->edges[e].to == to; };
  const auto& prices = edge_prices_[*std::ranges::find_if(before.out_edges, leads_there)];
  const std::size_t ins = way_costs_.size();
  for (std::size_t out = 0; out < by_out.size(); ++out) {
    if (by_out[out] == kInfinity) continue;
    for (std::size_t in = 0; in < ins; ++in) {
      const double cost = by_out[out] + prices[out * ins + in];
      if (cost >= way_costs_[in]) continue;
      way_costs_[in] = cost;
      ways_[in] = group[out];
    }
  }
}

void Pricing::cheapest_along(const std::vector<std::size_t>& path) {
  std::vector<bool> in_path(space_->nodes.size());
  for (const std::size_t n : path) in_path[n] = true;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const std::size_t n = path[i];
    const std::size_t ins = space_->nodes[n].layer->in_streams.size();
    way_costs_.assign(ins, i == 0 ? 0 : kInfinity);
    ways_.assign(ins, 0);
    if (i > 0) price_ways(path[i - 1], n);
    price_beside(n, in_path);
    costs_[n].resize(groups_[n].size());
    from_[n].resize(groups_[n].size());
    for (std::size_t g = 0; g < groups_[n].size(); ++g) {
      const Group& group = groups_[n][g];
      costs_[n][g] =
          way_costs_[group.in] + in_costs_[group.in] + group.price + out_costs_[group.out];
      from_[n][g] = ways_[group.in];
    }
  }
  const auto& last = costs_[path.back()];
  auto g = static_cast<std::size_t>(std::ranges::min_element(last) - last.begin());
  for (std::size_t i = path.size(); i-- > 0;) {
    const std::size_t n = path[i];
    current_.choices[n] = groups_[n][g].choice;
    assigned_[n] = true;
    g = from_[n][g];
  }
}

void Pricing::cheapest() {
  constexpr int kSweeps = 3;
  std::fill(assigned_.begin(), assigned_.end(), false);
  const int sweeps = space_->paths.size() == 1 ? 1 : kSweeps;
  for (int sweep = 0; sweep < sweeps; ++sweep) {
    for (const auto& path : space_->paths) cheapest_along(path);
  }
}

std::optional<Assignment> Pricing::find(double interval_cycles, const Demand& budget) {
  allow(interval_cycles);
  nearest_.reset();
  is_impossible_ = lacks_choices();
  if (is_impossible_) return std::nullopt;
  // Along several paths the choices may not be the cheapest: their price proves nothing.
  const bool is_chain = space_->paths.size() == 1;
  double step = 1;
  double least_over = kInfinity;
  int best_round = 0;
  for (int round = 0; round < best_round + kPatience && round < kRounds; ++round) {
    const Demand prices = unit_prices(weights_, budget, exchanges_);
    price(prices);
    cheapest();
    const Demand taken = demand_of(*space_, current_);
    const Demand demand = usable(taken, budget);
    const bool is_kept = dse::interval_cycles(*space_, current_) <= interval_cycles;
    if (is_kept && (demand.within(budget) || repair(budget))) return current_;
    is_impossible_ = is_chain && costs_more(taken, budget, prices);
    if (is_impossible_) return std::nullopt;
    const double over = overdraft(demand, budget);
    if (is_kept && over < least_over) {
      least_over = over;
      best_round = round;
      nearest_ = current_;
    }
    adjust(weights_, demand, budget, step);
    step *= kCooling;
  }
  constexpr double kNear = 0.1;
  if (least_over > kNear) return std::nullopt;
  Rng rng(0);
  return annealed(budget, *nearest_, rng, {}).assignment;
}

Annealed Pricing::annealed(const Demand& budget, const Assignment& start, Rng& rng,
                           const AnnealOptions& options) const {
  const auto over = [&](const Demand& taken) { return overdraft(usable(taken, budget), budget); };
  Annealed result = anneal(*space_, allowed_, start, over, rng, options);
  const auto& found = result.assignment;
  if (found && dse::interval_cycles(*space_, *found) > interval_cycles_) result.assignment.reset();
  return result;
}

// Prices cannot share out what two things serve alike, such as block RAM and UltraRAM: one choice
// at a time is exchanged for another between the same streams, the one that overdraws least.
bool Pricing::repair(const Demand& budget) {
  Assignment repaired = current_;
  Demand taken = demand_of(*space_, repaired);
  double over = overdraft(usable(taken, budget), budget);
  constexpr double kHopeless = 2;
  while (over > 0 && over < kHopeless) {
    std::size_t best_node = 0;
    std::uint32_t best = 0;
    double least = over;
    for (std::size_t n = 0; n < allowed_.size(); ++n) {
      const auto& choices = space_->nodes[n].layer->choices;
      const Choice& now = choices[repaired.choices[n]];
      for (const std::uint32_t c : allowed_[n]) {
        const Choice& other = choices[c];
        if (other.in != now.in || other.out != now.out || c == repaired.choices[n]) continue;
        Demand changed = taken;
        changed -= now.demand;
        changed += other.demand;
        const double left = overdraft(usable(changed, budget), budget);
        if (left >= least) continue;
        least = left;
        best_node = n;
        best = c;
      }
    }
    if (least >= over) return false;
    const auto& choices = space_->nodes[best_node].layer->choices;
    taken -= choices[repaired.choices[best_node]].demand;
    taken += choices[best].demand;
    repaired.choices[best_node] = best;
    over = least;
  }
  if (over > 0) return false;
  current_ = std::move(repaired);
  return true;
}

Demand Pricing::usable(const Demand& demand, const Demand& budget) const {
  return exchanges_ ? demand.exchanged(budget) : demand;
}

Demand Pricing::least_demand(const Demand& prices) const {
  Demand sum = space_->fixed;
  for (std::size_t n = 0; n < allowed_.size(); ++n) {
    const SpaceNode& node = space_->nodes[n];
    const Demand* least = nullptr;
    double least_price = kInfinity;
    for (const std::uint32_t c : allowed_[n]) {
      const Demand& demand = node.layer->choices[c].demand;
      const double price = demand.priced(prices);
      if (price >= least_price) continue;
      least_price = price;
      least = &demand;
    }
    sum += *least;
  }
  return sum;
}

// Prices that rise for what the cheapest choices overdraw, and the demand of these, round by round,
// as long as `call` returns true.
template <class Call>
void Pricing::for_rounds_of_prices(const Demand& budget, const Call& call) const {
  Demand weights = even_weights();
  double step = 1;
  for (int round = 0; round < kRounds; ++round) {
    const Demand prices = unit_prices(weights, budget, exchanges_);
    const Demand demand = least_demand(prices);
    if (!call(prices, demand)) return;
    adjust(weights, usable(demand, budget), budget, step);
    step *= kCooling;
  }
}

std::vector<Demand> Pricing::bounding_prices(const Demand& budget) const {
  constexpr std::size_t kKept = 8;  // of the rounds, the last
  std::vector<Demand> rounds;
  for_rounds_of_prices(budget, [&](const Demand& prices, const Demand& /*demand*/) {
    rounds.push_back(prices);
    return true;
  });
  std::vector<Demand> result{unit_prices(weights_, budget, exchanges_)};
  result.insert(result.end(), rounds.end() - kKept, rounds.end());
  // And each thing that is scarce on its own.
  for (std::size_t s = 0; s < kNumScarce; ++s) {
    Demand alone;
    alone.of[s] = 1;
    if (budget.of[s] > 0) result.push_back(unit_prices(alone, budget, exchanges_));
  }
  return result;
}

bool Pricing::is_proven_impossible(double interval_cycles, const Demand& budget) {
  allow(interval_cycles);
  if (lacks_choices()) return true;
  bool is_proven = false;
  for_rounds_of_prices(budget, [&](const Demand& prices, const Demand& demand) {
    is_proven = costs_more(demand, budget, prices);
    return !is_proven;
  });
  return is_proven;
}

bool Pricing::lacks_choices() const {
  return std::ranges::any_of(allowed_, [](const auto& list) { return list.empty(); });
}

}  // namespace sluice::dse
