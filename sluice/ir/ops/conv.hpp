// SPDX-License-Identifier: Apache-2.0
// Convolutions over 1, 2 or 3 spatial dimensions.
#pragma once

#include <cstdint>
#include <span>

#include "sluice/ir/field.hpp"
#include "sluice/ir/ops/window.hpp"

namespace sluice::ir {

// inputs: x [N, C, spatial…], w [M, C/group, kernel…], b [M] (optional)
// output: y [N, M, spatial…], y = b + Σ w·x over channels of the group and the window
struct Conv {
  Window window;  // window.kernel may be empty: then it is w's
  std::int64_t group = 1;

  static constexpr auto fields() {
    return std::tuple{field("window", &Conv::window), field("group", &Conv::group)};
  }
};

// inputs: x [N, C, spatial…], w [C, M/group, kernel…], b [M] (optional); output: y [N, M, spatial…]
struct ConvTranspose {
  Window window;
  std::int64_t group = 1;
  Dims output_padding;  // per spatial dimension; empty = 0
  Dims output_shape;    // spatial sizes asked for; empty = computed from pads

  static constexpr auto fields() {
    return std::tuple{field("window", &ConvTranspose::window),
                      field("group", &ConvTranspose::group),
                      field("output_padding", &ConvTranspose::output_padding),
                      field("output_shape", &ConvTranspose::output_shape)};
  }
};

// The window for inputs x and w of these shapes: w says how large the kernel is. InvalidArgument
// unless both have the same three dimensions or more, and window.kernel, if given, is w's.
[[nodiscard]] Result<ResolvedWindow> resolve(const Conv& op, std::span<const std::int64_t> x,
                                             std::span<const std::int64_t> w);
[[nodiscard]] Result<ResolvedWindow> resolve(const ConvTranspose& op,
                                             std::span<const std::int64_t> x,
                                             std::span<const std::int64_t> w);

}  // namespace sluice::ir
