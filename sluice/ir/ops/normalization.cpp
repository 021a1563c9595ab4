// SPDX-License-Identifier: Apache-2.0
#include "sluice/ir/ops/normalization.hpp"

#include <fmt/format.h>

#include "sluice/ir/ops/rule.hpp"

namespace sluice::ir {
namespace {

// The channels of [N, C, spatial…]; a vector [N] has one channel.
std::int64_t num_channels(const sluice::Shape& x) {
  return x.size() > 1 ? x[1] : 1;
}

// All present inputs are floats.
Status require_floats(const InferContext& context) {
  for (std::size_t i = 0; i < context.num_inputs(); ++i) {
    SL_TRY_STATUS(require_type(context, i, kFloats));
  }
  return {};
}

// x, scale and bias of one type, scale and bias with `size` elements.
Result<ValueTypes> scaled_and_shifted(const InferContext& context, std::int64_t size) {
  SL_TRY_STATUS(require_type(context, 0, kFloats));
  SL_TRY_STATUS(require_same_type(context));
  SL_TRY_STATUS(require_vector(context, 1, "scale", size));
  SL_TRY_STATUS(require_vector(context, 2, "B", size));
  return ValueTypes{context.type(0)};
}

}  // namespace

// The statistics may have another float type than x, scale and bias yet another (opset 15).
Result<ValueTypes> infer(const BatchNormalization& op, const InferContext& context) {
  SL_TRY_STATUS(context.require(5, 5));
  SL_TRY_STATUS(require_rank(context, 0, 1));
  SL_TRY_STATUS(require_floats(context));
  const std::int64_t channels = num_channels(context.shape(0));
  SL_TRY_STATUS(require_vector(context, 1, "scale", channels));
  SL_TRY_STATUS(require_vector(context, 2, "B", channels));
  SL_TRY_STATUS(require_vector(context, 3, "input_mean", channels));
  SL_TRY_STATUS(require_vector(context, 4, "input_var", channels));
  ValueTypes types{context.type(0)};
  if (op.training_mode) {
    types.push_back(context.type(3));
    types.push_back(context.type(4));
  }
  return types;
}

Result<ValueTypes> infer(const GroupNormalization& op, const InferContext& context) {
  SL_TRY_STATUS(context.require(3, 3));
  SL_TRY_STATUS(require_rank(context, 0, 2));
  const std::int64_t channels = num_channels(context.shape(0));
  if (op.num_groups < 1 || channels % op.num_groups != 0) {
    return Error{
        ErrorCode::InvalidArgument,
        fmt::format("num_groups of {} does not divide {} channels", op.num_groups, channels)};
  }
  return scaled_and_shifted(context, op.scale_per_group ? op.num_groups : channels);
}

Result<ValueTypes> infer(const InstanceNormalization& /*op*/, const InferContext& context) {
  SL_TRY_STATUS(context.require(3, 3));
  SL_TRY_STATUS(require_rank(context, 0, 2));
  return scaled_and_shifted(context, num_channels(context.shape(0)));
}

}  // namespace sluice::ir
