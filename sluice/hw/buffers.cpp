// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/buffers.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "sluice/base/divide.hpp"
#include "sluice/hw/compat/fpgaconvnet.hpp"
#include "sluice/hw/layers/stages.hpp"
#include "sluice/hw/layers/windows.hpp"

namespace sluice::hw {
namespace {

// Words of a flow that have gone until a cycle; cycles in ascending order are asked for.
class WordCount {
 public:
  explicit WordCount(const Flow& flow) : flow_(flow) {}

  [[nodiscard]] double until(double cycle) {
    while (pixel_ < flow_.pixels.size() && flow_.pixels[pixel_].last <= cycle) ++pixel_;
    const double whole = static_cast<double>(pixel_) * real(flow_.words);
    if (pixel_ == flow_.pixels.size() || flow_.pixels[pixel_].first > cycle) return whole;
    const double gap = flow_.gap_cycles(pixel_);
    const double part = gap > 0 ? std::floor((cycle - flow_.pixels[pixel_].first) / gap) + 1 : 1;
    return whole + std::min(part, real(flow_.words));
  }

 private:
  const Flow& flow_;
  std::size_t pixel_ = 0;
};

// What waits of a branch's words, at most: when one comes, or when one is taken.
double waiting_words(const Flow& branch, const Flow& taken) {
  double most = 0;
  WordCount gone(taken);
  double come = 0;
  for (const PixelTimes& pixel : branch.pixels) {
    come += real(branch.words);
    most = std::max(most, come - gone.until(pixel.last));
  }
  WordCount arrived(branch);
  double left = 0;
  for (const PixelTimes& pixel : taken.pixels) {
    most = std::max(most, arrived.until(pixel.first) - left);
    left += real(taken.words);
    most = std::max(most, arrived.until(pixel.last) - left + 1);
  }
  return most;
}

// Of two feature maps, the second as long after the first as the slowest layer takes: while the
// last rows of one wait for no more words, those of the next come.
Flow of_two_maps(const Flow& flow, double interval_cycles) {
  Flow result = flow;
  result.pixels.reserve(2 * flow.pixels.size());
  for (const PixelTimes& pixel : flow.pixels) {
    const double before = result.pixels.back().last;
    const double first = std::max(pixel.first + interval_cycles, before);
    result.pixels.push_back({first, std::max(pixel.last + interval_cycles, first)});
  }
  return result;
}

// Words of a pixel that one port may have to hold until those of the others have gone: of channels
// put behind one another, which may come in another order.
double words_of_a_part(const Layer& layer) {
  const auto* concat = layer.as<Concat>();
  if (concat == nullptr) return 0;
  return real(divide_up(std::ranges::max(concat->channels), streams_in(layer)));
}

bool names(const std::vector<std::string>& list, std::string_view name) {
  return std::ranges::find(list, name) != list.end();
}

// What one node gives another.
struct Carried {
  NodeId from;
  std::size_t output;       // of that node
  std::size_t port;         // of this one
  std::size_t operand = 0;  // of its kind's
};

// Of each output of a node the neighbour that it goes to, as the emitter finds it: the first that
// reads its tensor and has none yet. A node that reads two outputs comes twice.
std::vector<NodeId> takers_of(const Graph& graph, NodeId from) {
  const Node& node = graph[from];
  std::vector<NodeId> readers = node.successors;
  std::vector<NodeId> result;
  result.reserve(node.source.outputs.size());
  for (const std::string& tensor : node.source.outputs) {
    const auto reader = std::ranges::find_if(
        readers, [&](NodeId to) { return names(graph[graph.reader(to)].source.inputs, tensor); });
    result.push_back(reader == readers.end() ? graph.size() : *reader);
    if (reader != readers.end()) readers.erase(reader);
  }
  return result;
}

// The output that gives words to a neighbour, of several the n-th: by the tensor that it reads,
// else by its port.
std::size_t output_to(const Graph& graph, NodeId from, NodeId to, std::size_t n) {
  const Node& node = graph[from];
  if (node.layer.as<Chop>() == nullptr) return 0;
  const std::vector<NodeId> takers = takers_of(graph, from);
  for (std::size_t i = 0; i < std::min(takers.size(), node.layer.outputs.size()); ++i) {
    if (takers[i] == to && n-- == 0) return i;
  }
  const std::vector<NodeId> readers = graph.outputs_of(from);
  const auto port = std::ranges::find(readers, to) - readers.begin();
  return std::min(static_cast<std::size_t>(port), node.layer.outputs.size() - 1);
}

// The tensor that comes from an output, before it was regrouped.
std::string_view tensor_of(const Graph& graph, NodeId from, std::size_t output) {
  const NodeId giver = graph.giver(from);
  if (giver != from) output = output_to(graph, giver, from, 0);
  const std::vector<std::string>& tensors = graph[giver].source.outputs;
  return output < tensors.size() ? std::string_view(tensors[output]) : std::string_view();
}

// A word a channel is the second operand, whoever gives it.
void order_broadcast(const Graph& graph, const Layer& layer, std::vector<Carried>& ports) {
  const auto* join = layer.as<Join>();
  if (join == nullptr || !join->broadcasts) return;
  for (Carried& each : ports) {
    each.operand = map_out(graph[each.from].layer, each.output).positions() == 1 ? 1 : 0;
  }
}

// Operands that one node gives have its ports in their own order.
void order_ports(std::vector<Carried>& operands) {
  for (std::size_t i = 0; i < operands.size(); ++i) {
    for (std::size_t j = i + 1; j < operands.size(); ++j) {
      const bool is_crossed =
          operands[j].from == operands[i].from && operands[j].port < operands[i].port;
      if (is_crossed) std::swap(operands[i].port, operands[j].port);
    }
  }
}

// Those of a node's inputs that layers before it give, with the operands that they are: of a
// concatenation by the tensors that it reads, else by their channels.
std::vector<Carried> operands_of(const Graph& graph, NodeId id) {
  const Node& node = graph[id];
  std::vector<Carried> ports;
  ports.reserve(node.predecessors.size());
  for (const NodeId from : graph.inputs_of(id)) {
    const auto before = static_cast<std::size_t>(std::ranges::count(ports, from, &Carried::from));
    ports.push_back({from, output_to(graph, from, id, before), ports.size(), ports.size()});
  }
  order_broadcast(graph, node.layer, ports);
  const auto* concat = node.layer.as<Concat>();
  if (concat == nullptr) return ports;
  std::vector<Carried> result;
  result.reserve(ports.size());
  for (std::size_t i = 0; i < concat->channels.size() && !ports.empty(); ++i) {
    auto port = std::ranges::find_if(ports, [&](const Carried& each) {
      return i < node.source.inputs.size() &&
             tensor_of(graph, each.from, each.output) == node.source.inputs[i];
    });
    if (port == ports.end()) {
      port = std::ranges::find_if(ports, [&](const Carried& each) {
        return map_out(graph[each.from].layer, each.output).channels == concat->channels[i];
      });
    }
    if (port == ports.end()) port = ports.begin();
    result.push_back(*port);
    result.back().operand = result.size() - 1;
    ports.erase(port);
  }
  order_ports(result);
  return result;
}

// What comes as pixels of a layer's map: before it tensors may have been seen in another shape.
Flow as_read(const Layer& layer, std::size_t port, const Flow& flow) {
  const bool takes_any = layer.as<InnerProduct>() != nullptr || layer.as<Passing>() != nullptr ||
                         layer.as<Regroup>() != nullptr;
  return takes_any ? flow : as_pixels(flow, map_in(layer, port).positions());
}

// The cycle in which a layer that the host gives words to takes the first: one that multiplies it
// without a register before lets it stand until that is done.
double first_taken_cycle(const Layer& layer) {
  const Folding& by = layer.folding;
  if (const auto* of = layer.as<Convolution>(); of != nullptr && of->sparsity == nullptr) {
    if (of->spread.size() != 1 || window_form(window_task(layer)).reader != WindowReader::None) {
      return 0;
    }
    return real(of->filters / (of->groups * by.coarse_out) - 1);
  }
  const auto* of = layer.as<InnerProduct>();
  return of == nullptr ? 0 : real(of->filters / by.coarse_out - 1);
}

// The cycles that a word stands before a layer until it is taken, if words are always there: one
// that keeps them takes one a cycle.
double service_cycles(const Graph& graph, NodeId id) {
  const Layer& layer = graph[id].layer;
  const auto* regroup = layer.as<Regroup>();
  const bool passes_on = regroup != nullptr || layer.as<Elementwise>() != nullptr ||
                         layer.as<Passing>() != nullptr || layer.as<ChannelAffine>() != nullptr ||
                         layer.as<Split>() != nullptr;
  // Layers behind one that works on its words do not matter: there are many ways to them.
  if (!passes_on) return first_taken_cycle(layer) + 1;
  double behind = 1;  // of those that take a word when theirs has gone
  for (const NodeId reader : graph[id].successors) {
    behind = std::max(behind, service_cycles(graph, reader));
  }
  if (regroup == nullptr) return behind;
  const Folding& by = layer.folding;
  return std::max(real(by.coarse_in) / real(by.coarse_out) * behind, 1.0);
}

// What copies for several readers give: no word before all have taken the one before.
Flow paced(Flow flow, double cycles) {
  double next = 0;
  for (PixelTimes& pixel : flow.pixels) {
    pixel.first = std::max(pixel.first, next);
    pixel.last = std::max(pixel.last, pixel.first + real(flow.words - 1) * cycles);
    next = pixel.last + cycles;
  }
  return flow;
}

// Goes through a graph from its inputs on.
class Passage {
 public:
  explicit Passage(const Graph& graph) : graph_(graph), flows_(graph.size()) {}

  // What comes to a node's inputs, of those that have been passed.
  [[nodiscard]] std::vector<Flow> inputs_of(NodeId id, const std::vector<Carried>& operands) const {
    const Layer& layer = graph_[id].layer;
    std::vector<Flow> result(layer.inputs.size());
    for (const Carried& given : operands) {
      if (given.operand >= result.size()) result.resize(given.operand + 1);
      result[given.operand] = as_read(layer, given.operand, flows_[given.from][given.output]);
    }
    for (std::size_t i = 0; i < result.size(); ++i) {
      if (result[i].pixels.empty()) result[i] = steady_flow(layer, i);
    }
    return result;
  }

  void pass(NodeId id) {
    const Layer& layer = graph_[id].layer;
    const std::vector<Carried> operands = operands_of(graph_, id);
    std::vector<Flow> inputs = inputs_of(id, operands);
    // Those that layers give wait in FIFOs before a join.
    if (joins(layer)) {
      for (const Carried& given : operands) {
        inputs[given.operand] = delayed(std::move(inputs[given.operand]), stages::kFifo);
      }
    }
    const std::size_t outputs = layer.as<Chop>() != nullptr ? layer.outputs.size() : 1;
    for (std::size_t port = 0; port < outputs; ++port) {
      const std::int64_t burst = layer.as<Chop>() != nullptr
                                     ? stages::queue(part_depth(layer, port))
                                     : stages::fifo(burst_depth(graph_, id));
      Flow out = flow_through(layer, inputs, port);
      if (layer.as<Split>() != nullptr) out = paced(std::move(out), service_cycles(graph_, id));
      flows_[id].push_back(burst > 0 ? delayed(std::move(out), burst) : std::move(out));
    }
  }

  [[nodiscard]] std::vector<std::vector<Flow>> flows() && { return std::move(flows_); }

 private:
  const Graph& graph_;
  std::vector<std::vector<Flow>> flows_;
};

void set_depths_of(Graph& graph, NodeId id, const Passage& passage, double interval_cycles) {
  // Registers between modules hold back a few words more.
  constexpr double kSlack = 16;
  Layer& layer = graph[id].layer;
  const std::vector<Carried> operands = operands_of(graph, id);
  const std::vector<Flow> come = passage.inputs_of(id, operands);
  const std::vector<Flow> taken = taken_by(layer, come);
  for (const Carried& given : operands) {
    const std::size_t operand = given.operand;
    const std::size_t port = given.port;
    if (port >= layer.inputs.size()) continue;
    const double words = waiting_words(of_two_maps(come[operand], interval_cycles),
                                       of_two_maps(taken[operand], interval_cycles));
    const double waiting = std::max(words, words_of_a_part(layer));
    layer.inputs[port].buffer_depth = static_cast<std::int64_t>(std::ceil(waiting + kSlack));
  }
}

// Words that come at once where a pixel, or a map, is whole.
std::int64_t burst_of(const Layer& layer) {
  const Folding& by = layer.folding;
  if (const auto* of = layer.as<Convolution>(); of != nullptr) {
    const bool is_one_beat =
        layer.map.channels / of->groups == by.coarse_in && of->kernel.size() == by.fine;
    return is_one_beat ? 1 : of->filters / of->groups / by.coarse_out;
  }
  if (layer.as<InnerProduct>() != nullptr || layer.as<GlobalPooling>() != nullptr) {
    return map_out(layer).channels / streams_out(layer);
  }
  // The register that a window's parts are gathered in is that which its word stands in.
  if (layer.as<Pooling>() != nullptr && window_task(layer).parts() > 1) return 2;
  return 1;
}

// Words that go while a sweep over the columns of a map passes those that end no window, where no
// queue of windows covers them.
std::int64_t words_of_idle_columns(const Layer& layer) {
  if (layer.as<Convolution>() == nullptr && layer.as<Pooling>() == nullptr) return 0;
  const WindowTask task = window_task(layer);
  if (window_form(task).reader != WindowReader::Sweep || task.busy_cycles > 1) return 0;
  // With a word each way in which a FIFO sees that it has room, or words.
  constexpr std::int64_t kTurns = 2;
  const std::int64_t words = idle_cols(task) * (task.out.channels / streams_out(layer));
  return words > 0 ? words + kTurns : 0;
}

// Whether what reads a layer's words keeps rows of them, behind nothing that slows them down.
bool takes_bursts(const Graph& graph, NodeId id) {
  return std::ranges::all_of(graph[id].successors, [&](NodeId reader) {
    const Layer& layer = graph[reader].layer;
    if (const auto* conv = layer.as<Convolution>()) return conv->kernel.size() > 1;
    if (layer.as<Pooling>() != nullptr || layer.as<GlobalPooling>() != nullptr) return true;
    return layer.as<Elementwise>() != nullptr && takes_bursts(graph, reader);
  });
}

}  // namespace

std::vector<std::vector<Flow>> flows(const Graph& graph) {
  Passage passage(graph);
  for (const NodeId id : graph.topological_order()) passage.pass(id);
  return std::move(passage).flows();
}

double span_cycles(const Graph& graph) {
  double last = 0;
  for (const auto& outputs : flows(graph)) {
    for (const Flow& flow : outputs) last = std::max(last, flow.last_cycle());
  }
  double first = last;
  for (const NodeId id : graph.input_nodes()) {
    first = std::min(first, first_taken_cycle(graph[id].layer));
  }
  return last - first + 1;
}

void set_buffer_depths(Graph& graph, Rules rules) {
  if (is_compat(rules)) {
    compat::set_buffer_depths(graph);
    return;
  }
  const bool has_joins =
      std::ranges::any_of(graph.nodes(), [](const Node& node) { return joins(node.layer); });
  if (!has_joins) return;
  double interval_cycles = 0;
  for (const Node& node : graph.nodes()) {
    interval_cycles = std::max(interval_cycles, latency_cycles(node.layer));
  }
  Passage passage(graph);
  for (const NodeId id : graph.topological_order()) {
    if (joins(graph[id].layer)) set_depths_of(graph, id, passage, interval_cycles);
    passage.pass(id);
  }
}

std::int64_t part_depth(const Layer& layer, std::size_t port) {
  return map_out(layer, port).channels / streams_out(layer);
}

std::int64_t burst_depth(const Graph& graph, NodeId id) {
  const Layer& layer = graph[id].layer;
  const std::int64_t words = std::max(burst_of(layer), words_of_idle_columns(layer));
  return words > 1 && !takes_bursts(graph, id) ? words : 0;
}

}  // namespace sluice::hw
