// SPDX-License-Identifier: Apache-2.0
// What a quantized layer's weights say of its products: how wide they and their sums are.
#pragma once

#include <cstdint>
#include <optional>

#include "sluice/hw/layers/layer.hpp"
#include "sluice/ir/graph.hpp"

namespace sluice::hw {

struct SumBits {
  std::int64_t weight_bits = 0;  // counted from their zero points
  std::int64_t acc_bits = 0;     // of the largest sum with its bias, over all codes of the input
};
// None where weights, words or their codes are not known from the file.
[[nodiscard]] std::optional<SumBits> sum_bits_of(const ir::Graph& network, const ir::Node& node);

// By the arithmetic of the node, and the scales of its weights, if it has any.
[[nodiscard]] Rescale rescale_of(const ir::Graph& network, const ir::Node& node);

}  // namespace sluice::hw
