// SPDX-License-Identifier: Apache-2.0
// Where the weights of a layer's filters are in the tensor that the network has them in.
#pragma once

#include <cstddef>
#include <cstdint>

#include "sluice/base/result.hpp"
#include "sluice/ir/graph.hpp"

namespace sluice::ir {

// A filter's weights are in the order of input channels, kernel rows and kernel columns, as the
// windows of a convolution meet them: those of a transposed one are turned by half a turn, since
// its input's words are spread and their windows slide over them.
struct FilterOrder {
  std::int64_t filters = 0;
  std::int64_t weights = 0;       // of a filter
  std::int64_t channel_axis = 0;  // of the tensor: that of the filters
  // Words of the kernel, where the tensor has them from the last to the first; else 0.
  std::int64_t turned_kernel = 0;

  // The place of weight k of filter m in the tensor, row-major.
  [[nodiscard]] std::size_t place(std::int64_t m, std::int64_t k) const;
};

// Of a Conv, a ConvTranspose, a Gemm or a MatMul whose weights have this shape. Unsupported for
// matrices that are none, and for transposed convolutions in groups, whose sums no integer runtime
// defines.
[[nodiscard]] Result<FilterOrder> filter_order(const ir::Op& op, const sluice::Shape& weights);

}  // namespace sluice::ir
