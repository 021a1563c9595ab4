// SPDX-License-Identifier: Apache-2.0
// Partition: the layers that are on the device at one time.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sluice/hw/coefficients.hpp"
#include "sluice/hw/graph.hpp"
#include "sluice/hw/resources.hpp"

namespace sluice::hw {

struct Partition {
  Graph graph;
  std::int64_t batch_size = 1;
  // The layer whose filters are computed in so many passes, its weights loaded before each.
  std::string reloading_layer;  // empty: none
  std::int64_t reloading_factor = 1;
  // The streams of the partition's inputs and outputs, by the order of input_nodes, output_nodes.
  std::vector<std::int64_t> streams_in{1}, streams_out{1};
  // How much slower than its layers it runs, where memory cannot keep up.
  double slow_down_factor = 1;
};

// Makes what is derived agree with the layers: regrouping between layers with different streams and
// at the partition's edge, and the buffers before joins.
void update(Partition& partition, Rules rules = Rules::Sluice);

// The last convolution or inner product before the first output, unless words join or part between;
// empty: none.
[[nodiscard]] std::string reloading_layer_of(const Partition& partition);
// What a layer is in each of so many passes: the reloaded one has a part of its filters, one that
// follows has a part of its channels.
[[nodiscard]] Layer layer_of_pass(Layer layer, std::int64_t passes, bool is_reloaded);
// Weights that are loaded before a pass.
[[nodiscard]] std::int64_t reloaded_words(const Partition& partition, Rules rules = Rules::Sluice);

// Bits a clock between the device and its memory, port by port.
struct Traffic {
  std::vector<double> in, out, weights;
  [[nodiscard]] double total() const;
};

struct PartitionEstimate {
  double interval_cycles = 0;        // between feature maps: the slowest layer's
  double pipeline_depth_cycles = 0;  // from the first word in to the last out, less an interval
  double cycles = 0;                 // for the batch, all passes, weights loaded in between
  Resources resources;
  double operations = 0, sparse_operations = 0;
  Traffic traffic;
};
[[nodiscard]] PartitionEstimate estimate(const Partition& partition, const Coefficients& by,
                                         Rules rules = Rules::Sluice);

// Bits between the device and its memory for a feature map, in all passes and for the weights that
// they load. The estimate is the partition's by the same rules.
[[nodiscard]] double memory_bits(const Partition& partition, const PartitionEstimate& estimate,
                                 Rules rules = Rules::Sluice);

// Gbit/s for bits a clock.
[[nodiscard]] constexpr double gbps(double bits_per_cycle, double clock_mhz) {
  return bits_per_cycle * clock_mhz / 1000;
}

}  // namespace sluice::hw
