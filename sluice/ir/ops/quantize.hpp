// SPDX-License-Identifier: Apache-2.0
// Operators that put values on a grid of codes and take them off it.
#pragma once

#include <cstdint>
#include <optional>

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

// Emulated quantisation: each float32 value of x is replaced by the nearest value of `grid`
// (numeric/grid.hpp defines it). Not an ONNX operator: quant/ puts it into a graph.
struct Snap {
  numeric::Grid grid;
  static constexpr auto fields() { return std::tuple{field("grid", &Snap::grid)}; }
};

}  // namespace sluice::ir
