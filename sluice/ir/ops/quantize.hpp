// SPDX-License-Identifier: Apache-2.0
// Operators that put values on a grid of codes and take them off it.
#pragma once

#include <cstdint>
#include <optional>

#include "sluice/base/shape.hpp"
#include "sluice/ir/field.hpp"
#include "sluice/numeric/dtype.hpp"
#include "sluice/numeric/grid.hpp"

namespace sluice::ir {

// inputs: x, scale, zero_point (optional). scale and zero_point are scalars (per tensor), 1-D along
// `axis`, or blocked: x's shape with axis divided by block_size. y = saturate(rne(x/scale) + z);
// rne rounds halves to even; the quotient is rounded to `precision` first, scale's type if absent.
// Output type: zero_point's, or output_dtype without one. NaN becomes the zero point.
struct QuantizeLinear {
  std::int64_t axis = 1;
  std::int64_t block_size = 0;
  DType output_dtype = DType::UInt8;
  std::optional<DType> precision;
  bool saturate = true;  // float8 outputs only
  static constexpr auto fields() {
    return std::tuple{field("axis", &QuantizeLinear::axis),
                      field("block_size", &QuantizeLinear::block_size),
                      field("output_dtype", &QuantizeLinear::output_dtype),
                      field("precision", &QuantizeLinear::precision),
                      field("saturate", &QuantizeLinear::saturate)};
  }
};

// inputs: x, scale, zero_point (optional); y = (x − z)·scale, of output_dtype or, if
// that is absent, scale's type
struct DequantizeLinear {
  std::int64_t axis = 1;
  std::int64_t block_size = 0;
  std::optional<DType> output_dtype;
  static constexpr auto fields() {
    return std::tuple{field("axis", &DequantizeLinear::axis),
                      field("block_size", &DequantizeLinear::block_size),
                      field("output_dtype", &DequantizeLinear::output_dtype)};
  }
};

// Which scale and zero point an element of x takes. x is seen as [outer, length, inner]; element
// (o, a, i) takes parameter index(o, a, i). Per tensor everything is one block.
struct ParameterLayout {
  std::int64_t outer = 1;
  std::int64_t length = 1;
  std::int64_t inner = 1;
  std::int64_t block_size = 1;  // elements along `length` that share a parameter
  bool varies_inside = false;   // parameters differ along outer and inner too (blocked form)

  [[nodiscard]] std::int64_t num_blocks() const {
    return length / block_size + (length % block_size == 0 ? 0 : 1);
  }
  [[nodiscard]] std::int64_t index(std::int64_t o, std::int64_t a, std::int64_t i) const {
    const std::int64_t block = a / block_size;
    return varies_inside ? (o * num_blocks() + block) * inner + i : block;
  }
};

// The layout of a scale of shape `parameters` on an input of shape `x`; InvalidArgument if it fits
// in none of the three forms.
[[nodiscard]] Result<ParameterLayout> resolve_parameters(const sluice::Shape& x,
                                                         const sluice::Shape& parameters,
                                                         std::int64_t axis,
                                                         std::int64_t block_size);

// Emulated quantisation: each float32 value of x is replaced by the nearest value of `grid`
// (numeric/grid.hpp defines it). Not an ONNX operator: quant/ puts it into a graph.
struct Snap {
  numeric::Grid grid;
  static constexpr auto fields() { return std::tuple{field("grid", &Snap::grid)}; }
};

}  // namespace sluice::ir
