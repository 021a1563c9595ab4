// SPDX-License-Identifier: Apache-2.0
// What the verbs about hardware start with: the network as layers of hardware, and what they cost.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

#include "sluice/base/json.hpp"
#include "sluice/base/result.hpp"
#include "sluice/hw/build/build.hpp"
#include "sluice/hw/coefficients.hpp"
#include "sluice/hw/network.hpp"
#include "sluice/ir/infer.hpp"
#include "sluice/report/design.hpp"

namespace sluice::api {

// Of --compat: "none", "fpgaconvnet". InvalidArgument with the nearest name.
[[nodiscard]] Result<hw::Rules> rules_from_string(std::string_view name);

// The model after the passes that hardware is built after, of batch 1. Errors have the file as the
// place.
[[nodiscard]] Result<ir::Graph> load_for_hardware(
    const std::filesystem::path& model, const std::vector<ir::ShapeOverride>& input_shapes,
    hw::Rules rules);

// What is built by, with what an ONNX file says of single nodes in the attributes of fpgaConvNet's
// tools.
[[nodiscard]] Result<hw::BuildOptions> build_options(const std::filesystem::path& model,
                                                     hw::Rules rules);

// The layers of a network's hardware, without regrouping, with what the emitter knows of them.
[[nodiscard]] Result<hw::Graph> hardware_of(const ir::Graph& network,
                                            const hw::BuildOptions& options);

// The same of a file. By fpgaConvNet's rules also with what an ONNX
// file says of single nodes in the attributes of its tools.
[[nodiscard]] Result<hw::Graph> hardware_graph(const std::filesystem::path& model,
                                               const std::vector<ir::ShapeOverride>& input_shapes,
                                               hw::Rules rules);

// All of a device that a search depends on.
[[nodiscard]] Json identity_of(const hw::Device& device);

struct FigureOptions {
  double clock_mhz = 0;  // 0: the device's
  hw::Rules rules = hw::Rules::Sluice;
};

// Those of the file; empty: those that come with the program.
[[nodiscard]] Result<hw::Coefficients> coefficients_from(const std::filesystem::path& path);

// All that reports say of a mapped network, energy by the coefficients that come with the program.
[[nodiscard]] Result<report::DesignFigures> figures_of(const hw::HardwareNetwork& network,
                                                       const hw::Device& device,
                                                       const hw::Coefficients& by,
                                                       const FigureOptions& options);

// The whole graph as one partition, for batches of so many feature maps.
[[nodiscard]] hw::HardwareNetwork whole_network(std::string name, hw::Graph graph,
                                                std::int64_t batch_size, hw::Rules rules);

}  // namespace sluice::api
