// SPDX-License-Identifier: Apache-2.0
// Design: what a search decides of a network's hardware, and nothing that follows from it. The
// format "sluice.design/1": docs/reference/designs.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/json.hpp"
#include "sluice/base/result.hpp"
#include "sluice/hw/network.hpp"

namespace sluice::hw {

struct LayerDesign {
  std::string name;
  Folding folding;
  bool weights_in_uram = false;
  std::int64_t weight_blocks_off_chip = 0;
  std::int64_t weight_blocks_in_luts = 0;
  std::vector<bool> inputs_off_chip, outputs_off_chip;  // port by port
  friend bool operator==(const LayerDesign&, const LayerDesign&) = default;
};

struct PartitionDesign {
  std::vector<LayerDesign> layers;
  std::string reloading_layer;  // empty: none
  std::int64_t reloading_factor = 1;
  double slow_down_factor = 1;
  std::vector<std::int64_t> streams_in, streams_out;  // of input_nodes, output_nodes
  friend bool operator==(const PartitionDesign&, const PartitionDesign&) = default;
};

struct Design {
  std::string model_name, model_sha256;  // 64 digits
  std::string device;
  double clock_mhz = 0;
  std::int64_t batch_size = 1;
  Rules rules = Rules::Sluice;
  std::string coefficients;  // their provenance
  std::vector<PartitionDesign> partitions;
  friend bool operator==(const Design&, const Design&) = default;
};

// `sluice` or `fpgaconvnet`, as files name them.
[[nodiscard]] std::string_view rules_name(Rules rules);

// Parse, with the place, for what is no such document: all keys are needed, no others are taken.
[[nodiscard]] Result<Design> parse_design(const Json& document);
// The document, which parse_design() makes the same design of.
[[nodiscard]] Json to_json(const Design& design);

// The partitions of the design, of a network's graph: sub-graphs with its foldings and placements.
// Derived regroupings and buffers are not made: call update(). InvalidArgument, with the place in
// the document, for a design that is not one of this network: layers missing, twice or of another
// network, partitions that would run before what they read, foldings that do not divide.
[[nodiscard]] Result<HardwareNetwork> apply(const Design& design, const Graph& network);

// The design of partitions: `about` with all that the partitions decide. Regroupings that are not
// the network's are left out.
[[nodiscard]] Design design_of(const HardwareNetwork& network, Design about);

}  // namespace sluice::hw
