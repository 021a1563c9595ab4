// SPDX-License-Identifier: Apache-2.0
#include "tests/support/fast_equals_reference.hpp"

namespace sluice::runtime::onednn {
namespace {

using test::expect_fast_equals_reference;
using test::one_node;

struct Case {
  Shape x, w;
  ir::Dims strides, dilations, pads;
  std::int64_t group = 1;
};

// What gtest calls the case: without it a dump of bytes, with addresses that change.
std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << "x " << to_string(c.x) << ", w " << to_string(c.w);
}

ir::Window window_of(const Case& c) {
  return {.kernel = {c.w.begin() + 2, c.w.end()},
          .strides = c.strides,
          .dilations = c.dilations,
          .pads = c.pads};
}

class ConvGrid : public testing::TestWithParam<Case> {};

TEST_P(ConvGrid, EqualsTheReference) {
  const Case& c = GetParam();
  for (const bool has_bias : {false, true}) {
    std::vector<Shape> weights{c.w};
    if (has_bias) weights.push_back({c.w[0]});
    EXPECT_EQ(expect_fast_equals_reference(one_node(ir::Conv{window_of(c), c.group}, c.x, weights)),
              0U);
  }
}

INSTANTIATE_TEST_SUITE_P(
    , ConvGrid,
    testing::Values(Case{{1, 3, 16, 16}, {16, 3, 3, 3}, {}, {}, {1, 1, 1, 1}},
                    Case{{3, 3, 15, 13}, {17, 3, 7, 7}, {2, 2}, {}, {3, 3, 3, 3}},
                    Case{{1, 16, 9, 9}, {32, 16, 1, 1}, {}, {}, {}},
                    Case{{2, 17, 8, 8}, {5, 17, 1, 1}, {2, 2}, {}, {}},
                    Case{{1, 33, 10, 7}, {31, 33, 3, 5}, {2, 1}, {}, {0, 2, 1, 1}},
                    Case{{3, 8, 11, 11}, {24, 8, 3, 3}, {}, {2, 3}, {2, 3, 2, 3}},
                    Case{{1, 12, 8, 8}, {18, 4, 3, 3}, {}, {}, {1, 1, 1, 1}, 3},
                    Case{{1, 32, 8, 8}, {32, 16, 3, 3}, {}, {}, {1, 1, 1, 1}, 2},
                    Case{{2, 24, 9, 9}, {24, 1, 3, 3}, {2, 2}, {}, {1, 1, 1, 1}, 24},
                    Case{{1, 19, 7, 7}, {19, 1, 5, 5}, {}, {}, {2, 2, 2, 2}, 19},
                    Case{{1, 6, 7, 7}, {12, 1, 3, 3}, {}, {}, {1, 1, 1, 1}, 6},
                    Case{{1, 1, 5, 5}, {1, 1, 5, 5}, {}, {}, {}},
                    Case{{2, 5, 20}, {7, 5, 3}, {2}, {}, {1, 0}},
                    Case{{1, 16, 33}, {16, 1, 5}, {}, {2}, {4, 4}, 16},
                    Case{{1, 4, 6, 7, 8}, {9, 4, 3, 3, 3}, {1, 2, 1}, {}, {1, 1, 1, 1, 1, 1}},
                    Case{{2, 3, 5, 6, 6}, {8, 3, 1, 3, 3}, {}, {1, 2, 2}, {0, 2, 2, 0, 2, 2}}));

class ConvTransposeGrid : public testing::TestWithParam<Case> {};

TEST_P(ConvTransposeGrid, EqualsTheReference) {
  const Case& c = GetParam();
  for (const bool has_bias : {false, true}) {
    std::vector<Shape> weights{c.w};
    if (has_bias) weights.push_back({c.w[1] * c.group});
    EXPECT_EQ(expect_fast_equals_reference(
                  one_node(ir::ConvTranspose{window_of(c), c.group, {}, {}}, c.x, weights)),
              0U);
  }
}

INSTANTIATE_TEST_SUITE_P(
    , ConvTransposeGrid,
    testing::Values(Case{{1, 16, 5, 5}, {16, 8, 2, 2}, {2, 2}, {}, {}},
                    Case{{3, 3, 6, 5}, {3, 7, 3, 3}, {2, 2}, {}, {1, 1, 1, 1}},
                    Case{{1, 4, 5, 5}, {4, 3, 3, 3}, {}, {2, 2}, {0, 1, 2, 1}},
                    Case{{2, 6, 4, 4}, {6, 2, 3, 3}, {2, 2}, {}, {1, 1, 0, 0}, 3},
                    Case{{1, 8, 4, 4}, {8, 1, 4, 4}, {2, 2}, {}, {1, 1, 1, 1}, 8},
                    Case{{1, 5, 9}, {5, 4, 3}, {3}, {}, {1, 1}},
                    Case{{1, 2, 3, 4, 4}, {2, 3, 2, 2, 2}, {2, 2, 2}, {}, {}}));

TEST(ConvTranspose, EqualsTheReferenceWithOutputPadding) {
  ir::ConvTranspose op;
  op.window = {.kernel = {3, 3}, .strides = {2, 2}, .pads = {1, 1, 1, 1}};
  op.output_padding = {1, 1};
  expect_fast_equals_reference(one_node(op, {2, 3, 5, 5}, {{3, 4, 3, 3}}));
}

TEST(ConvTranspose, EqualsTheReferenceWithAGivenOutputShape) {
  ir::ConvTranspose op;
  op.window = {.kernel = {3, 3}, .strides = {2, 2}};
  op.output_shape = {10, 12};
  expect_fast_equals_reference(one_node(op, {1, 3, 5, 5}, {{3, 4, 3, 3}}));
}

TEST(Conv, EqualsTheReferenceWithAutomaticPadding) {
  for (const auto pad : {ir::AutoPad::SameUpper, ir::AutoPad::SameLower, ir::AutoPad::Valid}) {
    ir::Conv op;
    op.window = {.kernel = {4, 4}, .strides = {2, 2}, .auto_pad = pad};
    EXPECT_EQ(expect_fast_equals_reference(one_node(op, {1, 3, 9, 10}, {{5, 3, 4, 4}})), 0U);
  }
}

TEST(Conv, WithComputedWeightsRunsPlain) {
  test::Net net;
  const ir::ValueId x = net.input({1, 4, 6, 6});
  const ir::ValueId w = net.add(ir::Reshape{}, {x, net.integers({4, 4, 3, 3})});
  EXPECT_EQ(expect_fast_equals_reference(net.finish({net.add(ir::Conv{}, {x, w})})), 1U);
}

TEST(Conv, WithNegativePaddingRunsPlain) {
  ir::Conv op;
  op.window.pads = {-1, 0, 0, 0};
  EXPECT_EQ(expect_fast_equals_reference(one_node(op, {1, 4, 6, 6}, {{4, 4, 3, 3}})), 1U);
}

}  // namespace
}  // namespace sluice::runtime::onednn
