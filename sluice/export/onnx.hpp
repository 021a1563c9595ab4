// SPDX-License-Identifier: Apache-2.0
// Writing graphs as ONNX models. Quantized networks are written in the QDQ form, which
// passes::fold_qdq makes operators on codes of again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "sluice/base/result.hpp"
#include "sluice/ir/graph.hpp"
#include "sluice/ir/hardware_attributes.hpp"

namespace sluice::exporter {

// Where hardware attributes stand: in the model's metadata, which every runtime leaves alone, or as
// attributes of the nodes, which fpgaConvNet's tools read and other checkers refuse.
enum class HardwareForm : unsigned char { Metadata, NodeAttributes };

struct OnnxOptions {
  // Weights of more than this in total go to a file beside the model; protobuf's own limit for a
  // model is 2 GiB.
  std::uint64_t max_inline_bytes = 1'500'000'000;
  // Of nodes of the graph; others are left out.
  ir::HardwareAttributes hardware;
  HardwareForm hardware_form = HardwareForm::Metadata;
};

// Writes the verified graph in the lowest opset from 13 on that has everything in it: 13 where
// codes have 8 bits, 21 where some have 16. Weights beyond the limit go to `path` + ".data", which
// is replaced first; both files are replaced whole. How results are rounded is in the model's
// metadata under "sluice.arithmetic", one name for all nodes, or "sluice.arithmetic/NODE"; their
// hardware attributes under "sluice.hardware/NODE", as JSON: {"data_width": [8], …}. Errors:
// Unsupported, with `node "name" (Op)` or `value "name"` as the place, for what ONNX cannot hold
// (Snap, integers of 32 bits that nodes make, accumulators, forms older than opset 13); Io.
[[nodiscard]] Status write_onnx(const ir::Graph& graph, const std::filesystem::path& path,
                                const OnnxOptions& options = {});

// The bytes of that file. Unsupported for weights beyond the limit.
[[nodiscard]] Result<std::string> onnx_bytes(const ir::Graph& graph,
                                             const OnnxOptions& options = {});

}  // namespace sluice::exporter
