// SPDX-License-Identifier: Apache-2.0
// Matrix products.
#pragma once

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

}  // namespace sluice::ir
