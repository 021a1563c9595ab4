// SPDX-License-Identifier: Apache-2.0
// Matrix products.
#pragma once

#include <span>

#include "sluice/base/shape.hpp"
#include "sluice/ir/field.hpp"

namespace sluice::ir {

// inputs: a, b, c (optional, broadcast to [M, N]); y = alpha·a'·b' + beta·c, a' [M, K], b' [K, N]
struct Gemm {
  float alpha = 1;
  float beta = 1;
  bool trans_a = false;
  bool trans_b = false;

  static constexpr auto fields() {
    return std::tuple{field("alpha", &Gemm::alpha), field("beta", &Gemm::beta),
                      field("trans_a", &Gemm::trans_a), field("trans_b", &Gemm::trans_b)};
  }
};

// NumPy's matmul: leading dimensions broadcast, vectors are promoted.
struct MatMul {
  static constexpr auto fields() { return std::tuple{}; }
};

// How MatMul takes inputs of the shapes a and b.
struct MatMulShapes {
  sluice::Shape a;      // [leading…, M, K]; a vector is one row
  sluice::Shape b;      // [leading…, K, N]; a vector is one column
  sluice::Shape batch;  // what the leading dimensions broadcast to
  sluice::Shape y;      // [batch…, M, N] without the dimensions that vectors got
};
[[nodiscard]] Result<MatMulShapes> matmul_shapes(std::span<const std::int64_t> a,
                                                 std::span<const std::int64_t> b);

}  // namespace sluice::ir
