// SPDX-License-Identifier: Apache-2.0
// Reading TensorFlow Lite models (schema version 3) into ir::Graph.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

#include "sluice/base/result.hpp"
#include "sluice/ir/graph.hpp"

namespace sluice::importer {

// The first subgraph of a TFLite file, values without types (ir::infer_types sets them), nodes in
// order. Weights stay mapped; those whose order changes are copied.
//
// TFLite keeps images as [N, H, W, C], the IR as [N, C, H, W]. The graph's inputs and outputs have
// the shapes the file declares, [N, H, W, C] mostly; a Transpose follows or precedes them, and
// inside all that works on images is channels-first. Tensors of other ranks, and of rank 4 that
// come out of a reshape, keep the file's order.
//
// Weights stored as float16, or as int8 with scales in a model that computes in float32, become the
// float32 numbers they stand for.
//
// Errors: Io, Parse (not a TFLite model, or damaged), Verify (the graph does not hold together),
// Unsupported (valid, not done here, among it quantised models); the place is
// `file: operator 3 (CONV_2D) "name"`.
[[nodiscard]] Result<ir::Graph> read_tflite(const std::filesystem::path& path);

// The same for a model in memory, which is copied.
[[nodiscard]] Result<ir::Graph> read_tflite(std::span<const std::byte> bytes);

}  // namespace sluice::importer
