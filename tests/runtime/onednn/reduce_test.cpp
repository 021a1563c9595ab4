// SPDX-License-Identifier: Apache-2.0
#include "tests/support/fast_equals_reference.hpp"

namespace sluice::runtime::onednn {
namespace {

using test::expect_fast_equals_reference;
using test::one_node;

template <class Op>
void expect_all_axes() {
  for (const bool keep_dims : {false, true}) {
    for (const std::vector<std::int64_t>& axes :
         {std::vector<std::int64_t>{2, 3}, {1}, {-1}, {0, 1, 2, 3}, {0, 2}}) {
      test::Net net;
      const ir::ValueId x = net.input({2, 5, 7, 3});
      Op op;
      op.keep_dims = keep_dims;
      EXPECT_EQ(expect_fast_equals_reference(net.finish({net.add(op, {x, net.integers(axes)})})),
                0U);
    }
  }
  EXPECT_EQ(expect_fast_equals_reference(one_node(Op{}, {2, 3, 4})), 0U);
}

TEST(Reductions, EqualTheReference) {
  expect_all_axes<ir::ReduceMax>();
  expect_all_axes<ir::ReduceMean>();
  expect_all_axes<ir::ReduceMin>();
  expect_all_axes<ir::ReduceSum>();
}

TEST(Reductions, OfABlockedValueEqualTheReference) {
  test::Net net;
  const ir::ValueId y = net.add(ir::Conv{}, {net.input({2, 16, 6, 6}), net.weight({33, 16, 3, 3})});
  const ir::ValueId mean = net.add(ir::ReduceMean{}, {y, net.integers({2, 3})});
  const ir::ValueId most = net.add(ir::ReduceMax{}, {y, net.integers({1})});
  EXPECT_EQ(expect_fast_equals_reference(net.finish({mean, most})), 0U);
}

TEST(Softmax, EqualsTheReferenceAlongAnyAxis) {
  for (const std::int64_t axis : {0, 1, 2, -1}) {
    for (const bool flatten : {false, true}) {
      EXPECT_EQ(expect_fast_equals_reference(one_node(ir::Softmax{axis, flatten}, {3, 17, 5})), 0U);
    }
  }
}

}  // namespace
}  // namespace sluice::runtime::onednn
