// SPDX-License-Identifier: Apache-2.0
// What training changes.
#pragma once

#include <cstdint>
#include <string>
#include <torch/types.h>

namespace sluice::train {

// What a parameter is, for recipes that treat them differently.
enum class Role : std::uint8_t {
  Weight,         // what inputs are multiplied with
  Bias,           // what is added behind
  Normalization,  // scale and shift of a normalization
  Quantizer,      // step, clip or offset of a quantizer
};

struct Parameter {
  std::string name;  // of the constant in the graph
  Role role = Role::Weight;
  at::Tensor tensor;  // a leaf that needs a gradient
};

// What training moves without gradients: the running statistics of normalizations.
struct Buffer {
  std::string name;
  at::Tensor tensor;
};

}  // namespace sluice::train
