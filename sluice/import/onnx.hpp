// SPDX-License-Identifier: Apache-2.0
// Reading ONNX models, opsets 7 to 26, into ir::Graph. Older models are read if their operators
// have the same form in opset 7.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/ir/graph.hpp"
#include "sluice/ir/hardware_attributes.hpp"
#include "sluice/numeric/named_tensor.hpp"

namespace sluice::importer {

inline constexpr std::int64_t kOldestOpset = 7;
inline constexpr std::int64_t kNewestOpset = 26;

// The graph of an ONNX file, values without types (ir::infer_types sets them), nodes in order,
// every operator in the newest form, documented in ir/ops/. Nodes have the arithmetic that the
// metadata of our own files records (see export/onnx.hpp), which fold_qdq keeps. Weights are held
// once: those inside the file as they were parsed, those beside it mapped. Errors: Io, Parse (not
// what ONNX says), Verify (the graph does not hold together), Unsupported (valid, not done here);
// the place is `file: node "name" (Op)`.
[[nodiscard]] Result<ir::Graph> read_onnx(const std::filesystem::path& path);

// The same for a model in memory. External data is looked for in `directory`; refused without one.
[[nodiscard]] Result<ir::Graph> read_onnx(
    std::span<const std::byte> bytes,
    const std::optional<std::filesystem::path>& directory = std::nullopt);

// What the file says of how nodes are to become hardware, which the graph leaves out: in attributes
// of fpgaConvNet's tools, or as exporter::write_onnx has it in the metadata.
[[nodiscard]] Result<ir::HardwareAttributes> read_onnx_hardware(const std::filesystem::path& path);

// A file with one serialised tensor (.pb), as ONNX's test cases have them.
[[nodiscard]] Result<NamedTensor> read_onnx_tensor(const std::filesystem::path& path);

}  // namespace sluice::importer
