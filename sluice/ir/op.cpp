// SPDX-License-Identifier: Apache-2.0
#include "sluice/ir/op.hpp"

#include <array>

namespace sluice::ir {

Op::Op(std::monostate none) : OpVariant(none) {}
#define SL_OP(Name, family) \
  Op::Op(Name op) : OpVariant(std::in_place_type<Name>, std::move(op)) {}
#include "sluice/ir/ops.def"
#undef SL_OP

Op::Op(const Op& other) = default;
Op::Op(Op&& other) noexcept = default;
Op& Op::operator=(const Op& other) = default;
Op& Op::operator=(Op&& other) noexcept = default;
Op::~Op() = default;

std::string_view op_name(const Op& op) noexcept {
  static constexpr std::array<std::string_view, std::variant_size_v<OpVariant>> kNames{
      "none",
#define SL_OP(Name, family) #Name,
#include "sluice/ir/ops.def"
#undef SL_OP
  };
  return kNames[op.index()];
}

std::string_view op_family(const Op& op) noexcept {
  static constexpr std::array<std::string_view, std::variant_size_v<OpVariant>> kFamilies{
      "none",
#define SL_OP(Name, family) #family,
#include "sluice/ir/ops.def"
#undef SL_OP
  };
  return kFamilies[op.index()];
}

Op op_from_name(std::string_view name) {
#define SL_OP(Name, family) \
  if (name == #Name) return Name{};  // NOLINT(bugprone-macro-parentheses): Name is a type
#include "sluice/ir/ops.def"
#undef SL_OP
  return std::monostate{};
}

}  // namespace sluice::ir
