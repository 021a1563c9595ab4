// SPDX-License-Identifier: Apache-2.0
// MobileNetV2 (Sandler et al., CVPR 2018), under torchvision's names.
#pragma once

#include <cstdint>

#include "sluice/zoo/builder.hpp"

namespace sluice::zoo {

[[nodiscard]] Result<Network> build_mobilenet(Builder builder, std::int64_t input_size,
                                              std::int64_t classes);

}  // namespace sluice::zoo
