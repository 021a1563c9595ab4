// SPDX-License-Identifier: Apache-2.0
// A tensor with a name, as checkpoints hold them.
#pragma once

#include <string>

#include "sluice/numeric/tensor.hpp"

namespace sluice {

struct NamedTensor {
  std::string name;
  Tensor tensor;
  friend bool operator==(const NamedTensor&, const NamedTensor&) = default;
};

}  // namespace sluice
