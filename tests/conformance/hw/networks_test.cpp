// SPDX-License-Identifier: Apache-2.0
// Networks against what fpgaConvNet's model recorded of its own: of one partition, and cut in two;
// its matrices, and its second metrics.
#include <set>

#include "tests/conformance/hw/expect_partition.hpp"

#include "sluice/hw/compat/matrices.hpp"
#include "sluice/hw/compat/metrics_v2.hpp"
#include "sluice/hw/schedule.hpp"
#include "sluice/hw/split.hpp"

namespace sluice::hw {
namespace {

using Networks = RecordedNetwork;
using NamePair = std::pair<std::string, std::string>;

constexpr Rules kRules = Rules::FpgaConvNet;
constexpr double kReconfigurationS = 0.08255;

template <class Kind>
std::vector<std::string> names_of(const HardwareNetwork& network) {
  std::vector<std::string> result;
  for (const Partition& partition : network.partitions) {
    for (const Node& node : partition.graph.nodes()) {
      if (node.layer.as<Kind>() != nullptr) result.push_back(node.name);
    }
  }
  return result;
}

void expect_schedule(const HardwareNetwork& network, const Json& recorded) {
  const auto found = schedule(network, kRules);
  const std::array keys{
      "partition_id", "ports_in",         "ports_out",         "input_addr",
      "output_addr",  "input_dependence", "output_dependence", "weights_reloading_factor",
      "batch_size",   "input_size",       "output_size",       "weights_size"};
  ASSERT_EQ(recorded["schedule"].size(), found.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(recorded["partition_order"][i], found[i].partition);
    const auto values = found[i].values();
    for (std::size_t k = 0; k < keys.size(); ++k) {
      EXPECT_EQ(recorded["schedule"][i][keys[k]], values[k]) << keys[k];
    }
  }
  EXPECT_EQ(recorded["check_scheduler"], check_schedule(network, found).has_value());
}

void expect_network(const HardwareNetwork& network, const Json& recorded, const Coefficients& by) {
  const auto run = [&](Execution execution, double delay_s) {
    return estimate(network, by, {kClockMhz, delay_s, execution, kRules});
  };
  const auto at_once = run(Execution::Sequential, 0);
  const auto in_turn = run(Execution::Sequential, kReconfigurationS);
  const auto pipelined = run(Execution::Pipelined, 0);
  const auto expect = [&](const char* key, double value) {
    expect_number(recorded[key], value, key);
  };
  expect("cycles_sequential", at_once.cycles);
  expect("cycles_pipelined", pipelined.cycles);
  expect("latency_s_sequential_200MHz_delay0", at_once.latency_s);
  expect("latency_s_sequential_200MHz_delay0.08255", in_turn.latency_s);
  expect("latency_s_pipelined_200MHz_delay0", pipelined.latency_s);
  expect("throughput_sequential_200MHz_delay0.08255", in_turn.frames_per_s);
  expect("throughput_pipelined_200MHz_delay0", pipelined.frames_per_s);
  expect("memory_usage_estimate", 2 * at_once.memory_words);  // bytes, of 16 bits
  expect("batch_size", real(network.batch_size));
  expect_schedule(network, recorded);
  EXPECT_EQ(recorded["conv_layers"].get<std::vector<std::string>>(),
            names_of<Convolution>(network));
  EXPECT_EQ(recorded["pool_layers"].get<std::vector<std::string>>(), names_of<Pooling>(network));
  std::vector<NamePair> branches;
  for (const auto& [from, to] : branch_edges(network.graph)) {
    branches.emplace_back(network.graph[from].name, network.graph[to].name);
  }
  EXPECT_EQ(recorded["branch_edges"].get<std::vector<NamePair>>(), branches);
}

HardwareNetwork network_of(const Partition& partition, std::int64_t batch_size) {
  HardwareNetwork result{"", partition.graph, {partition}, batch_size};
  update(result, kRules);
  return result;
}

TEST_P(Networks, AreThoseThatWereParsed) {
  expect_network(network_of(recorded_partition(), 1), document_["default"]["network"], *by_);
}

TEST_P(Networks, AreThoseOfOtherFoldings) {
  const Partition parsed = recorded_partition();
  for (const Json& given : document_.value("random_parallelism", Json::array())) {
    SCOPED_TRACE(given["seed_index"].dump());
    HardwareNetwork network = network_of(parsed, given["network"]["batch_size"]);
    Partition& partition = network.partitions.front();
    fold(partition, given["set"]);
    partition.slow_down_factor = given["partition"]["slow_down_factor"];
    update(network, kRules);
    expect_network(network, given["network"], *by_);
    if (HasFailure()) return;
  }
}

std::set<NamePair> edge_names(const Graph& graph) {
  std::set<NamePair> result;
  for (const Node& node : graph.nodes()) {
    for (const NodeId to : node.successors) result.emplace(node.name, graph[to].name);
  }
  return result;
}

std::set<std::string> node_names(const Graph& graph) {
  std::set<std::string> result;
  for (const Node& node : graph.nodes()) result.insert(node.name);
  return result;
}

TEST_P(Networks, AreCutInTwo) {
  const Json recorded = document_.value("two_partitions", Json());
  if (recorded.is_null()) return;  // there it was not cut
  const Partition whole = recorded_partition();
  const Edge cut{*whole.graph.find(recorded["cut"][0].get<std::string>()),
                 *whole.graph.find(recorded["cut"][1].get<std::string>())};
  const auto found = bridges(whole.graph);
  EXPECT_NE(std::ranges::find(found, cut), found.end());
  const auto [first, second] = split_at(whole, cut);
  HardwareNetwork network{"", whole.graph, {first, second}, 16};
  update(network, kRules);
  for (std::size_t p = 0; p < 2; ++p) {
    SCOPED_TRACE(p);
    const Json& expected = recorded["partitions"][p];
    const Partition& partition = network.partitions[p];
    EXPECT_EQ(expected["nodes"].get<std::set<std::string>>(), node_names(partition.graph));
    EXPECT_EQ(expected["edges"].get<std::set<NamePair>>(), edge_names(partition.graph));
    EXPECT_EQ(expected["wr_layer"].is_null() ? "" : expected["wr_layer"].get<std::string>(),
              partition.reloading_layer);
    // There the order of nodes and edges is one of a set of names.
    Json reordered = expected;
    reordered["layers"] = document_["default"]["partition"]["layers"];
    Partition same = hw::recorded_partition(reordered);
    update(same, kRules);
    expect_graph(same.graph, expected);
    expect_estimate(same, expected, *by_);
  }
  expect_network(network, recorded["network"], *by_);
  network.partitions[0].reloading_factor = 2;
  expect_network(network, recorded["network_wr_factor_2_on_partition_0"], *by_);
}

TEST_P(Networks, HaveTheirMatrices) {
  const Json& recorded = document_["default"];
  if (!recorded.contains("matrices")) return;  // there they were not recorded
  const Json& expected = recorded["matrices"];
  const Partition partition = recorded_partition();
  const compat::Matrices found(partition.graph);
  EXPECT_EQ(expected["node_list"].get<std::vector<std::string>>(), found.column_names());
  ASSERT_EQ(expected["edge_list"].size(), found.edges().size());
  const auto name = [&](std::optional<NodeId> id) {
    return id ? Json(partition.graph[*id].name) : Json();
  };
  for (std::size_t i = 0; i < found.edges().size(); ++i) {
    EXPECT_EQ(expected["edge_list"][i][0], name(found.edges()[i].from));
    EXPECT_EQ(expected["edge_list"][i][1], name(found.edges()[i].to));
  }
  const auto expect = [&](const char* key, const compat::Matrices::Matrix& matrix) {
    EXPECT_EQ(expected[key].get<compat::Matrices::Matrix>(), matrix) << key;
  };
  expect("connections", found.connections());
  expect("streams", found.streams());
  expect("rates", found.rates());
  expect("workload", found.workload());
  expect("interval", found.interval());
  expect("balanced_rates", found.balanced_rates());
}

TEST_P(Networks, HaveTheirSecondMetrics) {
  const Json& recorded = document_["default"];
  if (!recorded.contains("metrics_v2")) return;  // there they were not recorded
  const Json& expected = recorded["metrics_v2"];
  Partition partition = recorded_partition();
  update(partition, kRules);
  const compat::MetricsV2 found = compat::metrics_v2(partition, *by_);
  expect_number(expected["interval"], found.interval_cycles, "interval");
  expect_number(expected["pipeline_depth"], found.pipeline_depth_cycles, "pipeline_depth");
  expect_number(expected["cycles"], found.cycles, "cycles");
  expect_number(expected["total_operations"], found.operations, "total_operations");
  expect_resources(found.resources, expected["resources"]);
  expect_gbps(expected["bandwidth_in"], found.traffic.in);
  expect_gbps(expected["bandwidth_out"], found.traffic.out);
  expect_gbps(expected["bandwidth_weight"], found.traffic.weights);
  for (NodeId id = 0; id < partition.graph.size(); ++id) {
    const std::string& name = partition.graph[id].name;
    expect_number(expected["node_delay"][name], found.start_cycle[id], name.c_str());
    expect_number(expected["initial_input_rate"][name], found.initial_input_rate[id], name.c_str());
  }
}

INSTANTIATE_TEST_SUITE_P(Networks, Networks, recorded_networks());

}  // namespace
}  // namespace sluice::hw
