// SPDX-License-Identifier: Apache-2.0
// The vector kernels of chains, compiled once an instruction set.
#pragma once

#include <cstddef>
#include <span>

#include "sluice/runtime/onednn/stage.hpp"

namespace sluice::runtime::onednn {

// The most lanes a vector has here; tables of parameters are at least so long.
inline constexpr std::size_t kLanes = 16;

// Whether apply_activation knows the algorithm.
[[nodiscard]] bool has_kernel(dnnl::algorithm algorithm);

// data[i] = f(data[i])
void apply_activation(const Activation& activation, float* data, std::size_t size);

// data[i] = f(data[i], other[i mod other.size()])
void apply_binary(BinaryFunction function, std::span<float> data, std::span<const float> other);

}  // namespace sluice::runtime::onednn
