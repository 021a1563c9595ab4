// SPDX-License-Identifier: Apache-2.0
// Small quantized networks as netlists, compared with the exact engine.
#pragma once

#include <functional>

#include "tests/rtl/netlist_model.hpp"
#include "tests/support/observe.hpp"
#include "tests/support/quantized_net.hpp"
#include "tests/support/random_folding.hpp"

#include "sluice/exact/code_function.hpp"
#include "sluice/exact/executor.hpp"
#include "sluice/hw/build/build.hpp"
#include "sluice/hw/partition.hpp"
#include "sluice/rtl/emit.hpp"
#include "sluice/rtl/scalings.hpp"
#include "sluice/rtl/tensors.hpp"

namespace sluice::rtl::test {

using Fold = std::function<void(hw::Graph&)>;

// The network as one partition, folded so, up to date.
inline hw::Graph mapped(const ir::Graph& network, const Fold& fold = {}) {
  auto graph = hw::build_graph(network, {});
  EXPECT_TRUE(graph) << graph.error().text();
  if (!graph) return {};
  set_scalings(network, *graph);
  if (fold) fold(*graph);
  hw::Partition partition;
  partition.graph = *std::move(graph);
  hw::update(partition);
  return std::move(partition.graph);
}

// Every layer of weights folded so.
inline Fold fold_products(const hw::Folding& by) {
  return [by](hw::Graph& graph) {
    for (hw::NodeId id = 0; id < graph.size(); ++id) {
      if (hw::has_weights(graph[id].layer)) graph[id].layer.folding = by;
    }
  };
}
// All layers with so many streams.
inline Fold fold_all(std::int64_t streams) {
  return [streams](hw::Graph& graph) {
    for (hw::NodeId id = 0; id < graph.size(); ++id) {
      graph[id].layer.folding = {.coarse_in = streams, .coarse_out = streams};
    }
  };
}

inline Netlist emitted(const ir::Graph& network, const Fold& fold = {}) {
  auto netlist = emit_netlist(network, mapped(network, fold), "net", exact::code_function);
  EXPECT_TRUE(netlist) << netlist.error().text();
  return netlist ? *std::move(netlist) : Netlist();
}

// Why it is refused, with the place; empty if it is not.
inline std::string refusal_of(const ir::Graph& network, const Fold& fold = {}) {
  const auto netlist = emit_netlist(network, mapped(network, fold), "net", exact::code_function);
  if (netlist) return "";
  EXPECT_EQ(netlist.error().code, ErrorCode::Unsupported);
  return netlist.error().text();
}

// All instances of a module.
inline std::vector<Instance> instances_of(const Netlist& netlist, std::string_view module) {
  std::vector<Instance> found;
  for (const Block& block : netlist.blocks) {
    std::ranges::copy_if(block.instances, std::back_inserter(found),
                         [&](const Instance& each) { return each.module == module; });
  }
  return found;
}
// The only one.
inline Instance instance_of(const Netlist& netlist, std::string_view module) {
  const std::vector<Instance> found = instances_of(netlist, module);
  EXPECT_EQ(found.size(), 1U) << module;
  return found.empty() ? Instance{{}, {}, {}, {{}}, {{}}} : found[0];
}

inline const std::string& memory_of(const Netlist& netlist, const Instance& instance,
                                    std::string_view name) {
  static const std::string kNone;
  const std::string file = parameter(instance, name);
  for (const MemoryFile& memory : netlist.memories) {
    if (file == "\"" + memory.name + "\"") return memory.content;
  }
  ADD_FAILURE() << "no memory " << file;
  return kNone;
}

// Each tensor that a stream carries has the codes of the exact engine, on random inputs.
inline void expect_exact(const ir::Graph& network, const Netlist& netlist, std::uint64_t seed = 1) {
  auto executor = exact::make_reference_executor(network);
  ASSERT_TRUE(executor) << executor.error().text();
  const auto inputs = sluice::test::random_code_inputs(network, seed);
  std::vector<Carried> carried = netlist.inputs;
  carried.insert(carried.end(), netlist.taps.begin(), netlist.taps.end());
  carried.insert(carried.end(), netlist.outputs.begin(), netlist.outputs.end());
  std::vector<ir::ValueId> wanted;
  wanted.reserve(carried.size());
  for (const Carried& each : carried) {
    const auto found = std::ranges::find(network.values, each.tensor, &ir::Value::name);
    ASSERT_NE(found, network.values.end()) << each.tensor;
    wanted.push_back(static_cast<ir::ValueId>(found - network.values.begin()));
  }
  const auto seen = sluice::test::observed(**executor, network, inputs, wanted);
  std::vector<StreamCodes> codes;
  codes.reserve(carried.size());
  for (const ir::ValueId id : wanted) codes.push_back(in_stream_order(seen.at(id)));
  const auto num_inputs = static_cast<std::int64_t>(netlist.inputs.size());
  const auto streams = NetlistModel(netlist).run({codes.begin(), codes.begin() + num_inputs});
  for (std::size_t i = netlist.inputs.size(); i < carried.size(); ++i) {
    EXPECT_EQ(streams[carried[i].stream], codes[i])
        << carried[i].layer << " makes " << carried[i].tensor;
  }
}

// Emits a network and compares it.
inline Netlist expect_exact(const ir::Graph& network, const Fold& fold = {}) {
  Netlist netlist = emitted(network, fold);
  expect_exact(network, netlist);
  return netlist;
}

}  // namespace sluice::rtl::test
