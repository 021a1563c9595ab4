// SPDX-License-Identifier: Apache-2.0
// HardwareNetwork: a whole network as partitions that are on the device one after another.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sluice/hw/partition.hpp"

namespace sluice::hw {

struct HardwareNetwork {
  std::string name;
  // The whole network before it was partitioned, each layer with the least parallelism.
  Graph graph;
  std::vector<Partition> partitions;
  std::int64_t batch_size = 1;
};

// Gives each partition the network's batch, makes what is derived agree with its layers, and drops
// partitions without layers.
void update(HardwareNetwork& network, Rules rules = Rules::Sluice);

enum class Execution : unsigned char {
  Sequential,  // on one device, which is configured for each partition in turn
  Pipelined,   // each partition on a device of its own, one giving words to the next
};

struct ExecutionOptions {
  double clock_mhz = 200;
  double reconfiguration_s = 0;
  Execution execution = Execution::Sequential;
  Rules rules = Rules::Sluice;
};

struct NetworkEstimate {
  std::vector<PartitionEstimate> partitions;
  double cycles = 0;  // for the batch, without reconfiguration
  std::int64_t reconfigurations = 0;
  double latency_s = 0;  // for the batch
  double frames_per_s = 0;
  double memory_words = 0;  // outside the device: of a partition's inputs and outputs, at most
};

// For a network that is up to date. A single partition stays on the device; several are all
// configured anew for each batch, but those that have a device each (fpgaConvNet's model counts
// these too). Pipelined, a partition of several passes makes the next wait until its last pass.
[[nodiscard]] NetworkEstimate estimate(const HardwareNetwork& network, const Coefficients& by,
                                       const ExecutionOptions& options = {});

// Words of a feature map that come into a partition, and that leave it, through all its ports.
[[nodiscard]] std::int64_t words_in(const Graph& graph);
[[nodiscard]] std::int64_t words_out(const Graph& graph);

// Where words part or join: the edges out of layers that copy or part words, then the other edges
// into layers that join them; neighbours in the order of their names.
[[nodiscard]] std::vector<Edge> branch_edges(const Graph& graph);

}  // namespace sluice::hw
