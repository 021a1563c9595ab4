// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sluice/runtime/reference/kernel.hpp"

namespace sluice::runtime::reference {

Result<std::vector<Tensor>> evaluate(const ir::Op& op, std::span<const Tensor* const> inputs,
                                     std::span<const ir::ValueType> output_types) {
  std::vector<Tensor> outputs;
  for (const ir::ValueType& type : output_types) outputs.emplace_back(type.dtype, type.shape);
  // Nothing to compute; but a shape without elements may have a dimension of 2^31 to walk along.
  const auto is_empty = [](const Tensor& output) { return output.num_elements() == 0; };
  if (!outputs.empty() && std::ranges::all_of(outputs, is_empty)) return outputs;
  SL_TRY_STATUS(std::visit(
      [&](const auto& alternative) -> Status {
        if constexpr (std::is_same_v<std::decay_t<decltype(alternative)>, std::monostate>) {
          return Error{ErrorCode::Internal, "node without an operator"};
        } else {
          return run(alternative, KernelArgs{inputs, outputs});
        }
      },
      op));
  return outputs;
}

}  // namespace sluice::runtime::reference
