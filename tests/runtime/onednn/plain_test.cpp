// SPDX-License-Identifier: Apache-2.0
#include "tests/support/fast_equals_reference.hpp"

namespace sluice::runtime::onednn {
namespace {

using test::expect_fast_equals_reference;
using test::Net;
using test::one_node;

TEST(Plain, OperatorsWithoutAFastFormRunByTheirReference) {
  EXPECT_EQ(expect_fast_equals_reference(one_node(ir::Erf{}, {2, 3})), 1U);
  EXPECT_EQ(expect_fast_equals_reference(one_node(ir::ArgMax{.axis = 1}, {2, 3})), 1U);
  EXPECT_EQ(expect_fast_equals_reference(one_node(ir::Cast{DType::Int32}, {2, 3})), 1U);
}

TEST(Plain, ReadsABlockedValueRowMajor) {
  Net net;
  const ir::ValueId x = net.add(ir::Conv{}, {net.input({2, 16, 4, 4}), net.weight({19, 16, 1, 1})});
  EXPECT_EQ(expect_fast_equals_reference(net.finish({net.add(ir::Erf{}, {x})})), 1U);
}

TEST(Plain, PassesAbsentInputsOn) {
  Net net;
  const ir::ValueId z = net.input({4});
  EXPECT_EQ(expect_fast_equals_reference(
                net.finish({net.add(ir::Slice{}, {z, net.integers({3}), net.integers({-9}),
                                                  ir::kNoValue, net.integers({-1})})})),
            1U);
}

TEST(Plain, DropoutInTrainingDrawsAsTheReferenceThroughTheWholeBatch) {
  Net net;
  const ir::ValueId training = net.constant(Tensor::scalar(true));
  const ir::ValueId y = net.add(ir::Dropout{}, {net.input({8, 100}), net.scalar(0.5F), training});
  EXPECT_EQ(expect_fast_equals_reference(net.finish({y})), 1U);
}

TEST(Plain, SkipsOutputsThatAreNotAsked) {
  Net net;
  const auto outputs = net.add_many(ir::Dropout{}, {net.input({2, 3})}, 2);
  EXPECT_EQ(expect_fast_equals_reference(net.finish({outputs[1]})), 1U);
}

}  // namespace
}  // namespace sluice::runtime::onednn
