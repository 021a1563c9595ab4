// SPDX-License-Identifier: Apache-2.0
// Our importer and reference executor against LiteRT, the format's own runtime.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "tests/support/tflite_model.hpp"

namespace sluice::test {

struct LitertCase {
  std::string name;  // a file's stem
  std::vector<std::byte> model;
  double low = -4;  // range of the random inputs
  double high = 4;
};

// The most an output may differ: absolute + relative·|LiteRT's|.
struct Tolerance {
  double absolute = 1e-5;
  double relative = 1e-5;
};

// Runs every case both ways on the same random inputs and expects equal shapes, types and values.
// Skips the test where build/venv has no LiteRT.
void expect_equal_to_litert(const std::vector<LitertCase>& cases, Tolerance tolerance = {});

// The bytes of a file.
[[nodiscard]] std::vector<std::byte> file_bytes(const std::filesystem::path& path);

// The model with every type set, for the inputs it declares (an open batch is 1).
[[nodiscard]] Result<ir::Graph> typed_graph(std::span<const std::byte> model);
// One run of the reference executor.
[[nodiscard]] Result<std::vector<Tensor>> run_reference(ir::Graph graph,
                                                        const std::vector<Tensor>& inputs);

}  // namespace sluice::test
