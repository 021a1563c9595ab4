// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/buffers.hpp"

#include <algorithm>
#include <cmath>

#include "sluice/base/divide.hpp"
#include "sluice/hw/compat/fpgaconvnet.hpp"

namespace sluice::hw {
namespace {

// What comes to a layer: its words, no later than those that come one a gap after the first, nor
// than those that come one a clock before the last.
struct Arrival {
  Passage passage;
  double words;

  [[nodiscard]] double gap_cycles() const {
    const double cycles = passage.last_cycle - passage.first_cycle + passage.late_cycles;
    return cycles / std::max(words - 1, 1.0);
  }
  // The cycle at which a word has come for sure.
  [[nodiscard]] double at(double word) const { return by_gap(word) - cut(word); }
  // Of the words from one to another, the share that may come one a clock.
  [[nodiscard]] double share_at_once(double from, double to) const {
    if (to <= from || cut(to) <= 0) return 0;
    const double gain = gap_cycles() - 1;
    return gain <= 0 ? 1 : std::min(cut(to) / gain / (to - from), 1.0);
  }

 private:
  [[nodiscard]] double by_gap(double word) const {
    return passage.first_cycle + std::max(word - 1, 0.0) * gap_cycles();
  }
  [[nodiscard]] double cut(double word) const {
    const double by_last = passage.last_cycle - std::max(words - std::max(word, 1.0), 0.0);
    return std::max(by_gap(word) - std::max(by_last, passage.first_cycle), 0.0);
  }
};

Arrival arrival_at(const Graph& graph, NodeId id, const std::vector<Passage>& passages) {
  const Node& node = graph[id];
  const auto words = real(stream_words_in(node.layer));
  if (node.predecessors.empty()) return {{0, words - 1}, words};
  Passage all;
  for (const NodeId from : node.predecessors) {
    const Passage& each = passages[from];
    all.first_cycle = std::max(all.first_cycle, each.first_cycle);
    all.last_cycle = std::max(all.last_cycle, each.last_cycle);
    all.late_cycles = std::max(all.late_cycles, each.late_cycles);
  }
  return {all, words};
}

// Words that come late leave late. A row of windows that waits for words leaves late where words
// take longer to come than the work takes; and all are late that are not among those that leave
// after the last input, where these go faster than the others.
double late_cycles(const Arrival& arrival, const Fill& fill, double span_cycles, double words_out) {
  const double gap = std::max(arrival.gap_cycles(), 1.0);
  const double rows =
      std::max(std::min(fill.row_gap_words * gap, fill.row_words * gap - fill.row_cycles), 0.0);
  const double end = std::max(fill.end_words_out / words_out * span_cycles - fill.end_cycles, 0.0);
  return arrival.passage.late_cycles + rows + end + fill.burst_cycles;
}

Passage passage_through(const Layer& layer, const Arrival& arrival) {
  const Fill fill = fill_of(layer);
  const double end_words = fill.end_words > 0 ? fill.end_words : arrival.words;
  const double begin = arrival.at(fill.begin_words);
  // From a word on: `cycles` of work, and what is left of all where words come together: one a
  // clock at most.
  const auto after = [&](double word, double cycles, double all) {
    const double left = arrival.share_at_once(fill.begin_words, word) *
                        std::max(all - (word - fill.begin_words), 0.0);
    return arrival.at(word) + std::min(cycles + left, std::max(cycles, all));
  };
  const double first = std::max(after(fill.start_words, fill.tail_cycles, fill.busy_cycles),
                                begin + fill.busy_cycles);
  const double last = std::max({first, begin + fill.rest_cycles,
                                arrival.at(fill.last_row_words) + fill.last_row_cycles,
                                after(end_words, fill.end_cycles, fill.rest_cycles)});
  const auto words_out = real(stream_words_out(layer));
  return {first, last, std::min(late_cycles(arrival, fill, last - first, words_out), last - first)};
}

// What waits of a branch's words, at most: they come evenly while it gives, and go evenly from when
// all branches have begun until all have ended.
double waiting_words(const Passage& branch, const Passage& join, double words) {
  const auto share = [](const Passage& of, double cycle) {
    const double cycles = of.last_cycle - of.first_cycle;
    return cycles <= 0 ? (cycle >= of.first_cycle ? 1.0 : 0.0)
                       : std::clamp((cycle - of.first_cycle) / cycles, 0.0, 1.0);
  };
  const double at_start = share(branch, join.first_cycle);
  const double at_end = 1 - share(join, branch.last_cycle);
  return words * std::max(at_start, at_end);
}

// Words of a pixel that one port may have to hold until those of the others have gone: of channels
// put behind one another, which may come in another order.
double words_of_a_part(const Layer& layer) {
  const auto* concat = layer.as<Concat>();
  if (concat == nullptr) return 0;
  return real(divide_up(std::ranges::max(concat->channels), streams_in(layer)));
}

void set_depths_of(Graph& graph, NodeId id, const std::vector<Passage>& passages) {
  // Registers between modules hold back a few words more.
  constexpr double kSlack = 16;
  Layer& layer = graph[id].layer;
  const std::vector<NodeId> before = graph.inputs_of(id);
  const Passage join = arrival_at(graph, id, passages).passage;
  for (std::size_t p = 0; p < before.size() && p < layer.inputs.size(); ++p) {
    const auto words = real(stream_words_out(graph[before[p]].layer));
    const double waiting =
        std::max(waiting_words(passages[before[p]], join, words), words_of_a_part(layer));
    layer.inputs[p].buffer_depth = static_cast<std::int64_t>(std::ceil(waiting + kSlack));
  }
}

}  // namespace

std::vector<Passage> passages(const Graph& graph) {
  std::vector<Passage> result(graph.size());
  for (const NodeId id : graph.topological_order()) {
    result[id] = passage_through(graph[id].layer, arrival_at(graph, id, result));
  }
  return result;
}

void set_buffer_depths(Graph& graph, Rules rules) {
  if (is_compat(rules)) {
    compat::set_buffer_depths(graph);
    return;
  }
  const std::vector<Passage> times = passages(graph);
  for (NodeId id = 0; id < graph.size(); ++id) {
    if (joins(graph[id].layer)) set_depths_of(graph, id, times);
  }
}

}  // namespace sluice::hw
