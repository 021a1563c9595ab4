// SPDX-License-Identifier: Apache-2.0
// Op: one of the operators of ops.def, with its attributes.
#pragma once

#include <string_view>
#include <variant>

#include "sluice/ir/ops/binary.hpp"
#include "sluice/ir/ops/conv.hpp"
#include "sluice/ir/ops/layout.hpp"
#include "sluice/ir/ops/matmul.hpp"
#include "sluice/ir/ops/normalization.hpp"
#include "sluice/ir/ops/pool.hpp"
#include "sluice/ir/ops/quantize.hpp"
#include "sluice/ir/ops/reduce.hpp"
#include "sluice/ir/ops/resize.hpp"
#include "sluice/ir/ops/tensor.hpp"
#include "sluice/ir/ops/unary.hpp"

namespace sluice::ir {

// The alternatives are the operators in the order of ops.def; std::monostate is "none yet".
using OpVariant = std::variant<std::monostate
#define SL_OP(Name, family) , Name
#include "sluice/ir/ops.def"
#undef SL_OP
                               >;

// The variant, its construction, copying and destruction compiled once, in op.cpp: with so many
// alternatives they would otherwise cost every file that touches a graph several seconds.
class Op : public OpVariant {
 public:
  // NOLINTBEGIN(google-explicit-constructor): an operator is an Op.
  Op(std::monostate none = {});
#define SL_OP(Name, family) Op(Name op);
#include "sluice/ir/ops.def"
#undef SL_OP
  // NOLINTEND(google-explicit-constructor)
  Op(const Op& other);
  Op(Op&& other) noexcept;
  Op& operator=(const Op& other);
  Op& operator=(Op&& other) noexcept;
  ~Op();
};

// "Conv"; "none" for std::monostate.
[[nodiscard]] std::string_view op_name(const Op& op) noexcept;

// The operator of that name with default attributes, or std::monostate.
[[nodiscard]] Op op_from_name(std::string_view name);

// "conv"; as in ops.def.
[[nodiscard]] std::string_view op_family(const Op& op) noexcept;
// Whether it moves, repeats or picks elements and computes nothing: the family `layout`.
[[nodiscard]] inline bool is_layout(const Op& op) noexcept {
  return op_family(op) == "layout";
}

template <class T>
[[nodiscard]] bool is(const Op& op) noexcept {
  return std::holds_alternative<T>(op);
}

// Whether it multiplies with weights and adds up: Conv, ConvTranspose, Gemm, MatMul.
[[nodiscard]] inline bool is_linear(const Op& op) noexcept {
  return is<Conv>(op) || is<ConvTranspose>(op) || is<Gemm>(op) || is<MatMul>(op);
}

// Whether it only cuts values off at bounds: Relu, Clip.
[[nodiscard]] inline bool is_rectifier(const Op& op) noexcept {
  return is<Relu>(op) || is<Clip>(op);
}

}  // namespace sluice::ir
