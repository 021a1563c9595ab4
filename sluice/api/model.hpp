// SPDX-License-Identifier: Apache-2.0
// Loading a model: from a file to a graph that executors and passes take; and writing one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/ir/graph.hpp"
#include "sluice/ir/infer.hpp"

namespace sluice::api {

struct LoadOptions {
  std::int64_t batch = 0;  // 0: as the model declares it, 1 where it leaves it open
  std::vector<ir::ShapeOverride> input_shapes;
};

// The graph of an ONNX, TFLite or .sluice model (told apart by the file's bytes, then by its name),
// without types, but for .sluice. Errors have the file as the place.
[[nodiscard]] Result<ir::Graph> read_model(const std::filesystem::path& path);

// Reads the model, sets the shapes of its inputs, infers every type and verifies. Errors have the
// file as the place; those of a model whose parts do not fit together have the code Verify.
[[nodiscard]] Result<ir::Graph> load_model(const std::filesystem::path& path,
                                           const LoadOptions& options = {});

// Types and verifies a graph as load_model does.
[[nodiscard]] Status set_types(ir::Graph& graph, const LoadOptions& options);

// InvalidArgument for names of files that no network is written to: others than .onnx and .sluice.
[[nodiscard]] Status check_model_name(const std::filesystem::path& path);

// Writes a graph that has its types as the file's name says, see export/.
[[nodiscard]] Status write_model(const ir::Graph& graph, const std::filesystem::path& path);

}  // namespace sluice::api
