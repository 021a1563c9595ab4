// SPDX-License-Identifier: Apache-2.0
#include "sluice/base/progress.hpp"

#include <gtest/gtest.h>

namespace sluice {
namespace {

const ProgressState kState{.what = "float32", .unit = "images", .total = 1000};

TEST(Progress, TheLineShowsBarRateAndTimeLeft) {
  EXPECT_EQ(progress_line(kState, 500, 50, 200),
            "float32 [===============>              ]  500/1000 images  10.0/s  0:50 left");
}

TEST(Progress, BeforeTheFirstItemThereIsNoRate) {
  EXPECT_EQ(progress_line(kState, 0, 0, 40), "float32 [>            ]    0/1000 images");
}

TEST(Progress, ResumedItemsDoNotCountAsSpeed) {
  const ProgressState resumed{.what = "", .unit = "images", .total = 1000, .already_done = 900};
  const std::string line = progress_line(resumed, 910, 10, 200);
  EXPECT_NE(line.find(" 1.0/s  1:30 left"), std::string::npos) << line;
}

TEST(Progress, HoursAreShown) {
  const std::string line = progress_line(kState, 1, 3.7, 200);
  EXPECT_NE(line.find("1:01:36 left"), std::string::npos) << line;
}

TEST(Progress, ANarrowTerminalGetsNoBarAndNoWrap) {
  EXPECT_EQ(progress_line(kState, 500, 50, 20), "float32  500/1000 im");
}

TEST(Progress, NothingToDoDoesNotDivideByZero) {
  const ProgressState empty{.what = "x", .total = 0};
  EXPECT_EQ(progress_line(empty, 0, 1, 40), "x 0/0 images");
}

TEST(Progress, AQuietOneWritesNothing) {
  testing::internal::CaptureStderr();
  {
    Progress progress(kState, true);
    progress.update(1000);
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace sluice
