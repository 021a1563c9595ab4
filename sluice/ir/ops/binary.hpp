// SPDX-License-Identifier: Apache-2.0
// Element-wise functions of several tensors, which broadcast as in NumPy.
#pragma once

#include "sluice/ir/field.hpp"

namespace sluice::ir {

#define SL_BINARY(Name)                                     \
  struct Name {                                             \
    static constexpr auto fields() { return std::tuple{}; } \
  }

SL_BINARY(Add);
SL_BINARY(Div);    // integers: toward zero
SL_BINARY(Equal);  // output: bool
SL_BINARY(Max);    // one input or more
SL_BINARY(Min);    // one input or more
SL_BINARY(Mul);
SL_BINARY(PRelu);  // inputs: x, slope (broadcast to x); x ≥ 0 ? x : slope·x
SL_BINARY(Pow);    // inputs: base, exponent (may differ in type); output has base's type
SL_BINARY(Sub);
SL_BINARY(Where);  // inputs: condition (bool), x, y; condition ? x : y

#undef SL_BINARY

}  // namespace sluice::ir
