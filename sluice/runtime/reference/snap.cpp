// SPDX-License-Identifier: Apache-2.0
#include "sluice/numeric/snap.hpp"

#include <fmt/format.h>

#include "sluice/runtime/reference/kernel.hpp"

namespace sluice::runtime::reference {

Status run(const ir::Snap& op, const KernelArgs& args) {
  const Tensor& x = args.in(0);
  if (x.dtype() != DType::Float32) {
    return Error{ErrorCode::Unsupported,
                 fmt::format("snaps float32 values, got {}", to_string(x.dtype()))};
  }
  SL_TRY_STATUS(numeric::check_grid(op.grid, x.shape()));
  numeric::snap(op.grid, x.shape(), x.data<float>(), args.out().mutable_data<float>());
  return {};
}

}  // namespace sluice::runtime::reference
