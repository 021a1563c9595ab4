// SPDX-License-Identifier: Apache-2.0
// A tensor with a name, as checkpoints hold them.
#pragma once

#include <string>

#include "sluice/numeric/tensor.hpp"

namespace sluice {

struct NamedTensor {
  std::string name;
  Tensor tensor;
};

}  // namespace sluice
