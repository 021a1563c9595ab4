// SPDX-License-Identifier: Apache-2.0
// Poolings over the spatial dimensions of [N, C, spatial…].
#pragma once

#include <cstdint>

#include "sluice/ir/field.hpp"
#include "sluice/ir/ops/window.hpp"

namespace sluice::ir {

// Mean over the window; padded positions count in the divisor only with count_include_pad.
struct AveragePool {
  Window window;
  bool ceil_mode = false;
  bool count_include_pad = false;

  static constexpr auto fields() {
    return std::tuple{field("window", &AveragePool::window),
                      field("ceil_mode", &AveragePool::ceil_mode),
                      field("count_include_pad", &AveragePool::count_include_pad)};
  }
};

// outputs: y, and optionally the int64 flat index of each maximum in x (row-major; with
// column_major_indices the spatial part counts columns first, ONNX's storage_order = 1)
struct MaxPool {
  Window window;
  bool ceil_mode = false;
  bool column_major_indices = false;

  static constexpr auto fields() {
    return std::tuple{field("window", &MaxPool::window), field("ceil_mode", &MaxPool::ceil_mode),
                      field("column_major_indices", &MaxPool::column_major_indices)};
  }
};

// (Σ |x|^p)^(1/p) over the window
struct LpPool {
  Window window;
  bool ceil_mode = false;
  std::int64_t p = 2;

  static constexpr auto fields() {
    return std::tuple{field("window", &LpPool::window), field("ceil_mode", &LpPool::ceil_mode),
                      field("p", &LpPool::p)};
  }
};

struct GlobalAveragePool {
  static constexpr auto fields() { return std::tuple{}; }
};
struct GlobalMaxPool {
  static constexpr auto fields() { return std::tuple{}; }
};

// The window for an input x of this shape: one window.kernel entry a spatial dimension, of which
// there must be at least one. InvalidArgument otherwise.
template <class Pool>
[[nodiscard]] Result<ResolvedWindow> resolve_pool(const Pool& op, std::span<const std::int64_t> x);

}  // namespace sluice::ir
