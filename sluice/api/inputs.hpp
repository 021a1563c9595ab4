// SPDX-License-Identifier: Apache-2.0
// A network opened together with what goes into it: .npy files, or codes drawn at random.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/ir/graph.hpp"
#include "sluice/ir/infer.hpp"
#include "sluice/numeric/tensor.hpp"
#include "sluice/quant/calibration.hpp"

namespace sluice::api {

struct RunInput {
  std::string name;  // empty: the network's only input
  std::filesystem::path file;
};

// A tensor from a file for one input of a network: its type and rank must be the declared ones, but
// a quantized input may be given as real numbers.
[[nodiscard]] Result<Tensor> read_input(const std::filesystem::path& file,
                                        const ir::GraphInput& input, bool is_quantized = false);

// A prepared graph with the shapes of its inputs, and these.
struct OpenedNetwork {
  ir::Graph graph;
  std::vector<Tensor> inputs;
  bool is_real = false;  // real numbers are given to a quantized network, which its graph quantizes
};

struct OpenOptions {
  std::filesystem::path model;
  std::vector<RunInput> inputs;
  quant::Compat compat = quant::Compat::None;
  // Without `inputs`: draw every input, of these shapes where the model's are open.
  std::optional<std::uint32_t> seed;
  std::vector<ir::ShapeOverride> input_shapes;
};

// Reads the model and its inputs, whose shapes the network takes. InvalidArgument naming the input
// where a file is missing, not asked for, or of another type or rank than the network wants, or
// where it is to be drawn and is not quantized.
[[nodiscard]] Result<OpenedNetwork> open_network(const OpenOptions& options);

// Contents for the inputs of a prepared graph, drawn uniformly from their codes, or from the real
// numbers of those that the graph quantizes them to. InvalidArgument where there are none.
[[nodiscard]] Result<std::vector<Tensor>> draw_inputs(const ir::Graph& graph, std::uint32_t seed);

}  // namespace sluice::api
