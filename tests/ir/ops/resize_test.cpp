// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>

#include "tests/support/infer.hpp"

namespace sluice::ir {
namespace {

using test::inferred_shape;
using test::refusal;
using ::testing::HasSubstr;

using S = sluice::Shape;

Tensor scales(const std::vector<float>& values) {
  return Tensor::from<float>({static_cast<std::int64_t>(values.size())}, values);
}
Tensor sizes(const std::vector<std::int64_t>& values) {
  return Tensor::from<std::int64_t>({static_cast<std::int64_t>(values.size())}, values);
}

TEST(ResizeRule, ScalesRoundDown) {
  EXPECT_EQ(inferred_shape(Resize{}, {S{1, 1, 5, 4}, {}, scales({1, 1, 0.6F, 2.4F})}),
            (S{1, 1, 3, 9}));
}

TEST(ResizeRule, ScalesAreAppliedInFloat32) {
  EXPECT_EQ(inferred_shape(Resize{}, {S{10}, {}, scales({0.7F})}), S{7});
}

TEST(ResizeRule, EmptyInputsCountAsAbsent) {
  EXPECT_EQ(inferred_shape(Resize{}, {S{4}, scales({}), scales({}), sizes({7})}), S{7});
  EXPECT_EQ(inferred_shape(Resize{}, {S{4}, scales({}), scales({2}), sizes({})}), S{8});
}

TEST(ResizeRule, AxesLimitWhatIsResized) {
  EXPECT_EQ(inferred_shape(Resize{.axes = {3, -2}}, {S{1, 1, 2, 4}, {}, {}, sizes({8, 7})}),
            (S{1, 1, 7, 8}));
}

TEST(ResizeRule, AspectRatioIsKeptWithinOrAroundTheSizes) {
  const std::vector<test::RuleInput> inputs{S{1, 1, 2, 4}, {}, {}, sizes({7, 8})};
  EXPECT_EQ(
      inferred_shape(Resize{.aspect_ratio_policy = AspectRatioPolicy::NotLarger, .axes = {2, 3}},
                     inputs),
      (S{1, 1, 4, 8}));
  EXPECT_EQ(
      inferred_shape(Resize{.aspect_ratio_policy = AspectRatioPolicy::NotSmaller, .axes = {2, 3}},
                     inputs),
      (S{1, 1, 7, 14}));
}

TEST(ResizeRule, ExactlyOneOfScalesAndSizesIsWanted) {
  EXPECT_THAT(refusal(Resize{}, {S{4}}), HasSubstr("exactly one"));
  EXPECT_THAT(refusal(Resize{}, {S{4}, {}, scales({2}), sizes({8})}), HasSubstr("exactly one"));
  EXPECT_THAT(refusal(Resize{}, {S{4}, {}, scales({2, 2})}), HasSubstr("for 1 dimensions"));
}

TEST(ResizeRule, HostileScalesAndSizesAreRefused) {
  for (const float scale : {0.0F, -1.0F, 1e30F, std::numeric_limits<float>::infinity(),
                            std::numeric_limits<float>::quiet_NaN()}) {
    EXPECT_THAT(refusal(Resize{}, {S{4}, {}, scales({scale})}), HasSubstr("scale")) << scale;
  }
  EXPECT_THAT(refusal(Resize{}, {S{4}, {}, {}, sizes({-1})}), HasSubstr("-1"));
  EXPECT_THAT(refusal(Resize{}, {S{4}, {}, {}, sizes({std::int64_t{1} << 60})}),
              HasSubstr("resized"));
  EXPECT_THAT(refusal(Resize{}, {S{0}, {}, {}, sizes({4})}), HasSubstr("empty"));
  EXPECT_THAT(refusal(Resize{}, {S{4}, {}, {S{1}}}), HasSubstr("make it a constant"));
  EXPECT_THAT(refusal(Resize{}, {S{4}, {}, sizes({2})}), HasSubstr("must be float32"));
}

TEST(ResizeRule, OptionsThatDoNotGoTogetherAreRefused) {
  EXPECT_THAT(refusal(Resize{.antialias = true}, {S{4}, {}, scales({2})}), HasSubstr("antialias"));
  EXPECT_THAT(refusal(Resize{.mode = ResizeMode::Linear}, {{S{4}, DType::Bool}, {}, scales({2})}),
              HasSubstr("bool"));
  const Resize crop{.coordinate_mode = CoordinateMode::TfCropAndResize};
  EXPECT_THAT(refusal(crop, {S{4}, {}, scales({2})}), HasSubstr("roi of 2"));
  EXPECT_THAT(refusal(crop, {S{4}, S{4}, scales({2})}), HasSubstr("roi of 2"));
  EXPECT_EQ(refusal(crop, {S{4}, S{2}, scales({2})}), "");
}

TEST(ResolveResize, SizesGiveWholeLengthsAndScalesFractionalOnes) {
  const auto sized = resolve_resize({}, {7}, {}, std::vector<std::int64_t>{3});
  ASSERT_TRUE(sized);
  EXPECT_EQ(sized->at(0).length, 3);
  const auto scaled = resolve_resize({}, {4}, std::vector<float>{0.625F}, {});
  ASSERT_TRUE(scaled);
  EXPECT_EQ(scaled->at(0).length, 2.5);
  EXPECT_EQ(scaled->at(0).output, 2);
}

}  // namespace
}  // namespace sluice::ir
