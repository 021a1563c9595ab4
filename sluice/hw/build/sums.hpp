// SPDX-License-Identifier: Apache-2.0
// What a quantized layer's weights say of its products: how wide they and their sums are.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "sluice/ir/graph.hpp"
#include "sluice/numeric/rounding.hpp"

namespace sluice::hw {

// The least and the greatest sum of products of weights with words of a range.
[[nodiscard]] numeric::CodeRange sum_range(std::span<const std::int64_t> weights,
                                           numeric::CodeRange words);

struct SumBits {
  std::int64_t weight_bits = 0;  // counted from their zero points
  std::int64_t acc_bits = 0;     // of the largest sum with its bias, over all codes of the input
};
// None where weights, words or their codes are not known from the file.
[[nodiscard]] std::optional<SumBits> sum_bits_of(const ir::Graph& network, const ir::Node& node);

}  // namespace sluice::hw
