// SPDX-License-Identifier: Apache-2.0
#include "sluice/data/presets.hpp"

#include <gtest/gtest.h>
#include <set>

namespace sluice::data {
namespace {

TEST(Presets, EveryOneServesItsOwnShape) {
  std::set<std::string_view> names;
  for (const Preset& preset : presets()) {
    EXPECT_TRUE(names.insert(preset.name).second) << preset.name;
    EXPECT_FALSE(preset.summary.empty());
    EXPECT_FALSE(preset.source.empty());
    const auto same = for_input(preset.preprocess, output_shape(preset.preprocess, 1));
    ASSERT_TRUE(same) << preset.name;
    EXPECT_EQ(*same, preset.preprocess) << preset.name;
  }
}

TEST(Presets, AreFoundByName) {
  const auto preset = find_preset("imagenet-tflite-bicubic");
  ASSERT_TRUE(preset);
  EXPECT_EQ(preset->preprocess.filter, Filter::Bicubic);
  EXPECT_EQ(preset->label_offset, 1);
}

TEST(Presets, AnUnknownNameIsAnsweredWithTheNearest) {
  const auto preset = find_preset("imagenett");
  ASSERT_FALSE(preset);
  EXPECT_NE(preset.error().message.find("did you mean \"imagenet\""), std::string::npos);
}

}  // namespace
}  // namespace sluice::data
