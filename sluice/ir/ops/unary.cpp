// SPDX-License-Identifier: Apache-2.0
#include "sluice/ir/ops/unary.hpp"

#include <fmt/format.h>

#include "sluice/ir/ops/rule.hpp"

namespace sluice::ir {
namespace {

// One input of one of `types`; the output is alike.
Result<ValueTypes> elementwise(const InferContext& context, const TypeSet& types) {
  SL_TRY_STATUS(context.require(1, 1));
  SL_TRY_STATUS(require_type(context, 0, types));
  return ValueTypes{context.type(0)};
}

}  // namespace

#define SL_ELEMENTWISE(Name, types)                                           \
  Result<ValueTypes> infer(const Name& /*op*/, const InferContext& context) { \
    return elementwise(context, types);                                       \
  }

SL_ELEMENTWISE(Abs, kNumbers)
SL_ELEMENTWISE(Elu, kFloats)
SL_ELEMENTWISE(Erf, kNumbers)
SL_ELEMENTWISE(Exp, kFloats)
SL_ELEMENTWISE(Gelu, kFloats)
SL_ELEMENTWISE(HardSigmoid, kFloats)
SL_ELEMENTWISE(HardSwish, kFloats)
SL_ELEMENTWISE(LeakyRelu, kFloats)
SL_ELEMENTWISE(Log, kFloats)
SL_ELEMENTWISE(Mish, kFloats)
SL_ELEMENTWISE(Neg, kSignedNumbers)
SL_ELEMENTWISE(Relu, kSignedNumbers)
SL_ELEMENTWISE(Round, kFloats)
SL_ELEMENTWISE(Selu, kFloats)
SL_ELEMENTWISE(Sigmoid, kFloats)
SL_ELEMENTWISE(Softplus, kFloats)
SL_ELEMENTWISE(Sqrt, kFloats)
SL_ELEMENTWISE(Tanh, kFloats)
SL_ELEMENTWISE(ThresholdedRelu, kFloats)

#undef SL_ELEMENTWISE

Result<ValueTypes> infer(const Clip& /*op*/, const InferContext& context) {
  SL_TRY_STATUS(context.require(1, 3));
  SL_TRY_STATUS(require_type(context, 0, kNumbers));
  SL_TRY_STATUS(require_same_type(context));
  for (std::size_t i = 1; i < context.num_inputs(); ++i) {
    if (context.has(i) && num_elements(context.shape(i)) != 1) {
      return Error{ErrorCode::InvalidArgument,
                   fmt::format("input \"{}\" must be a scalar, has the shape {}",
                               i == 1 ? "min" : "max", sluice::to_string(context.shape(i)))};
    }
  }
  return ValueTypes{context.type(0)};
}

}  // namespace sluice::ir
