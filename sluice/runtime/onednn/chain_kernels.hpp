// SPDX-License-Identifier: Apache-2.0
// The vector kernels of chains, compiled once an instruction set.
#pragma once

#include <cstddef>

#include "sluice/runtime/onednn/stage.hpp"

namespace sluice::runtime::onednn {

// Parameters per channel repeat every kLanes elements: the channels of a block, or one sixteen
// times.
inline constexpr std::size_t kLanes = 16;

// Whether apply_activation knows the algorithm.
[[nodiscard]] bool has_kernel(dnnl::algorithm algorithm);

// data[i] = f(data[i])
void apply_activation(const Activation& activation, float* data, std::size_t size);

// data[i] = f(data[i], other[i mod period]); period is kLanes (other has kLanes values) or at least
// size (other has size values).
void apply_binary(BinaryFunction function, float* data, const float* other, bool repeats,
                  std::size_t size);

}  // namespace sluice::runtime::onednn
