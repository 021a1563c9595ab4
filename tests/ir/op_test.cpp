// SPDX-License-Identifier: Apache-2.0
#include "sluice/ir/op.hpp"

#include <gtest/gtest.h>
#include <set>

namespace sluice::ir {
namespace {

template <class T>
void expect_is_named(std::string_view name) {
  EXPECT_TRUE(is<T>(op_from_name(name))) << name;
  EXPECT_EQ(op_name(Op(T{})), name);
}

TEST(Op, EveryOperatorIsFoundByItsName) {
  int count = 0;
#define SL_OP(Name, family)     \
  expect_is_named<Name>(#Name); \
  ++count;
#include "sluice/ir/ops.def"
#undef SL_OP
  EXPECT_EQ(static_cast<std::size_t>(count) + 1, std::variant_size_v<OpVariant>);
}

TEST(Op, AnUnknownNameIsNoOperator) {
  EXPECT_TRUE(is<std::monostate>(op_from_name("conv")));
  EXPECT_TRUE(is<std::monostate>(op_from_name("")));
  EXPECT_EQ(op_name(Op()), "none");
}

TEST(Op, FamiliesAreTheFilesOperatorsAreIn) {
  EXPECT_EQ(op_family(ConvTranspose{}), "conv");
  EXPECT_EQ(op_family(Clip{}), "unary");
  EXPECT_EQ(op_family(Op()), "none");
}

TEST(Op, LayoutIsWhatMovesElements) {
  EXPECT_TRUE(is_layout(Concat{}));
  EXPECT_TRUE(is_layout(Unsqueeze{}));
  EXPECT_FALSE(is_layout(Identity{}));
  EXPECT_FALSE(is_layout(MaxPool{}));
  EXPECT_FALSE(is_layout(Op()));
}

TEST(Op, NoOperatorNamesAnAttributeTwice) {
#define SL_OP(Name, family)                                           \
  std::apply(                                                         \
      [](const auto&... fields) {                                     \
        std::set<std::string_view> names;                             \
        (names.insert(fields.name), ...);                             \
        EXPECT_EQ(names.size(), sizeof...(fields)) << "in " << #Name; \
      },                                                              \
      Name::fields());
#include "sluice/ir/ops.def"
#undef SL_OP
}

TEST(Op, LinearIsWhatMultipliesAndAdds) {
  EXPECT_TRUE(is_linear(Conv{}));
  EXPECT_TRUE(is_linear(ConvTranspose{}));
  EXPECT_TRUE(is_linear(Gemm{}));
  EXPECT_TRUE(is_linear(MatMul{}));
  EXPECT_FALSE(is_linear(Mul{}));
  EXPECT_FALSE(is_linear(Op()));
}

}  // namespace
}  // namespace sluice::ir
