// SPDX-License-Identifier: Apache-2.0
// Taps: which input elements a sliding window reads at one output position, padding left out. The
// one place where strides, dilations and pads become indices, for any number of dimensions.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sluice/ir/ops/window.hpp"

namespace sluice::runtime::reference {

// Row-major positions among the spatial elements of the input, and in the kernel.
struct Tap {
  std::int64_t input;
  std::int64_t kernel;
  friend bool operator==(const Tap&, const Tap&) = default;
};

// The taps at output position `at`, in the order of the kernel: in each dimension, kernel element k
// reads input element at·stride − pad_begin + k·dilation if there is one. Negative pads cut
// elements off the input.
[[nodiscard]] std::vector<Tap> window_taps(const ir::ResolvedWindow& window,
                                           std::span<const std::int64_t> spatial_input,
                                           std::span<const std::int64_t> at);

// The same for a transposed convolution: kernel element k takes input element i to output
// i·stride − pad_begin + k·dilation; these are the pairs that meet at `at`.
[[nodiscard]] std::vector<Tap> transposed_taps(const ir::ResolvedWindow& window,
                                               std::span<const std::int64_t> spatial_input,
                                               std::span<const std::int64_t> at);

// How many kernel elements lie on the input or its padding at output position `at`: all of them,
// but for a last window that ceil_mode lets reach further.
[[nodiscard]] std::int64_t padded_taps(const ir::ResolvedWindow& window,
                                       std::span<const std::int64_t> spatial_input,
                                       std::span<const std::int64_t> at);

}  // namespace sluice::runtime::reference
