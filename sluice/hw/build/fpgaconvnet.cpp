// SPDX-License-Identifier: Apache-2.0
// fpgaConvNet's parser, as it names nodes, orders them and takes what it does not know.
#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <numeric>

#include "sluice/hw/build/built.hpp"
#include "sluice/hw/build/fpgaconvnet_layers.hpp"
#include "sluice/hw/build/steps.hpp"

namespace sluice::hw {
namespace {

class FpgaConvNetParser {
 public:
  FpgaConvNetParser(const ir::Graph& network, const BuildOptions& options)
      : network_(network), options_(options) {}

  Built build() {
    name_steps();
    add_behind_chops();
    sort_by_level();
    check_inputs();
    for (const NamedStep& step : steps_) add(step);
    connect();
    add_splits();
    remove_passed();
    return std::move(built_);
  }

 private:
  void name_steps() {
    const std::vector<Step> steps = steps_of(network_, Rules::FpgaConvNet);
    for (const Step& step : steps) {
      NamedStep named{step, fpgaconvnet_op(network_, step), {}, {}, {}};
      named.name = fmt::format("{}_{}", named.op, steps_.size());
      const auto name_of = [&](ir::ValueId id) {
        return id == ir::kNoValue ? std::string() : network_[id].name;
      };
      for (const ir::ValueId id : step.inputs) named.inputs.push_back(name_of(id));
      for (const ir::ValueId id : step.outputs) named.outputs.push_back(name_of(id));
      // Its parser gives a product without a bias one of zeros.
      if (named.op == "Gemm" && named.inputs.size() == 2) {
        named.inputs.push_back(named.inputs[1] + "_bias");
      }
      if (step.form == Form::Normalized) {
        named.inputs.resize(3);
        named.inputs[2] = named.inputs[1] + "_fused_bias";
      }
      steps_.push_back(std::move(named));
    }
  }

  // A Reshape behind each part: edges are found by the first output of a node only.
  void add_behind_chops() {
    std::vector<NamedStep> behind;
    for (const NamedStep& chop : steps_) {
      if (chop.op != "Split") continue;
      for (std::size_t i = 0; i < chop.outputs.size(); ++i) {
        const std::string& part = chop.outputs[i];
        NamedStep nop{chop.step, "Reshape", fmt::format("{}_{}_nop", chop.name, i), {}, {}};
        nop.step.inputs = {chop.step.outputs[i]};
        nop.inputs = {part, fmt::format("{}_{}_shape", chop.name, i)};
        nop.outputs = {part + "_nop"};
        for (NamedStep& reader : steps_) std::ranges::replace(reader.inputs, part, part + "_nop");
        behind.push_back(std::move(nop));
      }
    }
    steps_.insert(steps_.end(), behind.begin(), behind.end());
  }

  void sort_by_level() {
    std::map<std::string, const NamedStep*> makers;
    for (const NamedStep& step : steps_) {
      for (const std::string& output : step.outputs) makers[output] = &step;
    }
    std::map<const NamedStep*, int> levels;
    // Makers may come later in the list: again until nothing changes.
    for (bool changed = true; changed;) {
      changed = false;
      for (const NamedStep& step : steps_) {
        int level = 0;
        for (const std::string& input : step.inputs) {
          const auto maker = makers.find(input);
          if (maker != makers.end()) level = std::max(level, levels[maker->second] + 1);
        }
        changed = changed || levels[&step] != level;
        levels[&step] = level;
      }
    }
    std::vector<std::pair<int, NamedStep>> leveled;
    leveled.reserve(steps_.size());
    for (const NamedStep& step : steps_) leveled.emplace_back(levels[&step], step);
    std::ranges::stable_sort(leveled, {}, &std::pair<int, NamedStep>::first);
    std::ranges::transform(leveled, steps_.begin(), [](auto& each) { return each.second; });
  }

  void check_inputs() {
    if (network_.inputs.size() == 1) return;
    const std::size_t count = network_.inputs.size();
    const std::string name = count == 0 ? network_.name : network_[network_.inputs[1].value].name;
    built_.refused.push_back({name, "input", fmt::format("the network has {} inputs", count),
                              "give a network with one input, or build by Sluice's own rules"});
  }

  void add(const NamedStep& step) {
    auto layer = fpgaconvnet_layer(network_, step, options_);
    if (auto* refused = std::get_if<Refused>(&layer)) {
      built_.refused.push_back(unmappable_node(network_[step.step.node], std::move(*refused)));
      return;
    }
    Node node{step.name, std::get<Layer>(std::move(layer)), {}, {}, {}};
    node.source = {.node = step.name, .inputs = step.inputs, .outputs = step.outputs};
    if (has_weights(node.layer)) {
      node.source.weights = step.inputs[1];
      if (step.inputs.size() > 2) node.source.bias = step.inputs[2];
    }
    if (const NodeHints* hints = hints_of(options_, network_[step.step.node])) {
      set_ratios(node, *hints);
    }
    if (step.is_passed()) passed_.push_back(step.name);
    built_.graph.add(std::move(node));
  }

  static void set_ratios(Node& node, const NodeHints& hints) {
    Layer& layer = node.layer;
    const auto& in = hints.input_compression;
    for (std::size_t p = 0; p < std::min(layer.inputs.size(), in.size()); ++p) {
      layer.inputs[p].compression_ratio = in[p];
    }
    if (in.size() > layer.inputs.size()) {
      node.source.more_input_ratios.emplace(
          in.begin() + static_cast<std::ptrdiff_t>(layer.inputs.size()), in.end());
    }
    const auto& out = hints.output_compression;
    for (std::size_t p = 0; p < std::min(layer.outputs.size(), out.size()); ++p) {
      layer.outputs[p].compression_ratio = out[p];
    }
    layer.weights.compression_ratio = hints.weight_compression;
  }

  // A join has an edge from each node whose first output is among its inputs, others from the
  // maker of their first input.
  void connect() {
    Graph& graph = built_.graph;
    for (NodeId to = 0; to < graph.size(); ++to) {
      const Layer& layer = graph[to].layer;
      const bool is_join = joins(layer);
      for (NodeId from = 0; from < graph.size(); ++from) {
        const auto& made = graph[from].source.outputs;
        const auto& read = graph[to].source.inputs;
        if (read.empty() || made.empty()) continue;
        const bool feeds =
            is_join ? std::ranges::count(read, made[0]) > 0 : std::ranges::count(made, read[0]) > 0;
        if (feeds) graph.connect(from, to);
      }
      if (is_join && graph[to].predecessors.size() < 2 && built_.refused.empty()) {
        refuse_join(graph[to]);
      }
    }
  }

  void refuse_join(const Node& node) {
    const auto step = std::ranges::find(steps_, node.name, &NamedStep::name);
    built_.refused.push_back(
        unmappable_node(network_[step->step.node],
                        {"fewer than two layers make its inputs",
                         "let layers make all its inputs, or build by Sluice's own rules"}));
  }

  // Copies for the readers of a word, in the order of the readers' names.
  void add_splits() {
    Graph& graph = built_.graph;
    const std::size_t count = graph.size();
    for (NodeId id = 0; id < count; ++id) {
      if (graph[id].successors.size() < 2 || graph[id].layer.as<Chop>() != nullptr) continue;
      const std::vector<NodeId> readers = graph.sorted(graph[id].successors);
      Node split{graph[id].name + "_split", {}, graph[id].source, {}, {}};
      split.source.weights.clear();
      split.source.bias.clear();
      split.source.more_input_ratios.reset();
      Layer& layer = split.layer;
      layer.map = map_out(graph[id].layer);
      layer.is_3d = graph[id].layer.is_3d;
      layer.data = output_type(graph[id].layer);
      layer.operation = Split{};
      layer.outputs.resize(readers.size());
      share_memory(layer.outputs);
      const NodeId added = graph.add(std::move(split));
      for (const NodeId reader : readers) {
        graph.disconnect(id, reader);
        graph.connect(added, reader);
      }
      graph.connect(id, added);
    }
  }

  void remove_passed() {
    Graph& graph = built_.graph;
    for (const std::string& name : passed_) {
      const NodeId id = *graph.find(name);
      const std::vector<NodeId> before = graph[id].predecessors;
      const std::vector<NodeId> after = graph[id].successors;
      graph.remove(id);
      const auto moved = [&](NodeId other) { return other > id ? other - 1 : other; };
      for (const NodeId from : before) {
        for (const NodeId to : after) graph.connect(moved(from), moved(to));
      }
    }
  }

  const ir::Graph& network_;
  const BuildOptions& options_;
  std::vector<NamedStep> steps_;
  std::vector<std::string> passed_;
  Built built_;
};

}  // namespace

Built build_fpgaconvnet(const ir::Graph& network, const BuildOptions& options) {
  return FpgaConvNetParser(network, options).build();
}

}  // namespace sluice::hw
