// SPDX-License-Identifier: Apache-2.0
// Comparing a computed tensor with the one a test case expects.
#pragma once

#include "sluice/base/result.hpp"
#include "sluice/numeric/tensor.hpp"

namespace sluice::conformance {

// Those of ONNX's own runner.
struct Tolerance {
  double relative = 1e-3;
  double absolute = 1e-7;
};

// Types and shapes equal; floats |actual − expected| ≤ absolute + relative·|expected|, NaN equal to
// NaN; everything else equal. InvalidArgument naming the first element that differs.
[[nodiscard]] Status compare(const Tensor& actual, const Tensor& expected, Tolerance tolerance);

}  // namespace sluice::conformance
