// SPDX-License-Identifier: Apache-2.0
// Normalisations over [N, C, spatial…].
#pragma once

#include <cstdint>

#include "sluice/ir/field.hpp"

namespace sluice::ir {

// inputs: x, scale [C], bias [C], mean [C], variance [C]
// output: y = scale·(x − mean)/√(variance + epsilon) + bias. With training_mode the batch's own
// population statistics are used, and outputs 1 and 2 are the running mean and variance
// r·momentum + batch·(1 − momentum).
struct BatchNormalization {
  float epsilon = 1e-5F;
  float momentum = 0.9F;
  bool training_mode = false;

  static constexpr auto fields() {
    return std::tuple{field("epsilon", &BatchNormalization::epsilon),
                      field("momentum", &BatchNormalization::momentum),
                      field("training_mode", &BatchNormalization::training_mode)};
  }
};

// inputs: x, scale, bias. Each of num_groups groups of channels of each image is normalised by its
// own mean and population variance. scale and bias are per channel, or per group in the older form
// (opset 18) with scale_per_group.
struct GroupNormalization {
  float epsilon = 1e-5F;
  std::int64_t num_groups = 1;
  bool scale_per_group = false;

  static constexpr auto fields() {
    return std::tuple{field("epsilon", &GroupNormalization::epsilon),
                      field("num_groups", &GroupNormalization::num_groups),
                      field("scale_per_group", &GroupNormalization::scale_per_group)};
  }
};

// inputs: x, scale [C], bias [C]; as GroupNormalization with one channel a group
struct InstanceNormalization {
  float epsilon = 1e-5F;

  static constexpr auto fields() {
    return std::tuple{field("epsilon", &InstanceNormalization::epsilon)};
  }
};

}  // namespace sluice::ir
