// SPDX-License-Identifier: Apache-2.0
// fpgaConvNet's configuration files (its program's partitions and parameters, as of 2024) to
// partitions and back.
#pragma once

#include <string>
#include <vector>

#include "sluice/base/json.hpp"
#include "sluice/base/result.hpp"
#include "sluice/hw/network.hpp"

namespace sluice::hw {

struct ReadConfig {
  HardwareNetwork network;         // without a name
  std::vector<std::string> notes;  // what was filled in or passed over: a line each
};

// The partitions that a file describes. `model` is the hardware graph of the whole network: layers
// are found in it by their onnx_node, must have its shapes, and take from it what a file does not
// say; none: layers are as the file says, and nothing is known of tensors but weights' names.
// Files of its program's earlier versions are taken, and those of networks in three dimensions,
// which it writes but cannot read. What is derived is as in the file: call update() to renew it.
// Parse, with the place, for anything else; no value is too large or too strange to be refused.
[[nodiscard]] Result<ReadConfig> read_fpgaconvnet(const Json& document, const Graph* model);

// The text that fpgaConvNet's program would write. Unsupported for a layer that its files have no
// type for.
[[nodiscard]] Result<std::string> write_fpgaconvnet(const HardwareNetwork& network);

}  // namespace sluice::hw
