// SPDX-License-Identifier: Apache-2.0
#include "tests/support/fast_equals_reference.hpp"

namespace sluice::runtime::onednn {
namespace {

using test::expect_fast_equals_reference;
using test::one_node;

const std::vector<ir::Window> kWindows{
    {.kernel = {2, 2}, .strides = {2, 2}},
    {.kernel = {3, 3}, .strides = {2, 2}, .pads = {1, 1, 1, 1}},
    {.kernel = {3, 2}, .strides = {1, 3}, .pads = {0, 1, 2, 0}},
    {.kernel = {3, 3}, .strides = {2, 2}, .auto_pad = ir::AutoPad::SameUpper},
};

TEST(MaxPool, EqualsTheReference) {
  for (const ir::Window& window : kWindows) {
    for (const bool ceil_mode : {false, true}) {
      EXPECT_EQ(expect_fast_equals_reference(
                    one_node(ir::MaxPool{.window = window, .ceil_mode = ceil_mode}, {2, 5, 9, 10})),
                0U);
    }
  }
}

TEST(MaxPool, EqualsTheReferenceWhenDilated) {
  const ir::MaxPool op{.window = {.kernel = {3, 3}, .dilations = {2, 2}, .pads = {1, 1, 1, 1}}};
  EXPECT_EQ(expect_fast_equals_reference(one_node(op, {1, 17, 9, 9})), 0U);
}

TEST(MaxPool, EqualsTheReferenceInOneAndThreeDimensions) {
  EXPECT_EQ(expect_fast_equals_reference(
                one_node(ir::MaxPool{.window = {.kernel = {3}, .strides = {2}}}, {2, 3, 11})),
            0U);
  EXPECT_EQ(
      expect_fast_equals_reference(one_node(
          ir::MaxPool{.window = {.kernel = {2, 3, 2}, .strides = {2, 1, 2}}}, {1, 4, 5, 6, 7})),
      0U);
}

TEST(AveragePool, EqualsTheReferenceHoweverPaddingCounts) {
  for (const ir::Window& window : kWindows) {
    for (const bool ceil_mode : {false, true}) {
      for (const bool counts : {false, true}) {
        expect_fast_equals_reference(one_node(
            ir::AveragePool{.window = window, .ceil_mode = ceil_mode, .count_include_pad = counts},
            {2, 5, 9, 10}));
      }
    }
  }
}

TEST(GlobalPools, EqualTheReference) {
  for (const Shape& x : {Shape{2, 5, 7, 6}, Shape{1, 16, 8}, Shape{1, 3, 4, 5, 6}}) {
    EXPECT_EQ(expect_fast_equals_reference(one_node(ir::GlobalAveragePool{}, x)), 0U);
    EXPECT_EQ(expect_fast_equals_reference(one_node(ir::GlobalMaxPool{}, x)), 0U);
  }
}

TEST(MaxPool, WithIndicesRunsPlain) {
  test::Net net;
  const auto outputs =
      net.add_many(ir::MaxPool{.window = {.kernel = {2, 2}}}, {net.input({2, 3, 5, 5})}, 2);
  EXPECT_EQ(expect_fast_equals_reference(net.finish(outputs)), 1U);
}

}  // namespace
}  // namespace sluice::runtime::onednn
