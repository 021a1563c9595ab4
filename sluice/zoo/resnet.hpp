// SPDX-License-Identifier: Apache-2.0
// Residual networks (He et al., CVPR 2016): torchvision's for ImageNet, and those for CIFAR-10.
#pragma once

#include <array>
#include <cstdint>

#include "sluice/zoo/builder.hpp"

namespace sluice::zoo {

// ResNet-18 of plain blocks, ResNet-50 of bottlenecks, under torchvision's names. Bottlenecks have
// their stride at the 3×3 convolution.
enum class ResidualBlock : unsigned char { Plain, Bottleneck };
[[nodiscard]] Result<Network> build_resnet(Builder builder, ResidualBlock block,
                                           const std::array<int, 4>& blocks,
                                           std::int64_t input_size, std::int64_t classes);

// Three layers of 16, 32 and 64 channels; where they halve, the shortcut drops every second row and
// column and has zeros for the channels that are new (option A of the paper, without parameters).
[[nodiscard]] Result<Network> build_cifar_resnet(Builder builder, int blocks_per_layer,
                                                 std::int64_t input_size, std::int64_t classes);

}  // namespace sluice::zoo
