// SPDX-License-Identifier: Apache-2.0
#include "tests/support/fast_equals_reference.hpp"

namespace sluice::runtime::onednn {
namespace {

using test::expect_fast_equals_reference;
using test::Net;

// The operator on the blocked result of a convolution, [2, 20, 6, 8], then Neg; and on the input.
void expect_layout_equal(const ir::Op& op, const std::vector<std::vector<std::int64_t>>& integers,
                         std::size_t plain_nodes = 0) {
  for (const bool blocked : {false, true}) {
    Net net;
    ir::ValueId x = net.input({2, 20, 6, 8});
    if (blocked) x = net.add(ir::Conv{}, {x, net.weight({20, 20, 1, 1})});
    std::vector<ir::ValueId> inputs{x};
    for (const auto& values : integers) inputs.push_back(net.integers(values));
    const ir::ValueId y = net.add(op, inputs);
    EXPECT_EQ(expect_fast_equals_reference(net.finish({y, net.add(ir::Neg{}, {y})})), plain_nodes);
  }
}

TEST(Layout, ViewsEqualTheReference) {
  expect_layout_equal(ir::Reshape{}, {{2, 4, -1}});
  expect_layout_equal(ir::Reshape{}, {{20, 96}});
  expect_layout_equal(ir::Flatten{2}, {});
  expect_layout_equal(ir::Unsqueeze{}, {{0, 3}});
  expect_layout_equal(ir::Identity{}, {});
  expect_layout_equal(ir::Dropout{}, {});
}

TEST(Layout, TransposesEqualTheReference) {
  expect_layout_equal(ir::Transpose{{0, 2, 3, 1}}, {});
  expect_layout_equal(ir::Transpose{{3, 2, 1, 0}}, {});
  expect_layout_equal(ir::Transpose{}, {});
}

TEST(Layout, DepthAndSpaceEqualTheReference) {
  expect_layout_equal(ir::DepthToSpace{2, false}, {});
  expect_layout_equal(ir::DepthToSpace{2, true}, {});
  expect_layout_equal(ir::SpaceToDepth{2}, {});
}

TEST(Layout, SlicesEqualTheReference) {
  expect_layout_equal(ir::Slice{}, {{1, 2}, {7, 100}, {2, 3}, {2, 3}});
  expect_layout_equal(ir::Slice{}, {{-15}, {-2}, {1}});
  expect_layout_equal(ir::Slice{}, {{1}, {2}, {0}});
  expect_layout_equal(ir::Slice{}, {{-1}, {-9}, {3}, {-1}}, 1);
}

TEST(Layout, PadsEqualTheReference) {
  expect_layout_equal(ir::Pad{}, {{0, 0, 1, 2, 0, 3, 0, 1}});
  expect_layout_equal(ir::Pad{}, {{0, 0, -1, 2, 0, 3, 0, 1}}, 1);
  expect_layout_equal(ir::Pad{ir::PadMode::Reflect}, {{0, 0, 1, 2, 0, 3, 0, 1}}, 1);
}

TEST(Layout, PadWithAValueEqualsTheReference) {
  Net net;
  const ir::ValueId x = net.input({1, 3, 4, 5});
  const ir::ValueId y =
      net.add(ir::Pad{}, {x, net.integers({0, 0, 1, 1, 0, 0, 2, 2}), net.scalar(-7)});
  EXPECT_EQ(expect_fast_equals_reference(net.finish({y})), 0U);
}

TEST(Layout, SplitsEqualTheReference) {
  Net net;
  const ir::ValueId x = net.add(ir::Conv{}, {net.input({2, 8, 6, 6}), net.weight({48, 8, 1, 1})});
  const auto parts = net.add_many(ir::Split{1}, {x, net.integers({16, 5, 27})}, 3);
  EXPECT_EQ(expect_fast_equals_reference(net.finish(parts)), 0U);
}

TEST(Layout, ConcatsOfDifferentLayoutsEqualTheReference) {
  for (const std::int64_t axis : {1, 2, -1, 0}) {
    Net net;
    const ir::ValueId x = net.input({2, 16, 6, 6});
    const ir::ValueId y = net.add(ir::Conv{}, {x, net.weight({16, 16, 1, 1})});
    const ir::ValueId z = net.add(ir::Concat{axis}, {x, y, x});
    EXPECT_EQ(expect_fast_equals_reference(net.finish({net.add(ir::Relu{}, {z})})), 0U);
  }
}

TEST(Layout, IntegersMoveByTheReference) {
  Net net;
  const ir::ValueId x = net.input({2, 3, 4});
  const ir::ValueId index = net.add(ir::ArgMax{2}, {x});
  const ir::ValueId turned = net.add(ir::Transpose{{1, 0, 2}}, {index});
  const ir::ValueId flat = net.add(ir::Flatten{1}, {turned});
  EXPECT_EQ(expect_fast_equals_reference(net.finish({flat})), 2U);
}

}  // namespace
}  // namespace sluice::runtime::onednn
