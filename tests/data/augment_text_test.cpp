// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "sluice/data/augment.hpp"

namespace sluice::data {
namespace {

Augmentation parsed(std::string_view text) {
  const auto augmentation = parse_augmentation(text);
  EXPECT_TRUE(augmentation) << augmentation.error().text();
  return augmentation ? *augmentation : Augmentation();
}

std::string refusal(std::string_view text) {
  const auto augmentation = parse_augmentation(text);
  EXPECT_FALSE(augmentation) << text;
  if (augmentation) return "";
  EXPECT_EQ(augmentation.error().code, ErrorCode::InvalidArgument) << text;
  return augmentation.error().text();
}

TEST(AugmentText, EveryKindHasItsFields) {
  const Augmentation expected{.crop_padding = 4,
                              .flip_probability = 0.5,
                              .brightness = 0.4,
                              .contrast = 0.3,
                              .saturation = 0.2,
                              .hue = 0.1,
                              .cutout_side = 8};
  EXPECT_EQ(parsed("crop=4,flip,jitter=0.4:0.3:0.2:0.1,cutout=8"), expected);
  EXPECT_EQ(parsed("resized-crop=0.2,flip=0.3"),
            (Augmentation{.crop_scale = 0.2, .flip_probability = 0.3}));
}

TEST(AugmentText, NoneIsNothing) {
  EXPECT_EQ(parsed("none"), Augmentation());
  EXPECT_EQ(to_string(Augmentation()), "none");
}

TEST(AugmentText, BareNamesHaveTheUsualNumbers) {
  EXPECT_EQ(parsed("resized-crop,flip"),
            (Augmentation{.crop_scale = 0.08, .flip_probability = 0.5}));
}

TEST(AugmentText, TheOrderOfTheTextDoesNotCount) {
  EXPECT_EQ(parsed("cutout=8,flip,crop=4"), parsed("crop=4,flip,cutout=8"));
}

TEST(AugmentText, TextAndValueGoThereAndBack) {
  for (const std::string_view text :
       {"none", "crop=4", "resized-crop=0.08", "flip", "flip=0.3", "jitter=0.4:0.4:0.4:0.1",
        "jitter=0:0:0:0.5", "cutout=8", "crop=4,flip,jitter=0.4:0.4:0.4:0.1,cutout=8",
        "resized-crop=1,flip=1"}) {
    EXPECT_EQ(to_string(parsed(text)), text);
  }
}

TEST(AugmentText, ChancesOfZeroAreNone) {
  EXPECT_EQ(to_string(parsed("flip=0,jitter=0:0:0:0")), "none");
}

TEST(AugmentText, TheLimitsAreTaken) {
  EXPECT_EQ(parsed("crop=1,cutout=4096").cutout_side, 4096);
  EXPECT_EQ(parsed("jitter=10:0:10:0.5").saturation, 10);
}

TEST(AugmentText, NamesNearAKnownOneAreGuessed) {
  EXPECT_NE(refusal("crap=4").find("(did you mean \"crop\"?)"), std::string::npos);
  EXPECT_NE(refusal("cutuot=4").find("(did you mean \"cutout\"?)"), std::string::npos);
  EXPECT_NE(refusal("flip,nonne").find("(did you mean \"none\"?)"), std::string::npos);
}

TEST(AugmentText, UnknownNamesListTheKnownOnes) {
  EXPECT_EQ(refusal("mixup=0.2"),
            "no augmentation is called \"mixup\"; known are crop, resized-crop, flip, jitter, "
            "cutout, none");
  EXPECT_NE(refusal("").find("known are"), std::string::npos);
  EXPECT_NE(refusal("flip,").find("known are"), std::string::npos);
}

TEST(AugmentText, NumbersOutOfRangeNameTheRange) {
  for (const char* text : {"crop", "crop=", "crop=0", "crop=-1", "crop=4097", "crop=4.5"}) {
    EXPECT_NE(refusal(text).find("from 1 to 4096"), std::string::npos) << text;
  }
  for (const char* text : {"resized-crop=0", "resized-crop=1.1", "resized-crop=nan"}) {
    EXPECT_NE(refusal(text).find("above 0 and up to 1"), std::string::npos) << text;
  }
  for (const char* text : {"flip=", "flip=-0.1", "flip=1.5", "flip=inf", "flip=half"}) {
    EXPECT_NE(refusal(text).find("a probability from 0 to 1"), std::string::npos) << text;
  }
  for (const char* text : {"cutout", "cutout=0", "cutout=9999"}) {
    EXPECT_NE(refusal(text).find("a side in pixels"), std::string::npos) << text;
  }
}

TEST(AugmentText, AJitterHasFourNumbers) {
  for (const char* text : {"jitter", "jitter=", "jitter=0.4", "jitter=0.4:0.4:0.4",
                           "jitter=0.4:0.4:0.4:0.1:0.1", "jitter=0.4:0.4:0.4:0.6",
                           "jitter=11:0:0:0", "jitter=-1:0:0:0", "jitter=:::", "jitter=0:0:0:0:"}) {
    EXPECT_NE(refusal(text).find("jitter=0.4:0.4:0.4:0.1"), std::string::npos) << text;
  }
}

TEST(AugmentText, AKindIsNamedOnce) {
  EXPECT_EQ(refusal("flip,crop=4,flip=0.2"), "augmentation \"flip\" is named twice; name it once");
}

TEST(AugmentText, NoneStandsAlone) {
  EXPECT_EQ(refusal("flip,none"), "augmentation \"none\" stands alone");
}

}  // namespace
}  // namespace sluice::data
