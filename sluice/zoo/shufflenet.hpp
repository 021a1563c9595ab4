// SPDX-License-Identifier: Apache-2.0
// ShuffleNetV2 (Ma et al., ECCV 2018).
#pragma once

#include <array>
#include <cstdint>

#include "sluice/zoo/builder.hpp"

namespace sluice::zoo {

// The channels of stem, three layers and tail: how the 0.5x, 1x, 1.5x and 2x networks differ.
using ShuffleNetChannels = std::array<std::int64_t, 5>;

// The network under DiracDeltaNet's names for it; torchvision's are among its other names.
[[nodiscard]] Result<Network> build_shufflenet(Builder builder, const ShuffleNetChannels& channels,
                                               std::int64_t input_size, std::int64_t classes);

}  // namespace sluice::zoo
