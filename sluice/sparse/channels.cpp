// SPDX-License-Identifier: Apache-2.0
#include "sluice/sparse/channels.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <span>

#include "sluice/sparse/channel_map.hpp"
#include "sluice/sparse/channel_shrink.hpp"
#include "sluice/sparse/weight_layers.hpp"

namespace sluice::sparse {
namespace {

// Parameters in float: what numbers the network learnt.
std::int64_t parameters_of(const ir::Graph& graph) {
  std::int64_t sum = 0;
  for (const ir::Value& value : graph.values) {
    if (value.constant && is_float(value.constant->dtype())) sum += value.constant->num_elements();
  }
  return sum;
}

// The L1 norm of each filter: the slices of the weights along an axis.
std::vector<double> filter_norms(const Tensor& weights, std::size_t axis) {
  const Shape& shape = weights.shape();
  const std::int64_t inner = num_elements(std::span(shape).subspan(axis + 1));
  std::vector<double> norms(static_cast<std::size_t>(shape[axis]));
  const auto data = weights.data<float>();
  for (std::size_t i = 0; i < data.size(); ++i) {
    norms[i / static_cast<std::size_t>(inner) % norms.size()] += std::abs(double{data[i]});
  }
  return norms;
}

// A group with the units it is made of.
struct Candidates {
  ChannelGroup group;
  std::vector<std::size_t> units;  // as the first layer has them
  std::vector<ir::NodeId> nodes;
};

class ChannelPruner {
 public:
  ChannelPruner(ir::Graph& graph, const ChannelOptions& options)
      : graph_(graph), options_(options), map_(map_channels(graph)) {}

  Result<ChannelReport> run() {
    report_.parameters_before = parameters_of(graph_);
    count_positions();
    find_groups();
    SL_TRY_STATUS(check_layer_names());
    removed_.assign(map_.units.size(), false);
    for (Candidates& candidates : groups_) {
      SL_TRY(const double part, part_of(candidates));
      if (candidates.group.kept_because.empty()) choose(candidates, part);
      report_.groups.push_back(candidates.group);
    }
    list_layers();
    SL_TRY_STATUS(shrink(graph_, map_, removed_));
    report_.parameters_after = parameters_of(graph_);
    return std::move(report_);
  }

 private:
  // How often each unit stands in each value, and of how many positions values are.
  void count_positions() {
    left_.resize(map_.positions.size());
    places_.resize(map_.units.size());
    for (std::size_t v = 0; v < map_.positions.size(); ++v) {
      left_[v] = map_.positions[v].size();
      for (const std::size_t unit : map_.positions[v]) {
        auto& places = places_[unit];
        if (places.empty() || places.back().value != v) places.push_back({v, 0});
        ++places.back().count;
      }
    }
  }

  // Units that the same layers make belong together.
  void find_groups() {
    std::map<std::vector<ir::NodeId>, std::size_t> by_nodes;
    for (std::size_t u = 0; u < map_.units.size(); ++u) {
      const Unit& unit = map_.units[u];
      if (unit.made.empty()) continue;
      std::vector<ir::NodeId> nodes;
      for (const MadeChannel& made : unit.made) {
        if (nodes.empty() || nodes.back() != made.node) nodes.push_back(made.node);
      }
      const auto [found, is_new] = by_nodes.try_emplace(nodes, groups_.size());
      if (is_new) {
        groups_.push_back({.nodes = nodes});
        for (const ir::NodeId node : nodes)
          groups_.back().group.layers.push_back(graph_[node].name);
      }
      Candidates& candidates = groups_[found->second];
      candidates.units.push_back(u);
      ++candidates.group.channels;
      ++candidates.group.kept;
      if (candidates.group.kept_because.empty()) candidates.group.kept_because = unit.kept_because;
    }
    std::ranges::stable_sort(groups_, {}, [](const Candidates& c) { return c.nodes.front(); });
  }

  Status check_layer_names() const {
    std::vector<std::string_view> names;
    for (const Candidates& candidates : groups_) {
      names.insert(names.end(), candidates.group.layers.begin(), candidates.group.layers.end());
    }
    return check_names(options_.parts, "layer with channels", names);
  }

  // What is asked for of a group.
  Result<double> part_of(const Candidates& candidates) const {
    const std::string* named = nullptr;
    double part = options_.parts.all;
    for (const std::string& layer : candidates.group.layers) {
      const auto own = options_.parts.layers.find(layer);
      if (own == options_.parts.layers.end()) continue;
      const std::string place = "layer " + sluice::quoted(layer);
      if (!candidates.group.kept_because.empty()) {
        return Error{ErrorCode::InvalidArgument,
                     "its channels must stay: " + candidates.group.kept_because, place};
      }
      if (named != nullptr && own->second != part) {
        return Error{ErrorCode::InvalidArgument,
                     fmt::format("its channels go together with those of {}, which is given "
                                 "another value",
                                 sluice::quoted(*named)),
                     place};
      }
      named = &layer;
      part = own->second;
    }
    return part;
  }

  const std::vector<double>& norms_of(ir::NodeId node) {
    const auto found = norms_.find(node);
    if (found != norms_.end()) return found->second;
    for (const Cut& cut : map_.cuts) {
      if (cut.node != node || cut.input != 1 || cut.by != graph_[node].outputs[0]) continue;
      const auto producers = ir::producers(graph_);
      const ir::ValueId weights = stored_constant(graph_, producers, graph_[node].inputs[1]);
      return norms_[node] = filter_norms(*graph_[weights].constant, cut.axis);
    }
    return norms_[node];
  }

  double norm_of(std::size_t unit) {
    double sum = 0;
    for (const MadeChannel& made : map_.units[unit].made) {
      const std::vector<double>& norms = norms_of(made.node);
      if (!norms.empty()) sum += norms[static_cast<std::size_t>(made.channel)];
    }
    return sum;
  }

  void choose(Candidates& candidates, double part) {
    const std::int64_t channels = candidates.group.channels;
    const std::int64_t multiple = options_.multiple;
    std::int64_t keep =
        std::max<std::int64_t>(1, channels - std::llround(part * static_cast<double>(channels)));
    keep = std::min(channels, (keep + multiple - 1) / multiple * multiple);
    std::vector<std::pair<double, std::size_t>> order;
    order.reserve(candidates.units.size());
    for (const std::size_t unit : candidates.units) order.emplace_back(norm_of(unit), unit);
    std::ranges::reverse(order);
    std::ranges::stable_sort(order, {}, [](const auto& entry) { return entry.first; });
    std::vector<std::size_t> chosen;
    for (const auto& [norm, unit] : order) {
      if (static_cast<std::int64_t>(chosen.size()) == channels - keep) break;
      if (try_to_remove(unit)) chosen.push_back(unit);
    }
    // Where values would have been emptied fewer go, and the multiple must hold all the same.
    while ((channels - static_cast<std::int64_t>(chosen.size())) % multiple != 0 &&
           !chosen.empty()) {
      put_back(chosen.back());
      chosen.pop_back();
    }
    candidates.group.kept = channels - static_cast<std::int64_t>(chosen.size());
  }

  // Unless a value would be left without channels.
  bool try_to_remove(std::size_t unit) {
    const auto empties = [&](const Place& place) { return left_[place.value] <= place.count; };
    if (std::ranges::any_of(places_[unit], empties)) return false;
    for (const Place& place : places_[unit]) left_[place.value] -= place.count;
    removed_[unit] = true;
    return true;
  }

  void put_back(std::size_t unit) {
    for (const Place& place : places_[unit]) left_[place.value] += place.count;
    removed_[unit] = false;
  }

  void list_layers() {
    std::map<ir::NodeId, ChannelLayer> layers;
    for (std::size_t u = 0; u < map_.units.size(); ++u) {
      for (const MadeChannel& made : map_.units[u].made) {
        ChannelLayer& layer = layers[made.node];
        ++layer.channels;
        if (removed_[u]) layer.removed.push_back(made.channel);
      }
    }
    for (auto& [node, layer] : layers) {
      layer.name = graph_[node].name;
      layer.op = ir::op_name(graph_[node].op);
      std::ranges::sort(layer.removed);
      report_.layers.push_back(std::move(layer));
    }
  }

  struct Place {
    std::size_t value = 0;
    std::size_t count = 0;
  };

  ir::Graph& graph_;
  const ChannelOptions& options_;
  ChannelMap map_;
  std::vector<Candidates> groups_;
  std::vector<std::vector<Place>> places_;  // by unit
  std::vector<std::size_t> left_;           // by value: positions that stay so far
  std::vector<bool> removed_;               // by unit
  std::map<ir::NodeId, std::vector<double>> norms_;
  ChannelReport report_;
};

}  // namespace

Result<ChannelReport> prune_channels(ir::Graph& graph, const ChannelOptions& options) {
  SL_TRY_STATUS(check_values(options.parts, [](double part) -> Status {
    if (part >= 0 && part < 1) return {};
    return invalid_argument(
        fmt::format("the part of the channels to remove is from 0 to below 1, got {}", part));
  }));
  if (options.multiple < 1) {
    return invalid_argument(
        fmt::format("channels are kept in multiples of 1 or more, got {}", options.multiple));
  }
  SL_TRY_STATUS(refuse_quantized(graph));
  return ChannelPruner(graph, options).run();
}

}  // namespace sluice::sparse
