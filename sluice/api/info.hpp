// SPDX-License-Identifier: Apache-2.0
// info: what a network is made of, before anything is run.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sluice/base/json.hpp"
#include "sluice/base/result.hpp"
#include "sluice/ir/graph.hpp"

namespace sluice::api {

struct LayerInfo {
  std::string name;
  std::string op;
  Shape output_shape;  // of the first output
  std::int64_t parameters =
      0;                  // elements of the constants it reads, each counted at its first reader
  std::int64_t macs = 0;  // multiply-accumulates of one forward pass
};

struct TensorInfo {
  std::string name;
  DType dtype = DType::Float32;
  Shape shape;
};

struct ModelInfo {
  std::string name;
  std::vector<TensorInfo> inputs;
  std::vector<TensorInfo> outputs;
  std::vector<LayerInfo> layers;
  std::int64_t parameters = 0;
  std::int64_t macs = 0;
  std::int64_t weight_bytes = 0;
  std::int64_t activation_elements = 0;  // elements of all layer outputs
};

// The graph must have its types. MACs are counted for Conv, ConvTranspose, Gemm and MatMul; bias
// additions and everything else count nothing, as is usual in the field.
[[nodiscard]] ModelInfo info(const ir::Graph& graph);

// The table `sluice info` prints, and the same as JSON (format sluice.info/1).
[[nodiscard]] std::string to_text(const ModelInfo& model);
[[nodiscard]] Json to_json(const ModelInfo& model);

}  // namespace sluice::api
