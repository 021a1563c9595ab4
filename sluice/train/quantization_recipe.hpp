// SPDX-License-Identifier: Apache-2.0
// How a network is trained for integers, as plain values.
#pragma once

#include "sluice/base/result.hpp"
#include "sluice/train/quantizer_options.hpp"

namespace sluice::train {

// All steps are powers of two: requantizing is shifting, and what float32 computes of such values
// is what integers do.
struct QuantizationRecipe {
  // Of each output channel, where the kind has steps by channel.
  QuantizerOptions weights{.kind = QuantizerKind::Lsq,
                           .bits = 4,
                           .is_signed = true,
                           .is_symmetric = true,
                           .power_of_two = true,
                           .axis = 0,
                           .start = StepStart::LeastError};
  // Unsigned where values are never negative, by lsq where they are.
  QuantizerOptions activations{
      .kind = QuantizerKind::Lsq, .bits = 4, .power_of_two = true, .start = StepStart::LeastError};
  // Of the network's input, and of the weights of its first and its last layer.
  int edge_bits = 8;
};

// InvalidArgument for widths outside 2 … 8, steps that are no powers of two, and kinds that are not
// for weights, or for activations.
[[nodiscard]] Status check_quantization_recipe(const QuantizationRecipe& recipe);

}  // namespace sluice::train
