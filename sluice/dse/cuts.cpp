// SPDX-License-Identifier: Apache-2.0
#include "sluice/dse/cuts.hpp"

#include <algorithm>
#include <set>

#include "sluice/hw/split.hpp"

namespace sluice::dse {
namespace {

bool has_weights(const hw::Graph& graph, const std::vector<hw::NodeId>& members) {
  return std::ranges::any_of(members,
                             [&](hw::NodeId id) { return hw::has_weights(graph[id].layer); });
}

// Numbers of passes that are tried: powers of two, which most numbers of filters have many of.
std::vector<std::int64_t> passes_of(const hw::Graph& graph, std::span<const hw::NodeId> members) {
  constexpr std::int64_t kMostPasses = 64;
  std::vector<std::int64_t> result{1};
  const auto layer = reloadable_layer(graph, members);
  if (!layer) return result;
  for (const std::int64_t passes : hw::reloading_values(graph[*layer].layer)) {
    const bool is_power = (passes & (passes - 1)) == 0;
    if (passes > 1 && is_power && passes <= kMostPasses) result.push_back(passes);
  }
  return result;
}

// Whether the weights of the layer that passes are of do not fit.
bool lacks_memory(const Plan& plan) {
  const auto id = plan.partition.graph.find(plan.partition.reloading_layer);
  return id && plan.partition.graph[*id].layer.weights.blocks_off_chip > 0;
}

class Cutter {
 public:
  Cutter(const Problem& problem, Planner& planner)
      : problem_(problem), planner_(planner), pieces_(pieces_of(problem.graph)) {}

  std::vector<Plan> best() {
    const std::size_t n = pieces_.size();
    const auto most = static_cast<std::size_t>(std::max<std::int64_t>(problem_.max_partitions, 1));
    // By partitions used and pieces done: the least time, and where the last partition begins.
    std::vector<std::vector<double>> time(most + 1, std::vector<double>(n + 1, kInfinity));
    std::vector<std::vector<std::size_t>> begin(most + 1, std::vector<std::size_t>(n + 1, 0));
    time[0][0] = 0;
    for (std::size_t end = 1; end <= n; ++end) {
      double shortest = kInfinity;  // of any way to do so many pieces
      int losses = 0;
      for (std::size_t first = end; first-- > 0;) {
        // Spans that lose to being cut again and again do not win by getting longer.
        constexpr int kLosses = 3;
        if (losses >= kLosses && most > 1) break;
        if (!is_wanted(first, end, most)) continue;
        const double span = seconds_of(first, end);
        double with_span = kInfinity;
        for (std::size_t p = 1; p <= most; ++p) {
          const double total = time[p - 1][first] + span;
          with_span = std::min(with_span, total);
          if (total >= time[p][end]) continue;
          time[p][end] = total;
          begin[p][end] = first;
        }
        losses = with_span > shortest ? losses + 1 : 0;
        shortest = std::min(shortest, with_span);
      }
    }
    return traced(time, begin);
  }

 private:
  // Whether a cut into at most so many partitions can have the span: what lies beside it takes
  // more.
  [[nodiscard]] bool is_wanted(std::size_t first, std::size_t end, std::size_t most) const {
    const std::size_t beside = (first > 0 ? 1U : 0U) + (end < pieces_.size() ? 1U : 0U);
    return beside < most;
  }

  double loading_s(std::size_t partitions) const {
    return partitions > 1 ? static_cast<double>(partitions) * problem_.device.reconfiguration_s : 0;
  }

  std::vector<Plan> traced(const std::vector<std::vector<double>>& time,
                           const std::vector<std::vector<std::size_t>>& begin) {
    const std::size_t n = pieces_.size();
    std::size_t partitions = 1;
    for (std::size_t p = 2; p < time.size(); ++p) {
      const bool is_better =
          time[p][n] + loading_s(p) < time[partitions][n] + loading_s(partitions);
      if (is_better) partitions = p;
    }
    if (time[partitions][n] == kInfinity) return {};
    std::vector<Plan> plans;
    for (std::size_t end = n; partitions > 0; --partitions) {
      const std::size_t first = begin[partitions][end];
      plans.push_back(*plans_.at({first, end}));
      end = first;
    }
    std::ranges::reverse(plans);
    return plans;
  }

  double seconds_of(std::size_t first, std::size_t end) {
    if (planner_.effort().has_ended()) return kInfinity;
    auto& best = plans_[{first, end}];
    std::vector<hw::NodeId> members;
    for (std::size_t p = first; p < end; ++p) {
      members.insert(members.end(), pieces_[p].begin(), pieces_[p].end());
    }
    for (const std::int64_t passes : passes_of(problem_.graph, members)) {
      auto plan = planner_.plan(members, passes);
      if (!plan) continue;
      constexpr double kWorth = 0.99;
      const bool is_better = !best || seconds(problem_, *plan) < seconds(problem_, *best) * kWorth;
      const bool is_tight = lacks_memory(*plan);
      if (is_better) best = std::move(plan);
      // More passes read the same words more often: only weights that do not fit are worth it.
      if (!is_better || !is_tight) break;
    }
    return best ? seconds(problem_, *best) : kInfinity;
  }

  const Problem& problem_;
  Planner& planner_;
  std::vector<std::vector<hw::NodeId>> pieces_;
  std::map<std::pair<std::size_t, std::size_t>, std::optional<Plan>> plans_;
};

}  // namespace

std::vector<std::vector<hw::NodeId>> pieces_of(const hw::Graph& graph) {
  std::set<std::pair<hw::NodeId, hw::NodeId>> cuts;
  for (const hw::Edge& edge : hw::bridges(graph)) cuts.insert({edge.from, edge.to});
  // How many cuts lie before each node: the same on every path.
  std::vector<std::size_t> piece(graph.size(), 0);
  std::vector<std::vector<hw::NodeId>> segments(1);
  for (const hw::NodeId id : graph.topological_order()) {
    for (const hw::NodeId from : graph[id].predecessors) {
      piece[id] = std::max(piece[id], piece[from] + (cuts.contains({from, id}) ? 1 : 0));
    }
    if (segments.size() <= piece[id]) segments.resize(piece[id] + 1);
    segments[piece[id]].push_back(id);
  }
  std::vector<std::vector<hw::NodeId>> pieces;
  for (auto& segment : segments) {
    if (pieces.empty() || (has_weights(graph, segment) && has_weights(graph, pieces.back()))) {
      pieces.emplace_back();
    }
    pieces.back().insert(pieces.back().end(), segment.begin(), segment.end());
  }
  return pieces;
}

double seconds(const Problem& problem, const std::vector<Plan>& plans) {
  double sum = 0;
  for (const Plan& plan : plans) sum += seconds(problem, plan);
  const auto loads = plans.size() > 1 ? static_cast<double>(plans.size()) : 0;
  return sum + loads * problem.device.reconfiguration_s;
}

std::vector<Plan> cut(const Problem& problem, Planner& planner) {
  return Cutter(problem, planner).best();
}

}  // namespace sluice::dse
