// SPDX-License-Identifier: Apache-2.0
#include "sluice/runtime/onednn/dnnl.hpp"

#include <gtest/gtest.h>

namespace sluice::runtime::onednn {
namespace {

Desc desc(const Dims& dims, dnnl::memory::format_tag tag) {
  return {dims, dnnl::memory::data_type::f32, tag};
}

TEST(IsPlain, OfRowMajorMemory) {
  EXPECT_TRUE(is_plain(plain_desc({2, 3, 4})));
  EXPECT_TRUE(is_plain(plain_desc({1})));
}

TEST(IsPlain, NotOfOtherOrdersAndBlocks) {
  using enum dnnl::memory::format_tag;
  EXPECT_FALSE(is_plain(desc({2, 3, 4, 5}, nhwc)));
  EXPECT_FALSE(is_plain(desc({2, 16, 4, 5}, nChw16c)));
  EXPECT_FALSE(is_plain(desc({2, 3, 1, 1}, nChw16c)));  // padded
  EXPECT_FALSE(is_plain(strided_desc({2, 3}, {6, 2})));
  EXPECT_FALSE(is_plain(strided_desc({2, 3}, {1, 2})));
}

TEST(IsPlain, OfBlocksThatHappenToBe) {
  using enum dnnl::memory::format_tag;
  EXPECT_TRUE(is_plain(desc({2, 32, 1, 1}, nChw16c)));
  EXPECT_TRUE(is_plain(desc({1, 3, 1, 1}, nhwc)));
}

TEST(Layouts, AreTheTagsOfOnednn) {
  using enum dnnl::memory::format_tag;
  EXPECT_EQ(channels_last_desc({2, 3, 4, 5}), desc({2, 3, 4, 5}, nhwc));
  EXPECT_EQ(channels_last_desc({2, 3, 4}), desc({2, 3, 4}, nwc));
  EXPECT_EQ(blocked_desc({2, 19, 4, 5}, 16), desc({2, 19, 4, 5}, nChw16c));
  EXPECT_EQ(blocked_desc({2, 19, 4}, 8), desc({2, 19, 4}, nCw8c));
}

TEST(DimsOf, GivesAScalarOneDimension) {
  EXPECT_EQ(dims_of({}), (Dims{1}));
  EXPECT_EQ(dims_of({2, 3}), (Dims{2, 3}));
}

TEST(IsDescribable, NotIfEmptyOrOfManyDimensions) {
  EXPECT_TRUE(is_describable({}));
  EXPECT_TRUE(is_describable({1, 2, 3, 4, 5, 6}));
  EXPECT_FALSE(is_describable({1, 2, 3, 4, 5, 6, 7}));
  EXPECT_FALSE(is_describable({2, 0}));
}

TEST(Guarded, TurnsWhatOnednnThrowsIntoAnError) {
  const Status status = guarded([]() -> Status {
    // Sizes that do not fit.
    const dnnl::convolution_forward::desc wrong(dnnl::prop_kind::forward_inference,
                                                dnnl::algorithm::convolution_direct,
                                                any_desc({1, 3, 4, 4}), any_desc({5, 3, 3, 3}),
                                                any_desc({1, 5, 9, 9}), {1, 1}, {0, 0}, {0, 0});
    (void)wrong;
    return {};
  });
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::External);
}

}  // namespace
}  // namespace sluice::runtime::onednn
