// SPDX-License-Identifier: Apache-2.0
// Reductions along axes, and Softmax.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/ir/field.hpp"

namespace sluice::ir {

// inputs: x, axes (int64, known before running, optional). Without axes all are reduced, or none
// with noop_with_empty_axes.
#define SL_REDUCE(Name)                                                              \
  struct Name {                                                                      \
    bool keep_dims = true;                                                           \
    bool noop_with_empty_axes = false;                                               \
    static constexpr auto fields() {                                                 \
      return std::tuple{field("keep_dims", &Name::keep_dims),                        \
                        field("noop_with_empty_axes", &Name::noop_with_empty_axes)}; \
    }                                                                                \
  }

SL_REDUCE(ReduceMax);
SL_REDUCE(ReduceMean);
SL_REDUCE(ReduceMin);
SL_REDUCE(ReduceSum);

#undef SL_REDUCE

// output: int64 index of the (first, or last) maximum along axis
struct ArgMax {
  std::int64_t axis = 0;
  bool keep_dims = true;
  bool select_last_index = false;

  static constexpr auto fields() {
    return std::tuple{field("axis", &ArgMax::axis), field("keep_dims", &ArgMax::keep_dims),
                      field("select_last_index", &ArgMax::select_last_index)};
  }
};

// eˣ/Σeˣ along axis; with flatten (opset < 13) along all dimensions from axis on
struct Softmax {
  std::int64_t axis = -1;
  bool flatten = false;

  static constexpr auto fields() {
    return std::tuple{field("axis", &Softmax::axis), field("flatten", &Softmax::flatten)};
  }
};

// Which dimensions of a tensor of this rank a reduction along `axes` removes. No axes: all, or none
// with noop_with_empty_axes. InvalidArgument if one is out of range or named twice.
[[nodiscard]] Result<std::vector<bool>> reduced_dims(std::span<const std::int64_t> axes,
                                                     bool noop_with_empty_axes, std::size_t rank);

// The dimensions of a Softmax's input: each run of `reduced` elements, `inner` apart, is
// normalized.
struct SoftmaxShape {
  std::int64_t outer = 1, reduced = 1, inner = 1;
};
[[nodiscard]] Result<SoftmaxShape> softmax_shape(const Softmax& op,
                                                 std::span<const std::int64_t> x);

}  // namespace sluice::ir
