// SPDX-License-Identifier: Apache-2.0
// How a network is trained for integers, as plain values.
#pragma once

#include <optional>

#include "sluice/base/result.hpp"
#include "sluice/train/quantizer_options.hpp"

namespace sluice::train {

struct QuantizationRecipe {
  // Of each output channel where `axis` is set and the kind has steps by channel, else of a layer.
  QuantizerOptions weights{.kind = QuantizerKind::Lsq,
                           .bits = 4,
                           .is_signed = true,
                           .is_symmetric = true,
                           .power_of_two = true,
                           .has_offset = false,
                           .axis = 0,
                           .start = StepStart::LeastError};
  // Unsigned where values are never negative. Where they are, and of the network's input, kinds
  // that clip at 0 or at fixed ends give way to lsq.
  QuantizerOptions activations{
      .kind = QuantizerKind::Lsq, .bits = 4, .power_of_two = true, .start = StepStart::LeastError};
  // Of the network's input, and of the weights of its first and its last layer, where these have
  // no width of their own.
  int edge_bits = 8;
  std::optional<int> input_bits = {}, first_bits = {}, last_bits = {};
};

// Whether every step is a power of two: requantizing is then shifting, and what float32 computes of
// such values is what integers do. With other steps the integers are those of tflite-single.
[[nodiscard]] bool has_powers_of_two(const QuantizationRecipe& recipe) noexcept;

// InvalidArgument for widths outside 1 … 8, codes that take more than 8 bits, and kinds that are
// not for weights, or for activations.
[[nodiscard]] Status check_quantization_recipe(const QuantizationRecipe& recipe);

}  // namespace sluice::train
