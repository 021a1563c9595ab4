// SPDX-License-Identifier: Apache-2.0
// Operators about tensors as such: type, shape, constants, and the ones that do nothing.
#pragma once

#include <cstdint>
#include <optional>

#include "sluice/ir/field.hpp"
#include "sluice/numeric/float_formats.hpp"
#include "sluice/numeric/tensor.hpp"

namespace sluice::ir {

// To another element type (numeric/element.hpp defines the result). With saturate a float that does
// not fit an 8-bit float becomes its largest value; power_rounding speaks of Float8E8M0 only.
struct Cast {
  DType to = DType::Float32;
  bool saturate = true;
  numeric::PowerRounding power_rounding = numeric::PowerRounding::Up;
  static constexpr auto fields() {
    return std::tuple{field("to", &Cast::to), field("saturate", &Cast::saturate),
                      field("power_rounding", &Cast::power_rounding)};
  }
};

// inputs: shape (int64, known before running); every element is `value` (one element)
struct ConstantOfShape {
  Tensor value;
  static constexpr auto fields() { return std::tuple{field("value", &ConstantOfShape::value)}; }
};

// inputs: x, ratio (optional), training_mode (bool, optional); outputs: y, mask (optional, bool).
// Inference: y = x, mask all true. Training: NumPy's RandomState(seed) draws u from [0, 1) for each
// element in order; mask = u >= ratio, y = mask·x/(1 − ratio).
struct Dropout {
  float ratio = 0.5F;
  std::int64_t seed = 0;
  static constexpr auto fields() {
    return std::tuple{field("ratio", &Dropout::ratio), field("seed", &Dropout::seed)};
  }
};

struct Identity {
  static constexpr auto fields() { return std::tuple{}; }
};

// output: int64 [end − start], the dimensions start..end of the input's shape (negative: from the
// end; end absent: all)
struct Shape {
  std::int64_t start = 0;
  std::optional<std::int64_t> end;
  static constexpr auto fields() {
    return std::tuple{field("start", &Shape::start), field("end", &Shape::end)};
  }
};

}  // namespace sluice::ir
