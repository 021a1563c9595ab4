// SPDX-License-Identifier: Apache-2.0
#include "sluice/dse/anneal.hpp"

#include <algorithm>
#include <cmath>

namespace sluice::dse {
namespace {

// Among choices that `is_fit`, one at random; none if there is none.
template <class IsFit>
std::optional<std::uint32_t> pick(const std::vector<std::uint32_t>& from, Rng& rng,
                                  const IsFit& is_fit) {
  const auto first = static_cast<std::size_t>(rng.below(from.size()));
  for (std::size_t k = 0; k < from.size(); ++k) {
    const std::uint32_t choice = from[(first + k) % from.size()];
    if (is_fit(choice)) return choice;
  }
  return std::nullopt;
}

// Of one node, or of two neighbours that are given as many streams.
struct Move {
  struct Change {
    std::size_t node;
    std::uint32_t now, next;
  };
  std::array<Change, 2> changes;
  std::size_t size = 0;

  void add(std::size_t node, std::uint32_t now, std::uint32_t next) {
    changes[size++] = {node, now, next};
  }
};

class Annealing {
 public:
  Annealing(const Space& space, std::span<const std::vector<std::uint32_t>> allowed,
            const Assignment& start, Rng& rng)
      : space_(space), allowed_(allowed), mapping_(space, start), rng_(rng) {}

  Annealed run(const std::function<double(const Demand&)>& overdraft,
               const AnnealOptions& options) {
    double over = overdraft(mapping_.demand());
    const double cooling = std::pow(options.last_temperature / options.first_temperature,
                                    1 / static_cast<double>(options.moves));
    Annealed result{.temperature = options.first_temperature};
    for (; result.moves < options.moves && over > 0; ++result.moves) {
      const Move next = random_move();
      apply(next, &Move::Change::next);
      const double changed = overdraft(mapping_.demand());
      if (changed <= over || rng_.real() < std::exp((over - changed) / result.temperature)) {
        over = changed;
        ++result.accepted;
      } else {
        apply(next, &Move::Change::now);
      }
      result.temperature *= cooling;
    }
    if (over <= 0) result.assignment = mapping_.assignment();
    return result;
  }

 private:
  [[nodiscard]] std::uint32_t now(std::size_t node) const {
    return mapping_.assignment().choices[node];
  }

  Move random_move() {
    Move move;
    const auto node = static_cast<std::size_t>(rng_.below(allowed_.size()));
    const auto& choices = allowed_[node];
    const std::uint32_t next = choices[rng_.below(choices.size())];
    move.add(node, now(node), next);
    const SpaceNode& at = space_.nodes[node];
    if (at.in_edges.empty() || rng_.below(2) == 0) return move;
    // With the streams that come in, those that its predecessor gives.
    const SpaceEdge& edge = space_.edges[at.in_edges[rng_.below(at.in_edges.size())]];
    const LayerChoices& before = *space_.nodes[edge.from].layer;
    const std::int64_t streams = at.layer->in_streams[at.layer->choices[next].in];
    const auto gives = [&](std::uint32_t c) {
      return before.out_streams[before.choices[c].out] == streams;
    };
    const auto neighbour = pick(allowed_[edge.from], rng_, gives);
    if (neighbour) move.add(edge.from, now(edge.from), *neighbour);
    return move;
  }

  void apply(const Move& move, std::uint32_t Move::Change::*to) {
    for (std::size_t c = 0; c < move.size; ++c) {
      mapping_.choose(move.changes[c].node, move.changes[c].*to);
    }
  }

  const Space& space_;
  std::span<const std::vector<std::uint32_t>> allowed_;
  Mapping mapping_;
  Rng& rng_;
};

}  // namespace

Mapping::Mapping(const Space& space, Assignment assignment)
    : space_(&space), assignment_(std::move(assignment)), demand_(demand_of(space, assignment_)) {}

double Mapping::interval_cycles() const {
  return dse::interval_cycles(*space_, assignment_);
}

Demand Mapping::demand_around(std::size_t node) const {
  const SpaceNode& at = space_->nodes[node];
  const Choice& choice = chosen(node);
  Demand sum = choice.demand;
  if (!at.in_port.empty()) sum += at.in_port[choice.in];
  if (!at.out_port.empty()) sum += at.out_port[choice.out];
  for (const std::size_t e : at.in_edges) {
    const SpaceEdge& edge = space_->edges[e];
    sum += edge.at(chosen(edge.from).out, choice.in);
  }
  for (const std::size_t e : at.out_edges) {
    const SpaceEdge& edge = space_->edges[e];
    sum += edge.at(choice.out, chosen(edge.to).in);
  }
  return sum;
}

void Mapping::choose(std::size_t node, std::uint32_t choice) {
  demand_ -= demand_around(node);
  assignment_.choices[node] = choice;
  demand_ += demand_around(node);
}

Annealed anneal(const Space& space, std::span<const std::vector<std::uint32_t>> allowed,
                const Assignment& start, const std::function<double(const Demand&)>& overdraft,
                Rng& rng, const AnnealOptions& options) {
  return Annealing(space, allowed, start, rng).run(overdraft, options);
}

}  // namespace sluice::dse
