// SPDX-License-Identifier: Apache-2.0
#include "sluice/dse/verify.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>
#include <utility>

#include "sluice/base/text.hpp"
#include "sluice/hw/buffers.hpp"
#include "sluice/hw/layers/weights.hpp"

namespace sluice::dse {
namespace {

bool divides(std::int64_t factor, std::int64_t number) {
  return factor >= 1 && number % factor == 0;
}

std::int64_t* filters_of(hw::Layer& layer) {
  if (auto* conv = layer.as<hw::Convolution>()) return &conv->filters;
  if (auto* product = layer.as<hw::InnerProduct>()) return &product->filters;
  return nullptr;
}

bool same_operation(const hw::Operation& a, const hw::Operation& b) {
  const auto* conv_a = std::get_if<hw::Convolution>(&a);
  const auto* conv_b = std::get_if<hw::Convolution>(&b);
  if (conv_a == nullptr || conv_b == nullptr) return a == b;
  hw::Convolution dense_a = *conv_a;
  hw::Convolution dense_b = *conv_b;
  const auto zeros_a = std::exchange(dense_a.sparsity, nullptr);
  const auto zeros_b = std::exchange(dense_b.sparsity, nullptr);
  const bool same_zeros = zeros_a == zeros_b || (zeros_a && zeros_b && *zeros_a == *zeros_b);
  return dense_a == dense_b && same_zeros;
}

// In the order of the layers' names.
bool are_of(const std::map<std::string, std::int64_t>& streams_of_layers,
            const std::vector<std::int64_t>& streams) {
  return std::ranges::equal(streams_of_layers, streams, {},
                            [](const auto& layer) { return layer.second; });
}

bool same_ports(const std::vector<hw::Port>& a, const std::vector<hw::Port>& b) {
  return std::ranges::equal(a, b, [](const hw::Port& one, const hw::Port& other) {
    return one.words_per_cycle == other.words_per_cycle &&
           one.compression_ratio == other.compression_ratio;
  });
}

// All but how they are mapped.
bool compute_the_same(const hw::Layer& a, const hw::Layer& b) {
  return a.map == b.map && a.is_3d == b.is_3d && a.data == b.data &&
         same_operation(a.operation, b.operation) && same_ports(a.inputs, b.inputs) &&
         same_ports(a.outputs, b.outputs);
}

bool same_numbers(const hw::PartitionEstimate& a, const hw::PartitionEstimate& b) {
  return a.pipeline_depth_cycles == b.pipeline_depth_cycles && a.operations == b.operations &&
         a.sparse_operations == b.sparse_operations && a.traffic.in == b.traffic.in &&
         a.traffic.out == b.traffic.out && a.traffic.weights == b.traffic.weights;
}

// Whether the words of one neighbour's port wait outside. Ports are in the order of the names of
// the layers there, whatever regroups their words.
bool is_off_chip(const hw::Graph& graph, const std::vector<hw::NodeId>& neighbours,
                 const std::vector<hw::Port>& ports, hw::NodeId neighbour,
                 std::vector<hw::NodeId> hw::Node::*beyond) {
  const auto name_of = [&](hw::NodeId id) -> const std::string& {
    const auto& layers = graph[id].*beyond;
    return graph[hw::is_derived(graph[id].layer) && !layers.empty() ? layers.front() : id].name;
  };
  auto sorted = neighbours;
  std::ranges::sort(sorted, {}, name_of);
  const auto port = static_cast<std::size_t>(std::ranges::find(sorted, neighbour) - sorted.begin());
  return port < ports.size() && ports[port].is_off_chip;
}

class Verifier {
 public:
  Verifier(const Problem& problem, const hw::HardwareNetwork& network,
           const std::vector<hw::PartitionEstimate>& claimed)
      : problem_(problem), network_(network), claimed_(claimed) {}

  std::vector<std::string> run() {
    check_membership();
    if (claimed_.size() != network_.partitions.size()) {
      say("{} estimates are claimed for {} partitions", claimed_.size(),
          network_.partitions.size());
      return std::move(found_);
    }
    for (std::size_t p = 0; p < network_.partitions.size(); ++p) {
      place_ = fmt::format("partition {}", p);
      check_partition(network_.partitions[p], claimed_[p]);
    }
    return std::move(found_);
  }

 private:
  template <class... Args>
  void say(fmt::format_string<Args...> text, Args&&... args) {
    const std::string prefix = place_.empty() ? "" : place_ + ": ";
    found_.push_back(prefix + fmt::format(text, std::forward<Args>(args)...));
  }

  void check_membership() {
    std::map<std::string, std::size_t> partition_of;
    for (std::size_t p = 0; p < network_.partitions.size(); ++p) {
      for (const hw::Node& node : network_.partitions[p].graph.nodes()) {
        if (hw::is_derived(node.layer)) continue;
        if (!problem_.graph.find(node.name)) {
          say("layer {} is none of the network", sluice::quoted(node.name));
        } else if (!partition_of.try_emplace(node.name, p).second) {
          say("layer {} is there twice", sluice::quoted(node.name));
        }
      }
    }
    for (const hw::Node& node : problem_.graph.nodes()) {
      const auto found = partition_of.find(node.name);
      if (found == partition_of.end()) {
        say("layer {} is missing", sluice::quoted(node.name));
        continue;
      }
      for (const hw::NodeId to : node.successors) {
        const auto next = partition_of.find(problem_.graph[to].name);
        if (next != partition_of.end() && next->second < found->second) {
          say("{} comes before {}, whose words it reads", sluice::quoted(next->first),
              sluice::quoted(node.name));
        }
      }
    }
    const auto most = static_cast<std::size_t>(std::max<std::int64_t>(problem_.max_partitions, 1));
    if (network_.partitions.size() > most) {
      say("{} partitions, {} are allowed", network_.partitions.size(), most);
    }
    if (network_.batch_size != problem_.batch_size) {
      say("the network's batch is {}, not {}", network_.batch_size, problem_.batch_size);
    }
  }

  void check_partition(const hw::Partition& partition, const hw::PartitionEstimate& claimed) {
    const hw::Graph& graph = partition.graph;
    if (graph.size() == 0) say("has no layers");
    if (partition.batch_size != problem_.batch_size) {
      say("its batch is {}, not {}", partition.batch_size, problem_.batch_size);
    }
    // What is not made of the network's layers, or not folded by divisors, has no model.
    bool has_model = check_passes(partition);
    for (hw::NodeId id = 0; has_model && id < graph.size(); ++id) {
      const hw::Node& node = graph[id];
      if (hw::is_derived(node.layer)) continue;
      has_model = check_layer(partition, node) && check_folding(node) && check_weights(node);
    }
    has_model = check_edges(graph) && has_model;
    for (hw::NodeId id = 0; has_model && id < graph.size(); ++id) {
      has_model = !hw::is_derived(graph[id].layer) || check_regroup(graph, id);
    }
    if (!has_model) return;
    check_ports(partition);
    check_buffers(graph);
    check_numbers(partition, claimed);
  }

  // Each pass is of filters of one layer, and of no words but theirs.
  bool check_passes(const hw::Partition& partition) {
    const std::int64_t passes = partition.reloading_factor;
    const std::string& name = partition.reloading_layer;
    in_passes_.clear();
    if (passes < 1) {
      say("{} passes", passes);
      return false;
    }
    if (passes == 1 && name.empty()) return true;
    const auto reloaded = problem_.graph.find(name);
    hw::Layer whole = reloaded ? problem_.graph[*reloaded].layer : hw::Layer{};
    if (!partition.graph.find(name) || filters_of(whole) == nullptr) {
      say("{}, which is loaded before passes, is no layer with weights", sluice::quoted(name));
      return false;
    }
    if (passes > 1 && !divides(passes, *filters_of(whole))) {
      say("{} passes do not divide the {} filters of {}", passes, *filters_of(whole),
          sluice::quoted(name));
      return false;
    }
    return passes == 1 || check_after_passes(partition, *reloaded);
  }

  bool check_after_passes(const hw::Partition& partition, hw::NodeId reloaded) {
    hw::NodeId at = reloaded;
    for (;;) {
      const hw::Node& node = problem_.graph[at];
      in_passes_.insert(node.name);
      hw::Layer copy = node.layer;
      const bool is_chain =
          node.successors.size() <= 1 &&
          (at == reloaded || (node.predecessors.size() == 1 && filters_of(copy) == nullptr));
      if (!is_chain) {
        say("{} needs the words of several passes", sluice::quoted(node.name));
        return false;
      }
      if (node.successors.empty()) return true;
      at = node.successors.front();
      if (!partition.graph.find(problem_.graph[at].name)) return true;
    }
  }

  // It computes what the problem's does, or the part of it that a pass does.
  bool check_layer(const hw::Partition& partition, const hw::Node& node) {
    const auto id = problem_.graph.find(node.name);
    if (!id) return false;
    hw::Layer wanted = problem_.graph[*id].layer;
    const std::int64_t passes = partition.reloading_factor;
    if (passes > 1 && in_passes_.contains(node.name)) {
      const bool is_reloaded = node.name == partition.reloading_layer;
      (is_reloaded ? *filters_of(wanted) : wanted.map.channels) /= passes;
    }
    const bool is_right = compute_the_same(node.layer, wanted);
    if (!is_right) {
      say("{} is not the network's layer in {} passes", sluice::quoted(node.name), passes);
    }
    return is_right;
  }

  bool check_folding(const hw::Node& node) {
    const hw::Layer& layer = node.layer;
    const hw::Folding& by = layer.folding;
    bool is_right = true;
    const auto require = [&](bool holds, std::string_view what, std::int64_t factor,
                             std::int64_t number) {
      if (holds) return;
      is_right = false;
      say("{}: {} {} does not divide {}", sluice::quoted(node.name), what, factor, number);
    };
    const std::int64_t in = layer.map.channels;
    std::int64_t out = hw::map_out(layer).channels;
    if (const auto* conv = layer.as<hw::Convolution>()) {
      require(divides(by.coarse_group, conv->groups), "coarse_group", by.coarse_group,
              conv->groups);
      require(divides(by.coarse_in, in / conv->groups), "coarse_in", by.coarse_in,
              in / conv->groups);
      require(divides(by.coarse_out, conv->filters / conv->groups), "coarse_out", by.coarse_out,
              conv->filters / conv->groups);
      const bool gathers =
          conv->sparsity != nullptr && by.fine >= 1 && by.fine <= conv->kernel.size();
      require(gathers || divides(by.fine, conv->kernel.size()), "fine", by.fine,
              conv->kernel.size());
      return is_right;
    }
    require(divides(by.coarse_in, in), "coarse_in", by.coarse_in, in);
    require(divides(by.coarse_out, out), "coarse_out", by.coarse_out, out);
    require(by.coarse_group == 1, "coarse_group", by.coarse_group, 1);
    require(by.fine == 1, "fine", by.fine, 1);
    if (layer.as<hw::InnerProduct>() == nullptr && layer.as<hw::Regroup>() == nullptr &&
        layer.as<hw::Chop>() == nullptr) {
      require(by.coarse_in == by.coarse_out, "coarse_out that is not coarse_in", by.coarse_out,
              by.coarse_in);
    }
    return is_right;
  }

  // Where the weights lie is where they can.
  bool check_weights(const hw::Node& node) {
    const hw::WeightPlacement& weights = node.layer.weights;
    const hw::WeightMemory memory = hw::weight_memory(node.layer);
    const std::int64_t in_block_ram = weights.in_uram ? 0 : memory.blocks - weights.blocks_off_chip;
    const bool holds = weights.blocks_off_chip >= 0 && weights.blocks_off_chip <= memory.blocks &&
                       weights.blocks_in_luts >= 0 && weights.blocks_in_luts <= in_block_ram &&
                       (!weights.in_uram || memory.blocks > 0);
    if (!holds) {
      say("{} has {} memory blocks: {} cannot be outside and {} in LUTs", sluice::quoted(node.name),
          memory.blocks, weights.blocks_off_chip, weights.blocks_in_luts);
      return false;
    }
    const bool has_memory = problem_.may_stream_weights && problem_.device.memory_gbps > 0;
    if (weights.blocks_off_chip > 0 && !has_memory) {
      say("{} reads weights from outside, which may not be", sluice::quoted(node.name));
    }
    if (weights.blocks_in_luts > 0 && !problem_.may_use_lut_memory) {
      say("{} has weights in LUTs, which may not be", sluice::quoted(node.name));
    }
    return true;
  }

  // Between two layers, or at the edge; of the words that come.
  bool check_regroup(const hw::Graph& graph, hw::NodeId id) {
    const hw::Node& node = graph[id];
    const auto is_like = [&](const hw::FeatureMap& map, const hw::FixedPoint& words) {
      return node.layer.map == map && node.layer.data == words;
    };
    bool is_right = false;
    if (!node.predecessors.empty()) {
      const hw::Layer& from = graph[node.predecessors[0]].layer;
      for (std::size_t p = 0; p < from.outputs.size(); ++p) {
        is_right = is_right || is_like(hw::map_out(from, p), hw::output_type(from));
      }
    } else if (!node.successors.empty()) {
      const hw::Layer& to = graph[node.successors[0]].layer;
      is_right = is_like(hw::map_in(to), to.data);
    }
    const hw::Folding& by = node.layer.folding;
    is_right = is_right && by.coarse_group == 1 && by.fine == 1 &&
               divides(by.coarse_in, node.layer.map.channels) &&
               divides(by.coarse_out, node.layer.map.channels) && node.layer.inputs.size() == 1 &&
               node.layer.outputs.size() == 1 && node.layer.weights == hw::WeightPlacement{};
    if (!is_right) say("{} regroups other words than it reads", sluice::quoted(node.name));
    return is_right;
  }

  bool check_edges(const hw::Graph& graph) {
    const std::size_t before = found_.size();
    for (hw::NodeId id = 0; id < graph.size(); ++id) {
      for (const hw::NodeId to : graph[id].successors) check_edge(graph, id, to);
      check_neighbours(graph, graph[id]);
    }
    for (const hw::Node& node : problem_.graph.nodes()) {
      const auto from = graph.find(node.name);
      if (!from) continue;
      for (const hw::NodeId next : node.successors) {
        const auto to = graph.find(problem_.graph[next].name);
        if (to && !leads(graph, *from, *to)) {
          say("no words go from {} to {}", sluice::quoted(node.name),
              sluice::quoted(graph[*to].name));
        }
      }
    }
    return found_.size() == before;
  }

  void check_edge(const hw::Graph& graph, hw::NodeId from, hw::NodeId to) {
    const hw::Node& giver = graph[from];
    const hw::Node& taker = graph[to];
    const bool gives_outside =
        is_off_chip(graph, giver.successors, giver.layer.outputs, to, &hw::Node::successors);
    const bool takes_outside =
        is_off_chip(graph, taker.predecessors, taker.layer.inputs, from, &hw::Node::predecessors);
    if (gives_outside != takes_outside) {
      say("words from {} to {} go outside on one side only", sluice::quoted(giver.name),
          sluice::quoted(taker.name));
    }
    const std::int64_t out = hw::streams_out(giver.layer);
    const std::int64_t in = hw::streams_in(taker.layer);
    if (out == in || (gives_outside && takes_outside)) return;
    say("{} gives {} streams, {} takes {}", sluice::quoted(giver.name), out,
        sluice::quoted(taker.name), in);
  }

  // Regroupings have one on each side, or are at the edge; what layers read is the network's.
  void check_neighbours(const hw::Graph& graph, const hw::Node& node) {
    const auto& before = node.predecessors;
    const auto& after = node.successors;
    const auto regroups = [&](hw::NodeId id) { return hw::is_derived(graph[id].layer); };
    check_unconnected(node.layer.inputs, before.size(), node.name);
    check_unconnected(node.layer.outputs, after.size(), node.name);
    if (hw::is_derived(node.layer)) {
      const bool is_between =
          before.size() <= 1 && after.size() <= 1 && before.size() + after.size() > 0 &&
          std::ranges::none_of(before, regroups) && std::ranges::none_of(after, regroups);
      if (!is_between) say("{} is between no two layers", sluice::quoted(node.name));
      return;
    }
    const auto reader = problem_.graph.find(node.name);
    if (!reader) return;
    for (hw::NodeId from : before) {
      if (regroups(from) && graph[from].predecessors.empty()) continue;
      if (regroups(from)) from = graph[from].predecessors.front();
      const auto giver = problem_.graph.find(graph[from].name);
      const auto& known = problem_.graph[*reader].predecessors;
      if (giver && std::ranges::find(known, *giver) != known.end()) continue;
      say("{} reads words of {}, the network's does not", sluice::quoted(node.name),
          sluice::quoted(graph[from].name));
    }
  }

  // Words at the edge go outside in any case.
  void check_unconnected(const std::vector<hw::Port>& ports, std::size_t connected,
                         const std::string& name) {
    for (std::size_t p = connected; p < ports.size(); ++p) {
      if (ports[p].is_off_chip) say("{}: port {} is at the edge", sluice::quoted(name), p);
    }
  }

  // At once, or through a regrouping.
  static bool leads(const hw::Graph& graph, hw::NodeId from, hw::NodeId to) {
    return std::ranges::any_of(graph[from].successors, [&](hw::NodeId next) {
      return next == to || (hw::is_derived(graph[next].layer) && leads(graph, next, to));
    });
  }

  // The streams of the ports to memory are those of the layers there, or regrouped to them.
  void check_ports(const hw::Partition& partition) {
    std::map<std::string, std::int64_t> in;
    std::map<std::string, std::int64_t> out;
    const hw::Graph& graph = partition.graph;
    const auto outside = [&](hw::NodeId id) { return !graph.find(problem_.graph[id].name); };
    const auto at_edge = [&](const std::vector<hw::NodeId>& neighbours) {
      return neighbours.empty() || std::ranges::any_of(neighbours, outside);
    };
    for (const hw::Node& node : graph.nodes()) {
      const auto id = problem_.graph.find(node.name);
      if (hw::is_derived(node.layer) || !id) continue;
      const hw::Node& whole = problem_.graph[*id];
      if (at_edge(whole.predecessors)) {
        in[node.name] = hw::streams_in(node.layer);
        for (const hw::NodeId from : node.predecessors) {
          if (!hw::is_derived(graph[from].layer) || !graph[from].predecessors.empty()) continue;
          in[node.name] = graph[from].layer.folding.coarse_in;
        }
        check_width(node.name, in[node.name], node.layer.data);
      }
      if (!at_edge(whole.successors)) continue;
      out[node.name] = hw::streams_out(node.layer);
      for (const hw::NodeId to : node.successors) {
        if (!hw::is_derived(graph[to].layer) || !graph[to].successors.empty()) continue;
        out[node.name] = graph[to].layer.folding.coarse_out;
      }
      check_width(node.name, out[node.name], hw::output_type(node.layer));
    }
    if (!are_of(in, partition.streams_in)) {
      say("its inputs have other streams than the layers that read them");
    }
    if (!are_of(out, partition.streams_out)) {
      say("its outputs have other streams than the layers that write them");
    }
  }

  void check_width(const std::string& name, std::int64_t streams, const hw::FixedPoint& words) {
    const std::int64_t bits = streams * words.width_bits;
    if (streams == 1 || bits <= problem_.device.port_bits) return;
    say("{} has a port of {} bits, the device's have {}", sluice::quoted(name), bits,
        problem_.device.port_bits);
  }

  void check_buffers(const hw::Graph& graph) {
    hw::Graph again = graph;
    hw::set_buffer_depths(again, problem_.rules);
    for (hw::NodeId id = 0; id < graph.size(); ++id) {
      const auto& ports = graph[id].layer.inputs;
      for (std::size_t p = 0; hw::joins(graph[id].layer) && p < ports.size(); ++p) {
        const std::int64_t depth = again[id].layer.inputs[p].buffer_depth;
        if (ports[p].buffer_depth == depth) continue;
        say("{}: {} words can wait at input {}, {} must", sluice::quoted(graph[id].name),
            ports[p].buffer_depth, p, depth);
      }
    }
  }

  void check_numbers(const hw::Partition& partition, const hw::PartitionEstimate& claimed) {
    hw::Resources sum;
    double slowest = 0;
    for (const hw::Node& node : partition.graph.nodes()) {
      sum += hw::resources_of(node.layer, *problem_.coefficients, problem_.rules);
      slowest = std::max(slowest, hw::latency_cycles(node.layer, problem_.rules));
    }
    if (slowest != claimed.interval_cycles) {
      say("an interval of {:.0f} cycles is claimed, it is {:.0f}", claimed.interval_cycles,
          slowest);
    }
    if (!(sum == claimed.resources)) say("other resources are claimed than its layers take");
    const Demand budget = problem_.budget(slowest);
    for (std::size_t s = 0; s < hw::kResourceKinds.size(); ++s) {
      const double taken = sum.*hw::kResourceKinds[s].count;
      if (taken > budget.of[s]) {
        say("{:.0f} {} are needed, {:.0f} may be taken", taken, hw::kResourceKinds[s].name,
            budget.of[s]);
      }
    }
    check_memory(partition, claimed);
  }

  void check_memory(const hw::Partition& partition, const hw::PartitionEstimate& claimed) {
    if (!(partition.slow_down_factor >= 1)) {
      say("it runs {} times slower than its layers", partition.slow_down_factor);
      return;
    }
    const hw::PartitionEstimate again =
        hw::estimate(partition, *problem_.coefficients, problem_.rules);
    if (again.cycles != claimed.cycles) {
      say("{:.0f} cycles for a batch are claimed, it takes {:.0f}", claimed.cycles, again.cycles);
    }
    if (!same_numbers(again, claimed)) {
      say("other traffic, operations or pipeline are claimed than its layers have");
    }
    const double limit = problem_.memory_bits_per_cycle();
    const double bits = again.traffic.total();
    if (bits > limit) {
      say("{:.2f} Gbit/s of memory are needed, {:.2f} may be taken",
          hw::gbps(bits, problem_.clock_mhz), hw::gbps(limit, problem_.clock_mhz));
    }
  }

  const Problem& problem_;
  const hw::HardwareNetwork& network_;
  const std::vector<hw::PartitionEstimate>& claimed_;
  std::string place_;
  std::set<std::string> in_passes_;  // of the partition: layers with a part of their channels
  std::vector<std::string> found_;
};

}  // namespace

std::vector<std::string> violations(const Problem& problem, const hw::HardwareNetwork& network,
                                    const std::vector<hw::PartitionEstimate>& claimed) {
  return Verifier(problem, network, claimed).run();
}

}  // namespace sluice::dse
