// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/apply.hpp"

#include "sluice/base/threads.hpp"

namespace sluice::runtime::reference {
namespace {

using test::computed;
using test::f32;
using test::vec;
using ::testing::ElementsAre;

TEST(Conv, OneDimensionWithPadsAndBias) {
  EXPECT_THAT(computed<float>(
                  ir::Conv{.window = {.pads = {1, 1}}},
                  {f32({1, 1, 3}, {1, 2, 3}), f32({1, 1, 3}, {1, 10, 100}), vec<float>({1000})}),
              ElementsAre(1210, 1321, 1032));
}

TEST(Conv, TwoDimensionsWithStrides) {
  const auto x = f32({1, 1, 3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9});
  EXPECT_THAT(computed<float>(ir::Conv{}, {x, f32({1, 1, 2, 2}, {1, 0, 0, 1})}),
              ElementsAre(6, 8, 12, 14));
  EXPECT_THAT(computed<float>(ir::Conv{.window = {.strides = {2, 2}}}, {x, f32({1, 1, 1, 1}, {1})}),
              ElementsAre(1, 3, 7, 9));
}

TEST(Conv, ThreeDimensionsWithDilation) {
  std::vector<float> ones(27, 1);
  ones[26] = 5;
  EXPECT_THAT(
      computed<float>(ir::Conv{.window = {.dilations = {2, 2, 2}}},
                      {f32({1, 1, 3, 3, 3}, ones), f32({1, 1, 2, 2, 2}, {1, 1, 1, 1, 1, 1, 1, 1})}),
      ElementsAre(12));
}

TEST(Conv, GroupsSeeTheirOwnChannelsOnly) {
  const auto x = f32({1, 4, 1}, {1, 2, 3, 4});
  const auto w = f32({2, 2, 1}, {1, 10, 1, 10});
  EXPECT_THAT(computed<float>(ir::Conv{.group = 2}, {x, w}), ElementsAre(21, 43));
}

TEST(Conv, ImagesOfABatchAreIndependent) {
  EXPECT_THAT(computed<float>(ir::Conv{}, {f32({2, 1, 2}, {1, 2, 3, 4}), f32({2, 1, 1}, {1, -1})}),
              ElementsAre(1, 2, -1, -2, 3, 4, -3, -4));
}

TEST(Conv, SameLowerPutsTheOddPadFirst) {
  EXPECT_THAT(computed<float>(ir::Conv{.window = {.auto_pad = ir::AutoPad::SameLower}},
                              {f32({1, 1, 2}, {1, 2}), f32({1, 1, 2}, {1, 10})}),
              ElementsAre(10, 21));
}

TEST(Conv, NegativePadsCrop) {
  EXPECT_THAT(computed<float>(ir::Conv{.window = {.pads = {-1, -1}}},
                              {f32({1, 1, 5}, {1, 2, 3, 4, 5}), f32({1, 1, 2}, {1, 10})}),
              ElementsAre(32, 43));
}

TEST(Conv, SumsAreExactUntilTheLastRounding) {
  // In float32 the ones would vanish beside 2^24.
  EXPECT_THAT(computed<float>(ir::Conv{}, {f32({1, 4, 1}, {16777216, 1, 1, -16777216}),
                                           f32({1, 4, 1}, {1, 1, 1, 1})}),
              ElementsAre(2));
}

TEST(Conv, TheThreadCountChangesNothing) {
  std::vector<float> values(6400);
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = 1.0F / static_cast<float>(i % 97 + 1);
  }
  const auto x = f32({1, 4, 40, 40}, values);
  const auto w = f32({16, 4, 5, 5}, {values.begin(), values.begin() + 1600});
  set_num_threads(1);
  const auto alone = computed<float>(ir::Conv{}, {x, w});
  set_num_threads(4);
  EXPECT_EQ(computed<float>(ir::Conv{}, {x, w}), alone);
  set_num_threads(1);
}

TEST(ConvTranspose, StridesSpreadTheInput) {
  EXPECT_THAT(computed<float>(ir::ConvTranspose{.window = {.strides = {2}}},
                              {f32({1, 1, 2}, {1, 2}), f32({1, 1, 3}, {1, 10, 100})}),
              ElementsAre(1, 10, 102, 20, 200));
}

TEST(ConvTranspose, OutputPaddingAddsBiasAtTheEnd) {
  const ir::ConvTranspose op{.window = {.strides = {2}}, .output_padding = {1}};
  EXPECT_THAT(computed<float>(op, {f32({1, 1, 2}, {1, 2}), f32({1, 1, 1}, {3}), vec<float>({7})}),
              ElementsAre(10, 7, 13, 7));
}

TEST(ConvTranspose, PadsTrimTheOutputAndNegativeOnesWidenIt) {
  const auto x = f32({1, 1, 2}, {1, 2});
  const auto w = f32({1, 1, 2}, {1, 10});
  EXPECT_THAT(computed<float>(ir::ConvTranspose{.window = {.pads = {1, 0}}}, {x, w}),
              ElementsAre(12, 20));
  EXPECT_THAT(computed<float>(ir::ConvTranspose{.window = {.pads = {-1, 0}}}, {x, w}),
              ElementsAre(0, 1, 12, 20));
}

TEST(ConvTranspose, GroupsHaveTheirOwnWeights) {
  const auto x = f32({1, 2, 1}, {1, 2});
  const auto w = f32({2, 2, 1}, {1, 10, 100, 1000});
  EXPECT_THAT(computed<float>(ir::ConvTranspose{.group = 2}, {x, w}),
              ElementsAre(1, 10, 200, 2000));
  EXPECT_THAT(computed<float>(ir::ConvTranspose{}, {x, w}), ElementsAre(201, 2010));
}

TEST(ConvTranspose, IsTheTransposeOfConv) {
  // ⟨conv(x), y⟩ = ⟨x, conv_transpose(y)⟩ for all x and y, here unit vectors in two dimensions.
  const ir::Window window{.strides = {2, 1}, .dilations = {1, 2}, .pads = {1, 0, 1, 2}};
  const auto w = f32({1, 1, 3, 2}, {1, 2, 3, 4, 5, 6});
  for (std::size_t i = 0; i < 20; ++i) {
    std::vector<float> unit(20, 0);
    unit[i] = 1;
    const auto forward = test::apply(ir::Conv{.window = window}, {f32({1, 1, 5, 4}, unit), w});
    ASSERT_TRUE(forward);
    ASSERT_EQ(forward->shape(), (Shape{1, 1, 3, 4}));
    for (std::size_t j = 0; j < 12; ++j) {
      std::vector<float> other(12, 0);
      other[j] = 1;
      const auto backward =
          computed<float>(ir::ConvTranspose{.window = window}, {f32({1, 1, 3, 4}, other), w});
      EXPECT_EQ(forward->data<float>()[j], backward.at(i));
    }
  }
}

}  // namespace
}  // namespace sluice::runtime::reference
