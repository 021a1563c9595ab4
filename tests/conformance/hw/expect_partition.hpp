// SPDX-License-Identifier: Apache-2.0
// A partition against the record that fpgaConvNet's model made of one, and the networks that there
// are records of.
#pragma once

#include "tests/conformance/hw/expect_layer.hpp"
#include "tests/conformance/hw/recorded_partition.hpp"

#include "sluice/hw/partition.hpp"

namespace sluice::hw {

inline constexpr double kClockMhz = 200;

inline std::vector<std::string> names(const Graph& graph, const std::vector<NodeId>& ids) {
  std::vector<std::string> result;
  result.reserve(ids.size());
  for (const NodeId id : ids) result.push_back(graph[id].name);
  return result;
}

inline void expect_graph(const Graph& graph, const Json& recorded) {
  std::vector<std::string> nodes;
  std::vector<std::vector<std::string>> edges;
  for (const Node& node : graph.nodes()) {
    nodes.push_back(node.name);
    for (const NodeId to : node.successors) edges.push_back({node.name, graph[to].name});
  }
  EXPECT_EQ(recorded["nodes"].get<std::vector<std::string>>(), nodes);
  EXPECT_EQ(recorded["edges"].get<std::vector<std::vector<std::string>>>(), edges);
  const auto expect_names = [&](const char* key, const std::vector<NodeId>& ids) {
    EXPECT_EQ(recorded[key].get<std::vector<std::string>>(), names(graph, ids)) << key;
  };
  expect_names("topological_order", graph.topological_order());
  expect_names("longest_path", graph.longest_path());
  expect_names("input_nodes", graph.input_nodes());
  expect_names("output_nodes", graph.output_nodes());
}

inline void expect_gbps(const Json& recorded, const std::vector<double>& bits) {
  ASSERT_EQ(recorded.size(), bits.size());
  for (std::size_t i = 0; i < bits.size(); ++i) expect_rate(recorded[i], gbps(bits[i], kClockMhz));
}

inline void expect_estimate(const Partition& partition, const Json& recorded,
                            const Coefficients& by) {
  const PartitionEstimate found = estimate(partition, by, Rules::FpgaConvNet);
  expect_number(recorded["interval"], found.interval_cycles, "interval");
  expect_rate(recorded["pipeline_depth"], found.pipeline_depth_cycles);
  expect_number(recorded["cycles"], found.cycles, "cycles");
  expect_number(recorded["operations"], found.operations, "operations");
  if (recorded["sparse_operations"].is_number()) {
    expect_rate(recorded["sparse_operations"], found.sparse_operations);
  }
  expect_resources(found.resources, recorded["resources"]);
  expect_gbps(recorded["bandwidth_in_Gbps"], found.traffic.in);
  expect_gbps(recorded["bandwidth_out_Gbps"], found.traffic.out);
  expect_gbps(recorded["bandwidth_weight_Gbps"], found.traffic.weights);
  expect_rate(recorded["total_bandwidth_Gbps"], gbps(found.traffic.total(), kClockMhz));
  expect_number(recorded["size_wr"], real(reloaded_words(partition, Rules::FpgaConvNet)),
                "size_wr");
}

inline void expect_partition(const Partition& partition, const Json& recorded,
                             const Coefficients& by) {
  expect_graph(partition.graph, recorded);
  for (const Json& record : recorded["layers"]) {
    const auto id = partition.graph.find(record["name"].get<std::string>());
    ASSERT_TRUE(id) << record["name"];
    SCOPED_TRACE(record["name"]);
    const Layer& layer = partition.graph[*id].layer;
    expect_layer(layer, record, by, true);
    const Json& depth = record["buffer_depth"];
    for (std::size_t p = 0; depth.is_array() && p < depth.size(); ++p) {
      expect_number(depth[p], real(layer.inputs[p].buffer_depth), "buffer_depth");
    }
  }
  expect_estimate(partition, recorded, by);
}

inline void fold(Partition& partition, const Json& set) {
  for (const auto& [name, values] : set.items()) {
    Layer& layer = partition.graph[*partition.graph.find(name)].layer;
    Folding& by = layer.folding;
    by.coarse_in = values.value("coarse_in", by.coarse_in);
    by.coarse_out = values.value("coarse_out", by.coarse_out);
    by.coarse_group = values.value("coarse_group", by.coarse_group);
    by.fine = values.value("fine", by.fine);
    if (folding_values(layer, Rules::FpgaConvNet).is_coupled) by.coarse_out = by.coarse_in;
  }
}

// As it was recorded, but for what is derived.
inline Partition recorded_partition(const Json& recorded) {
  Partition result;
  result.graph = recorded_graph(recorded);
  result.streams_in = recorded["streams_in"].get<std::vector<std::int64_t>>();
  result.streams_out = recorded["streams_out"].get<std::vector<std::int64_t>>();
  result.batch_size = recorded["batch_size"];
  result.reloading_layer = reloading_layer_of(result);
  return result;
}

class RecordedNetwork : public HardwareGolden, public ::testing::WithParamInterface<const char*> {
 protected:
  void SetUp() override {
    HardwareGolden::SetUp();
    if (IsSkipped()) return;
    auto document = read_json(folder_ / (std::string(GetParam()) + ".json"));
    ASSERT_TRUE(document) << document.error().text();
    document_ = *std::move(document);
    auto by = coefficients();
    ASSERT_TRUE(by) << by.error().text();
    by_.emplace(*std::move(by));
  }

  Partition recorded_partition() const {
    return hw::recorded_partition(document_["default"]["partition"]);
  }

  Json document_;
  std::optional<Coefficients> by_;
};

// The networks whose every kind of layer is recorded in full.
inline auto recorded_networks() {
  return ::testing::Values("alexnet", "buffer_test", "c3d", "c3d_toy", "lenet", "lenet@gemm2conv",
                           "lenet_matmul", "ops_2d", "resnet18", "resnet50", "resnet8",
                           "simple_cnn", "simple_cnn@calibrate", "simple_cnn_2", "unet",
                           "unet_single_branch", "unet_two_branch", "vgg11_toy", "vgg11_toy_large",
                           "vgg16", "vgg19_toy", "x3d_like");
}

}  // namespace sluice::hw
