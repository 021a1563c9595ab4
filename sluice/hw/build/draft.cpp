// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/build/draft.hpp"

#include <algorithm>
#include <unordered_set>

namespace sluice::hw {
namespace {

class Assembly {
 public:
  Assembly(const ir::Graph& network, const Draft& draft) : network_(network), draft_(draft) {
    for (const DraftLayer& layer : draft.layers) names_.insert(layer.node.name);
  }

  Graph assemble() {
    for (std::size_t l = 0; l < draft_.layers.size(); ++l) {
      for (const Maker& input : draft_.layers[l].inputs) {
        if (input.is_host() && ends_of(input).size() > 1) split(input, draft_.layers[l].node);
      }
      place_[l] = nodes_.size();
      nodes_.push_back(draft_.layers[l].node);
      split_outputs(l);
    }
    connect();
    Graph graph;
    for (Node& node : nodes_) graph.add(std::move(node));
    return graph;
  }

 private:
  struct End {
    std::size_t layer, port;
  };
  struct Splitter {
    Maker of;
    NodeId node;
  };

  // Who reads it: layers, and one more if it leaves.
  std::vector<End> ends_of(const Maker& maker) const {
    std::vector<End> ends;
    for (std::size_t l = 0; l < draft_.layers.size(); ++l) {
      const auto& inputs = draft_.layers[l].inputs;
      for (std::size_t p = 0; p < inputs.size(); ++p) {
        if (inputs[p] == maker) ends.push_back({l, p});
      }
    }
    if (std::ranges::count(draft_.outputs, maker) > 0) ends.push_back({Maker::kHost, 0});
    return ends;
  }

  void split_outputs(std::size_t l) {
    const Node& node = draft_.layers[l].node;
    for (std::size_t p = 0; p < node.layer.outputs.size(); ++p) {
      const Maker maker{l, p, ir::kNoValue};
      if (ends_of(maker).size() > 1) split(maker, node);
    }
  }

  const Splitter* splitter_of(const Maker& maker) const {
    const auto found = std::ranges::find(splitters_, maker, &Splitter::of);
    return found == splitters_.end() ? nullptr : &*found;
  }

  // `at`: the layer that makes the words, or of the host's the first that reads them.
  void split(const Maker& maker, const Node& at) {
    if (splitter_of(maker) != nullptr) return;
    Node node;
    node.name = maker.is_host() ? network_[maker.tensor].name : at.name;
    if (at.layer.outputs.size() > 1 && !maker.is_host()) {
      node.name += "_" + std::to_string(maker.port);
    }
    node.name += "_split";
    while (!names_.insert(node.name).second) node.name += "_";
    node.source = at.source;
    node.source.weights.clear();
    node.source.bias.clear();
    if (maker.is_host()) {
      const std::string& tensor = network_[maker.tensor].name;
      node.source = {.node = tensor, .inputs = {tensor}, .outputs = {tensor}};
    }
    Layer& layer = node.layer;
    layer.map = maker.is_host() ? map_in(at.layer) : map_out(at.layer, maker.port);
    layer.is_3d = at.layer.is_3d;
    layer.data = maker.is_host() ? at.layer.data : output_type(at.layer);
    layer.operation = Split{};
    layer.outputs.resize(ends_of(maker).size());
    splitters_.push_back({maker, nodes_.size()});
    nodes_.push_back(std::move(node));
  }

  void connect() {
    for (std::size_t l = 0; l < draft_.layers.size(); ++l) {
      for (const Maker& input : draft_.layers[l].inputs) {
        if (const Splitter* splitter = splitter_of(input)) {
          nodes_[place_[l]].predecessors.push_back(splitter->node);
        } else if (!input.is_host()) {
          nodes_[place_[l]].predecessors.push_back(place_.at(input.layer));
        }
      }
    }
    for (const Splitter& splitter : splitters_) {
      if (!splitter.of.is_host()) {
        nodes_[splitter.node].predecessors.push_back(place_.at(splitter.of.layer));
      }
      add_successors(splitter.node, splitter.of);
    }
    for (std::size_t l = 0; l < draft_.layers.size(); ++l) {
      for (std::size_t p = 0; p < draft_.layers[l].node.layer.outputs.size(); ++p) {
        const Maker maker{l, p, ir::kNoValue};
        if (const Splitter* splitter = splitter_of(maker)) {
          nodes_[place_[l]].successors.push_back(splitter->node);
        } else {
          add_successors(place_[l], maker);
        }
      }
    }
  }

  void add_successors(NodeId from, const Maker& maker) {
    for (const End& end : ends_of(maker)) {
      if (end.layer != Maker::kHost) nodes_[from].successors.push_back(place_.at(end.layer));
    }
  }

  const ir::Graph& network_;
  const Draft& draft_;
  std::unordered_set<std::string> names_;
  std::vector<Node> nodes_;
  std::vector<NodeId> place_ = std::vector<NodeId>(draft_.layers.size());
  std::vector<Splitter> splitters_;
};

}  // namespace

Graph assembled(const ir::Graph& network, const Draft& draft) {
  return Assembly(network, draft).assemble();
}

}  // namespace sluice::hw
