// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "sluice/ir/infer.hpp"

namespace sluice::ir {

Status InferContext::require(std::size_t least, std::size_t most) const {
  if (num_inputs() > most) {
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("has {} inputs, the operator takes at most {}", num_inputs(), most)};
  }
  for (std::size_t i = 0; i < least; ++i) {
    if (!has(i)) {
      return Error{ErrorCode::InvalidArgument,
                   fmt::format("input {} is missing, the operator needs {}", i, least)};
    }
  }
  return {};
}

Result<std::vector<std::int64_t>> integers(const Tensor& tensor, std::string_view name) {
  if (tensor.rank() > 1) {
    return Error{ErrorCode::InvalidArgument, fmt::format("input \"{}\" must be 1-D", name)};
  }
  if (tensor.dtype() == DType::Int32) {
    const auto data = tensor.data<std::int32_t>();
    return std::vector<std::int64_t>(data.begin(), data.end());
  }
  if (tensor.dtype() != DType::Int64) {
    return Error{ErrorCode::InvalidArgument, fmt::format("input \"{}\" must be int64, is {}", name,
                                                         sluice::to_string(tensor.dtype()))};
  }
  const auto data = tensor.data<std::int64_t>();
  return std::vector<std::int64_t>(data.begin(), data.end());
}

Result<std::vector<std::int64_t>> InferContext::integers(std::size_t i,
                                                         std::string_view name) const {
  if (const Tensor* tensor = content(i)) return ir::integers(*tensor, name);
  return Error{ErrorCode::Unsupported,
               fmt::format("input \"{}\" must be known before running; make it a constant", name)};
}

}  // namespace sluice::ir
