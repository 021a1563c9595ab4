// SPDX-License-Identifier: Apache-2.0
// The integers behind a grid's values: what hardware holds where emulation holds float32.
#pragma once

#include "sluice/base/result.hpp"
#include "sluice/numeric/grid.hpp"
#include "sluice/numeric/tensor.hpp"

namespace sluice::numeric {

// How wide the codes of a grid are.
struct CodeWidth {
  int bits = 8;
  bool is_signed = true;
  friend bool operator==(const CodeWidth&, const CodeWidth&) = default;
};
[[nodiscard]] CodeWidth code_width(const Grid& grid) noexcept;

// The code of each element of a float32 tensor that the grid fits, as int32 in the same shape: that
// whose value `snap` gives. Of blocks the mantissas; their exponents are not among them.
// InvalidArgument for NaN, which has no code.
[[nodiscard]] Result<Tensor> grid_codes(const Grid& grid, const Tensor& values);

}  // namespace sluice::numeric
