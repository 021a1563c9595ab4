// SPDX-License-Identifier: Apache-2.0
#include "sluice/ir/ops/rule.hpp"

#include <fmt/format.h>

namespace sluice::ir {

Status require_type(const InferContext& context, std::size_t i, const TypeSet& types) {
  if (!context.has(i) || types.contains(context.dtype(i))) return {};
  return Error{ErrorCode::InvalidArgument,
               fmt::format("input {} has {} elements, the operator takes {}", i,
                           sluice::to_string(context.dtype(i)), types.name)};
}

Status require_same_type(const InferContext& context, std::size_t first) {
  for (std::size_t i = first + 1; i < context.num_inputs(); ++i) {
    if (context.has(i) && context.dtype(i) != context.dtype(first)) {
      return Error{ErrorCode::InvalidArgument,
                   fmt::format("inputs {} and {} must have one element type, they have {} and {}",
                               first, i, sluice::to_string(context.dtype(first)),
                               sluice::to_string(context.dtype(i)))};
    }
  }
  return {};
}

Status require_rank(const InferContext& context, std::size_t i, std::size_t least) {
  if (context.shape(i).size() >= least) return {};
  return Error{ErrorCode::InvalidArgument,
               fmt::format("input {} has the shape {}, {} dimensions or more are needed", i,
                           sluice::to_string(context.shape(i)), least)};
}

Status require_vector(const InferContext& context, std::size_t i, std::string_view name,
                      std::int64_t size) {
  if (!context.has(i) || context.shape(i) == sluice::Shape{size}) return {};
  return Error{ErrorCode::InvalidArgument,
               fmt::format("input \"{}\" must have the shape {}, has {}", name, size,
                           sluice::to_string(context.shape(i)))};
}

}  // namespace sluice::ir
