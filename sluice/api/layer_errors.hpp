// SPDX-License-Identifier: Apache-2.0
// How far the values of a network on codes are from those of its float32 original, layer by layer.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sluice/api/network.hpp"
#include "sluice/base/json.hpp"
#include "sluice/base/result.hpp"

namespace sluice::api {

// Over all elements of all images, with f a float32 value and q what its code stands for:
struct LayerError {
  std::string layer;  // the node that makes the value
  std::string op;
  std::int64_t elements = 0;
  double sqnr_db = 0;        // 10·log10(Σf² / Σ(f − q)²); infinite where they are equal
  double cosine = 0;         // Σf·q / √(Σf²·Σq²)
  double largest_error = 0;  // max |f − q|
};

// `quantized` was lowered from `original` (quantize_network), so values of one name are the same
// value. Values that only an activation reads, which clamps them, are left out. Goes through all of
// `batches`.
[[nodiscard]] Result<std::vector<LayerError>> layer_errors(const ir::Graph& original,
                                                           const ir::Graph& quantized,
                                                           const quant::BatchSource& batches,
                                                           const NetworkOptions& options);

[[nodiscard]] std::string to_text(const std::vector<LayerError>& errors);
[[nodiscard]] Json to_json(const std::vector<LayerError>& errors);

}  // namespace sluice::api
