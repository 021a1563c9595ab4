// SPDX-License-Identifier: Apache-2.0
#include "tests/hw/build/built_text.hpp"

namespace sluice::hw {
namespace {

const std::string kWithConstant = kInput + filled("c", {2});

TEST(BuildNormalization, OfTheBatchIsAFactorAndAnOffset) {
  const Layer layer =
      built_layer(kWithConstant + "%y = BatchNormalization(%x, %c, %c, %c, %c)\noutput %y");
  ASSERT_NE(layer.as<ChannelAffine>(), nullptr);
  EXPECT_TRUE(layer.as<ChannelAffine>()->has_scale && layer.as<ChannelAffine>()->has_offset);
}

TEST(BuildNormalization, ByTheImagesOwnMeanIsRefused) {
  const std::string why = "it needs the mean of words that have not come yet";
  EXPECT_EQ(refusal(kWithConstant + "%y = InstanceNormalization(%x, %c, %c)\noutput %y"), why);
  EXPECT_EQ(refusal(kWithConstant + "%y = GroupNormalization(%x, %c, %c)\noutput %y"), why);
}

}  // namespace
}  // namespace sluice::hw
