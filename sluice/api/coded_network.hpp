// SPDX-License-Identifier: Apache-2.0
// The integers that flow through a network: which tensors of its layers are codes, how wide, and in
// what order hardware reads them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/ir/graph.hpp"
#include "sluice/numeric/format.hpp"
#include "sluice/numeric/grid.hpp"
#include "sluice/quant/emulate.hpp"
#include "sluice/sparse/alphabet.hpp"

namespace sluice::api {

struct CodedTensor {
  std::string role;   // "weights", "input", "output"
  std::string value;  // its name in the network
  sparse::Alphabet alphabet;
  Shape shape;
  // Dimension i of the stream is stream_axes[i] of `shape`; in the network's order as published.
  std::vector<std::int64_t> stream_axes;
  // Of weights the codes, int32. Of an activation the value of the graph that makes them: codes of
  // its own, or with a grid what is snapped to that.
  std::optional<Tensor> codes;
  ir::ValueId source = ir::kNoValue;
  std::optional<numeric::Grid> grid;
};

struct CodedLayer {
  std::string name;
  std::string op;
  std::vector<CodedTensor> tensors;  // the weights first
};

struct CodedNetwork {
  ir::Graph graph;  // to be run
  std::vector<CodedLayer> layers;
};

// A prepared float32 network in an emulated format: the layers with weights, their input and their
// output. `grids` are those of the activations of quantize_weights(graph, …); without them there
// are the weights alone. Fpgaconvnet: all modules, also those without weights, and streams are in
// the network's order. InvalidArgument for float32, whose values are no integers.
[[nodiscard]] Result<CodedNetwork> coded_network(ir::Graph graph, const numeric::Format& format,
                                                 const std::optional<quant::ActivationGrids>& grids,
                                                 quant::Compat compat);

// A quantized network: the layers with constant weights on codes. Unsupported for codes that no
// int32 holds.
[[nodiscard]] Result<CodedNetwork> coded_network(const ir::Graph& quantized);

// The codes of a tensor in the order of its stream, from the content of its source, which may have
// fewer images than the shape says; of weights from their codes. Errors name the value.
[[nodiscard]] Result<std::vector<std::int32_t>> stream_of(const CodedTensor& tensor,
                                                          const Tensor& content);

}  // namespace sluice::api
