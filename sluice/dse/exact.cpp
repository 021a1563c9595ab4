// SPDX-License-Identifier: Apache-2.0
#include "sluice/dse/exact.hpp"

#include <algorithm>

namespace sluice::dse {
namespace {

// Sums of rounded prices: what fits is not to be left out for their last digits.
constexpr double kRounding = 1 + 1e-9;

// An edge between nodes, priced: what each pair of streams costs at each price.
struct PricedEdge {
  std::size_t from;
  std::size_t in_size;
  std::vector<double> costs;  // [out][in][price]; infinite: regrouping does not keep the interval
};

class BranchAndBound {
 public:
  BranchAndBound(const Space& space, const ExactQuestion& question)
      : space_(space), question_(question), num_prices_(question.prices.size()) {
    price_edges();
    price_choices();
    bound_rests();
    limits_.reserve(num_prices_);
    for (const Demand& prices : question.prices) {
      limits_.push_back(question.budget.priced(prices) * kRounding);
    }
    spent_.resize((space.nodes.size() + 1) * num_prices_);
    for (std::size_t p = 0; p < num_prices_; ++p) {
      spent_[p] = space.fixed.priced(question.prices[p]);
    }
    current_.choices.resize(space.nodes.size());
  }

  Answer run() {
    Answer answer;
    answer.verdict = descend(0);
    answer.steps = steps_;
    if (answer.verdict == Verdict::Found) answer.assignment = current_;
    return answer;
  }

 private:
  void price_edges() {
    in_edges_.resize(space_.nodes.size());
    for (const SpaceEdge& edge : space_.edges) {
      PricedEdge priced{edge.from, edge.in_size, {}};
      priced.costs.reserve(edge.demands.size() * num_prices_);
      for (std::size_t k = 0; k < edge.demands.size(); ++k) {
        const bool is_too_slow = edge.cycles[k] > question_.interval_cycles;
        for (const Demand& prices : question_.prices) {
          priced.costs.push_back(is_too_slow ? kInfinity : edge.demands[k].priced(prices));
        }
      }
      in_edges_[edge.to].push_back(std::move(priced));
    }
  }

  // With what the ports at the partition's edge take; the cheapest at the first prices first.
  void price_choices() {
    order_.resize(space_.nodes.size());
    own_.resize(space_.nodes.size());
    for (std::size_t n = 0; n < space_.nodes.size(); ++n) {
      const SpaceNode& node = space_.nodes[n];
      std::vector<std::pair<Demand, std::uint32_t>> whole;
      whole.reserve(question_.allowed[n].size());
      for (const std::uint32_t c : question_.allowed[n]) {
        const Choice& choice = node.layer->choices[c];
        Demand sum = choice.demand;
        if (!node.in_port.empty()) sum += node.in_port[choice.in];
        if (!node.out_port.empty()) sum += node.out_port[choice.out];
        whole.emplace_back(sum, c);
      }
      std::ranges::stable_sort(
          whole, {}, [&](const auto& each) { return each.first.priced(question_.prices[0]); });
      order_[n].reserve(whole.size());
      own_[n].reserve(whole.size() * num_prices_);
      for (const auto& [demand, c] : whole) {
        order_[n].push_back(c);
        for (const Demand& prices : question_.prices) own_[n].push_back(demand.priced(prices));
      }
    }
  }

  // The least that the nodes from each on cost, by the streams that the node before gives: exact
  // for what a chain of them costs; edges to nodes farther back are taken to be free.
  void bound_rests() {
    const std::size_t n = space_.nodes.size();
    rests_.resize(n + 1);
    const std::size_t last_outs = n > 0 ? space_.nodes[n - 1].layer->out_streams.size() : 1;
    rests_[n].assign(last_outs * num_prices_, 0);
    for (std::size_t at = n; at-- > 0;) {
      const std::size_t outs = at > 0 ? space_.nodes[at - 1].layer->out_streams.size() : 1;
      rests_[at].assign(outs * num_prices_, kInfinity);
      for (std::size_t k = 0; k < order_[at].size(); ++k) bound_by(at, k, outs);
    }
  }

  void bound_by(std::size_t at, std::size_t k, std::size_t outs) {
    const Choice& choice = space_.nodes[at].layer->choices[order_[at][k]];
    const auto before = std::ranges::find(in_edges_[at], at - 1, &PricedEdge::from);
    const bool is_next = at > 0 && before != in_edges_[at].end();
    for (std::size_t out = 0; out < outs; ++out) {
      for (std::size_t p = 0; p < num_prices_; ++p) {
        double cost = own_[at][k * num_prices_ + p] + rests_[at + 1][choice.out * num_prices_ + p];
        if (is_next) {
          cost += before->costs[(out * before->in_size + choice.in) * num_prices_ + p];
        }
        double& least = rests_[at][out * num_prices_ + p];
        least = std::min(least, cost);
      }
    }
  }

  // Whether the budget may still hold with the k-th choice of a node; what is spent with it is
  // noted.
  bool is_open(std::size_t at, std::size_t k) {
    const Choice& choice = space_.nodes[at].layer->choices[order_[at][k]];
    const double* spent = &spent_[at * num_prices_];
    double* with = &spent_[(at + 1) * num_prices_];
    const double* own = &own_[at][k * num_prices_];
    const double* rest = &rests_[at + 1][choice.out * num_prices_];
    for (std::size_t p = 0; p < num_prices_; ++p) {
      double sum = spent[p] + own[p];
      for (const PricedEdge& edge : in_edges_[at]) {
        const std::uint32_t out =
            space_.nodes[edge.from].layer->choices[current_.choices[edge.from]].out;
        sum += edge.costs[(out * edge.in_size + choice.in) * num_prices_ + p];
      }
      if (sum + rest[p] > limits_[p]) return false;
      with[p] = sum;
    }
    return true;
  }

  [[nodiscard]] bool has_ended() const {
    constexpr std::int64_t kStepsBetween = 1 << 16;
    return steps_ % kStepsBetween == 0 && question_.is_over && question_.is_over();
  }

  bool fits() const {
    Demand demand = demand_of(space_, current_);
    if (question_.exchanges) demand = demand.exchanged(question_.budget);
    return demand.within(question_.budget);
  }

  Verdict descend(std::size_t at) {
    if (at == space_.nodes.size()) return fits() ? Verdict::Found : Verdict::Impossible;
    for (std::size_t k = 0; k < order_[at].size(); ++k) {
      if (++steps_ > question_.max_steps || has_ended()) return Verdict::Unknown;
      if (!is_open(at, k)) continue;
      current_.choices[at] = order_[at][k];
      const Verdict below = descend(at + 1);
      if (below != Verdict::Impossible) return below;
    }
    return Verdict::Impossible;
  }

  const Space& space_;
  const ExactQuestion& question_;
  std::size_t num_prices_;
  std::vector<std::vector<PricedEdge>> in_edges_;  // by node
  std::vector<std::vector<std::uint32_t>> order_;  // by node: its choices as they are tried
  std::vector<std::vector<double>> own_;           // by node: [place in order_][price]
  std::vector<std::vector<double>> rests_;         // by node: [streams of the one before][price]
  std::vector<double> limits_;                     // by price
  std::vector<double> spent_;                      // by node: [price], of all before it
  Assignment current_;
  std::int64_t steps_ = 0;
};

}  // namespace

Answer find_exactly(const Space& space, const ExactQuestion& question) {
  return BranchAndBound(space, question).run();
}

}  // namespace sluice::dse
