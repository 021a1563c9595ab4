// SPDX-License-Identifier: Apache-2.0
#include "sluice/rtl/emit.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "sluice/base/text.hpp"
#include "sluice/hw/buffers.hpp"
#include "sluice/rtl/layers.hpp"
#include "sluice/rtl/verilog.hpp"

namespace sluice::rtl {
namespace {

std::string shape_text(const hw::FeatureMap& map) {
  return fmt::format("{}x{}x{}", map.rows, map.cols, map.channels);
}

std::string about(const hw::Layer& layer) {
  const hw::Folding& by = layer.folding;
  return fmt::format("{} to {}, folding {} in, {} out, {} groups, {} fine",
                     shape_text(hw::map_in(layer)), shape_text(hw::map_out(layer)), by.coarse_in,
                     by.coarse_out, by.coarse_group, by.fine);
}

// What goes from one layer to another.
struct Link {
  StreamId stream = 0;
  ir::ValueId tensor = ir::kNoValue;
};

struct Edge {
  hw::NodeId from, to;
  Link link;
};

class Emitter {
 public:
  Emitter(const ir::Graph& network, const hw::Graph& hardware, std::string name,
          CodeFunction code_function)
      : network_(network), hardware_(hardware), tensors_(network, std::move(code_function)) {
    netlist_.name = std::move(name);
  }

  Result<Netlist> run() {
    std::size_t number = 0;
    for (const hw::NodeId id : hardware_.topological_order()) {
      const hw::Node& node = hardware_[id];
      prefix_ = fmt::format("l{:02}_{}", number++, identifier(node.name));
      if (auto status = add_layer(id); !status) return std::move(status).error().at(node.name);
    }
    return std::move(netlist_);
  }

 private:
  using Links = std::vector<Link>;

  // The streams that come in, in the order of the network's node.
  Result<Links> inputs_of(hw::NodeId id) {
    const hw::Node& node = hardware_[id];
    const bool is_join = hw::joins(node.layer);
    std::vector<ir::ValueId> wanted;
    if (is_join) {
      SL_TRY(const ir::Node* of, tensors_.node(node.source.node));
      for (const ir::ValueId input : of->inputs) {
        if (input == ir::kNoValue || network_[input].constant) continue;
        SL_TRY(wanted.emplace_back(), tensors_.origin(input));
      }
    } else {
      SL_TRY(wanted.emplace_back(), first_tensor(node));
    }
    // Ports that no layer before it gives words to are the module's.
    std::size_t given = node.predecessors.size();
    std::vector<hw::NodeId> ports = hardware_.inputs_of(id);
    Links links;
    links.reserve(wanted.size());
    for (const ir::ValueId tensor : wanted) {
      const auto found = std::ranges::find_if(edges_, [&](const Edge& edge) {
        return edge.to == id && (!is_join || edge.link.tensor == tensor);
      });
      if (found == edges_.end()) {
        if (given >= wanted.size()) {
          return Error{ErrorCode::Internal, "reads what no layer before it makes"};
        }
        ++given;
        SL_TRY(links.emplace_back(), add_input(node, tensor));
        continue;
      }
      links.push_back(found->link);
      const auto port =
          static_cast<std::size_t>(std::ranges::find(ports, found->from) - ports.begin());
      add_fifo(id, found->from, port, links.back());
      if (port < ports.size()) ports[port] = id;  // taken: another edge may come from there too
      edges_.erase(found);
    }
    return links;
  }

  // What a layer with one input reads from the host; what it reads from another comes with its
  // link.
  Result<ir::ValueId> first_tensor(const hw::Node& node) const {
    if (!node.predecessors.empty()) return ir::kNoValue;
    // Regroupings at the beginning are of what the layer behind them reads.
    const hw::Node* reader = &node;
    while (hw::is_derived(reader->layer)) reader = &hardware_[reader->successors.front()];
    // Copies at the beginning are named after the tensor.
    if (reader->layer.as<hw::Split>() != nullptr) return tensors_.value(reader->source.outputs[0]);
    SL_TRY(const ir::Node* of, tensors_.node(reader->source.node));
    // Products with whole maps find their words by the tensor that comes, however they see it.
    if (reader->layer.as<hw::InnerProduct>() != nullptr) return tensors_.origin(of->inputs[0]);
    if (!hw::joins(reader->layer)) return of->inputs[0];
    // The host gives the inputs that no layer makes.
    for (const ir::ValueId input : of->inputs) {
      if (input == ir::kNoValue || network_[input].constant) continue;
      SL_TRY(const ir::ValueId tensor, tensors_.origin(input));
      if (!is_made(tensor)) return tensor;
    }
    return Error{ErrorCode::Internal, "reads from the host, but layers make all its inputs"};
  }

  // Whether a layer of the partition makes the tensor.
  [[nodiscard]] bool is_made(ir::ValueId tensor) const {
    return std::ranges::any_of(hardware_.nodes(), [&](const hw::Node& node) {
      return node.layer.as<hw::Split>() == nullptr && !hw::is_derived(node.layer) &&
             std::ranges::count(node.source.outputs, network_[tensor].name) > 0;
    });
  }

  // A port of the module.
  Result<Link> add_input(const hw::Node& node, ir::ValueId tensor) {
    SL_TRY(const Codes codes, tensors_.codes(tensor));
    const std::int64_t lanes = hw::streams_in(node.layer);
    const std::int64_t words = num_elements(network_.type(tensor).shape);
    netlist_.streams.push_back({fmt::format("{}_in", prefix_), lanes, codes.word, words / lanes});
    const Link link{netlist_.streams.size() - 1, tensor};
    netlist_.inputs.push_back({network_[tensor].name, node.name, link.stream});
    return link;
  }

  // Words that wait before a join.
  void add_fifo(hw::NodeId id, hw::NodeId from, std::size_t port, Link& link) {
    const hw::Node& node = hardware_[id];
    // A stream holds two words, which is what ports wait with that no depth is set of.
    const std::int64_t depth =
        port < node.layer.inputs.size() ? node.layer.inputs[port].buffer_depth : 0;
    if (depth <= 2) return;
    Site site(netlist_, tensors_, node, prefix_);
    const StreamId waiting = add_fifo(site, fmt::format("waiting{}", port), link.stream, depth);
    link.stream = waiting;
    site.finish(fmt::format("words of {} that wait", hardware_[hardware_.giver(from)].name));
  }

  static StreamId add_fifo(Site& site, std::string_view name, StreamId x, std::int64_t depth) {
    Stream made = site.stream(x);
    const std::int64_t bits = made.bits();
    Instance& fifo = site.add(depth == 1 ? "sl_stage" : "sl_fifo", name, x, std::move(made));
    fifo.set("Width", bits);
    if (depth > 1) fifo.set("Depth", depth);
    return site.last();
  }

  Status add_layer(hw::NodeId id) {
    const hw::Node& node = hardware_[id];
    SL_TRY(const Links inputs, inputs_of(id));
    if (node.layer.as<hw::Split>() != nullptr) return add_fork(id, inputs[0]);
    if (node.layer.as<hw::Regroup>() != nullptr) return add_regroup(id, inputs[0]);
    Streams streams;
    streams.reserve(inputs.size());
    for (const Link& link : inputs) streams.push_back(link.stream);
    Site site(netlist_, tensors_, node, prefix_);
    SL_TRY(Streams outputs, emit_kind(site, streams));
    add_queues(site, node.layer, outputs);
    site.finish(about(node.layer));
    return add_outputs(id, outputs);
  }

  // Words that leave together, or wait for those of the other parts.
  void add_queues(Site& site, const hw::Layer& layer, Streams& outputs) {
    if (layer.burst_depth > 0) {
      outputs[0] = add_fifo(site, "burst", outputs[0], layer.burst_depth);
    }
    if (layer.as<hw::Chop>() == nullptr) return;
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      outputs[i] = add_fifo(site, fmt::format("queue{}", i), outputs[i], hw::part_depth(layer, i));
    }
  }

  static Result<Streams> emit_kind(Site& site, const Streams& inputs) {
    return std::visit(
        [&](const auto& kind) -> Result<Streams> {
          if constexpr (requires { emit(site, kind, inputs); }) {
            return emit(site, kind, inputs);
          } else if constexpr (std::is_same_v<std::decay_t<decltype(kind)>, hw::Passing>) {
            return inputs;
          } else {
            return Error{ErrorCode::Unsupported,
                         "is of a kind that the library has no module for; leave it to the host, "
                         "or express it by convolutions, poolings, sums and concatenations"};
          }
        },
        site.layer().operation);
  }

  Status add_outputs(hw::NodeId id, const Streams& outputs) {
    const hw::Node& node = hardware_[id];
    // One edge each: two outputs may go to one reader.
    std::vector<hw::NodeId> readers = node.successors;
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      SL_TRY(const ir::ValueId made, tensors_.value(node.source.outputs[i]));
      netlist_.taps.push_back({node.source.outputs[i], node.name, outputs[i]});
      SL_TRY(const ir::ValueId tensor, tensors_.origin(made));
      const auto reader = std::ranges::find_if(
          readers, [&](hw::NodeId to) { return outputs.size() == 1 || reads(to, tensor); });
      if (reader == readers.end()) {
        netlist_.outputs.push_back({node.source.outputs[i], node.name, outputs[i]});
        continue;
      }
      edges_.push_back({id, *reader, {outputs[i], tensor}});
      readers.erase(reader);
    }
    return {};
  }

  // Whether a layer, or what is behind the copies and regroupings that it is, reads a tensor.
  [[nodiscard]] bool reads(hw::NodeId id, ir::ValueId tensor) const {
    const hw::Node& node = hardware_[id];
    if (node.layer.as<hw::Split>() != nullptr || hw::is_derived(node.layer)) {
      return std::ranges::any_of(node.successors, [&](hw::NodeId to) { return reads(to, tensor); });
    }
    const auto of = tensors_.node(node.source.node);
    return of && std::ranges::any_of((*of)->inputs, [&](ir::ValueId input) {
             if (input == ir::kNoValue) return false;
             const auto origin = tensors_.origin(input);
             return origin && *origin == tensor;
           });
  }

  Status add_fork(hw::NodeId id, const Link& input) {
    const hw::Node& node = hardware_[id];
    const std::size_t copies = std::max(node.layer.outputs.size(), node.successors.size());
    Site site(netlist_, tensors_, node, prefix_);
    Streams outputs;
    outputs.reserve(copies);
    for (std::size_t i = 0; i < copies; ++i) {
      outputs.push_back(
          site.add_stream(fmt::format("copy{}", i), Stream(netlist_.streams[input.stream])));
    }
    Instance& fork = site.add("sl_fork", "copies", {{"x", {input.stream}}}, {{"y", outputs}});
    fork.set("Width", netlist_.streams[input.stream].bits());
    fork.set("Outputs", static_cast<std::int64_t>(copies));
    site.finish(about(node.layer));
    for (std::size_t i = 0; i < node.successors.size(); ++i) {
      edges_.push_back({id, node.successors[i], {outputs[i], input.tensor}});
    }
    for (std::size_t i = node.successors.size(); i < copies; ++i) {
      netlist_.outputs.push_back({network_[input.tensor].name, node.name, outputs[i]});
    }
    return {};
  }

  Status add_regroup(hw::NodeId id, const Link& input) {
    const hw::Node& node = hardware_[id];
    const hw::Folding& by = node.layer.folding;
    Site site(netlist_, tensors_, node, prefix_);
    const Stream from = netlist_.streams[input.stream];
    Instance& regroup = site.add("sl_regroup", "lanes", input.stream,
                                 {.lanes = by.coarse_out,
                                  .word = from.word,
                                  .beats = from.beats * by.coarse_in / by.coarse_out});
    regroup.set("Width", from.word.bits);
    regroup.set("LanesIn", by.coarse_in);
    regroup.set("LanesOut", by.coarse_out);
    // Of the parts of a Chop the layer knows the first one's channels only.
    regroup.set("Beats", from.beats / node.layer.map.positions());
    const StreamId made = site.last();
    site.finish(about(node.layer));
    if (node.successors.empty()) {
      netlist_.outputs.push_back({network_[input.tensor].name, node.name, made});
    } else {
      edges_.push_back({id, node.successors.front(), {made, input.tensor}});
    }
    return {};
  }

  const ir::Graph& network_;
  const hw::Graph& hardware_;
  Tensors tensors_;
  Netlist netlist_;
  std::string prefix_;       // of the layer in turn
  std::vector<Edge> edges_;  // whose reader has not come yet
};

}  // namespace

Result<Netlist> emit_netlist(const ir::Graph& network, const hw::Graph& hardware, std::string name,
                             CodeFunction code_function) {
  return Emitter(network, hardware, std::move(name), std::move(code_function)).run();
}

}  // namespace sluice::rtl
