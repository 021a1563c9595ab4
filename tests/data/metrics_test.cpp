// SPDX-License-Identifier: Apache-2.0
#include "sluice/data/metrics.hpp"

#include <array>
#include <cmath>
#include <gtest/gtest.h>

#include "sluice/data/dataset.hpp"

namespace sluice::data {
namespace {

const float kNan = std::nanf("");

TEST(Rank, CountsTheGreaterScores) {
  const std::array<float, 4> scores = {0.1F, 0.7F, -3, 0.2F};
  EXPECT_EQ(rank_of(scores, 1), 0);
  EXPECT_EQ(rank_of(scores, 3), 1);
  EXPECT_EQ(rank_of(scores, 2), 3);
}

TEST(Rank, OfEqualScoresTheLowerIndexIsAhead) {
  const std::array<float, 3> scores = {1, 1, 1};
  EXPECT_EQ(rank_of(scores, 0), 0);
  EXPECT_EQ(rank_of(scores, 2), 2);
}

TEST(Rank, NanIsAheadOfAllAndNeverRight) {
  const std::array<float, 3> scores = {kNan, 5, 1};
  EXPECT_EQ(rank_of(scores, 1), 1);
  EXPECT_EQ(rank_of(scores, 0), 3);
}

TEST(Accuracy, CountsFirstAndFirstFive) {
  Accuracy accuracy;
  const std::array<float, 7> scores = {7, 6, 5, 4, 3, 2, 1};
  EXPECT_TRUE(accuracy.add(scores, 0));
  EXPECT_TRUE(accuracy.add(scores, 4));
  EXPECT_TRUE(accuracy.add(scores, 5));
  EXPECT_EQ(accuracy, (Accuracy{.count = 3, .top1 = 1, .top5 = 2}));
  EXPECT_DOUBLE_EQ(accuracy.top1_percent(), 100.0 / 3);
  EXPECT_EQ(Accuracy{}.top5_percent(), 0);
}

TEST(Accuracy, OfBatchesAddsUp) {
  Accuracy all{.count = 3, .top1 = 1, .top5 = 2};
  all += {.count = 4, .top1 = 3, .top5 = 4};
  EXPECT_EQ(all, (Accuracy{.count = 7, .top1 = 4, .top5 = 6}));
}

TEST(Accuracy, ImpossibleLabelsAreErrors) {
  Accuracy accuracy;
  const std::array<float, 2> scores = {0, 1};
  EXPECT_FALSE(accuracy.add(scores, 2));
  const Status status = accuracy.add(scores, kNoLabel);
  ASSERT_FALSE(status);
  EXPECT_NE(status.error().message.find("no label"), std::string::npos);
  EXPECT_EQ(accuracy.count, 0);
}

TEST(PredictedClasses, AreTheGreatestAtEachPosition) {
  const Tensor scores = Tensor::from<float>({2, 3, 2}, {1, 5, 2, 5, 0, 9, kNan, 0, 9, 0, 1, 0});
  EXPECT_EQ(predicted_classes(scores), (std::vector<std::int32_t>{1, 2, 0, 0}));
  EXPECT_TRUE(predicted_classes(Tensor(DType::Float32, {0, 3, 2})).empty());
}

TEST(ConfusionMatrix, IouLeavesOutWhatIsIgnored) {
  ConfusionMatrix matrix(3);
  const std::vector<std::uint8_t> truth = {0, 0, 1, 1, 2, 255};
  const std::vector<std::int32_t> predicted = {0, 1, 1, 2, 0, 0};
  matrix.add(truth, predicted);
  EXPECT_EQ(matrix.at(0, 1), 1);
  EXPECT_EQ(matrix.iou()[0], 1.0 / 3);
  EXPECT_EQ(matrix.iou()[1], 1.0 / 3);
  EXPECT_EQ(matrix.iou()[2], 0.0);
  EXPECT_DOUBLE_EQ(matrix.mean_iou(), 2.0 / 9);
  EXPECT_EQ(matrix.iou(2)[0], 0.5);  // one right, one taken for 1; the 2 taken for 0 is ignored
  EXPECT_FALSE(matrix.iou(2)[2]);
  EXPECT_EQ(matrix.mean_iou(2), 0.5);
}

TEST(ConfusionMatrix, AbsentClassesHaveNoIou) {
  ConfusionMatrix matrix(2);
  EXPECT_FALSE(matrix.iou()[0]);
  EXPECT_EQ(matrix.mean_iou(), 0);
  matrix.add(std::vector<std::uint8_t>{1}, std::vector<std::int32_t>{1});
  EXPECT_EQ(matrix.mean_iou(), 1);
}

TEST(Dice, IsTwiceTheOverlapOverTheSizes) {
  Dice dice;
  dice.add(std::vector<float>{0.9F, 0.9F, 0.5F, 0.1F}, std::vector<std::uint8_t>{255, 0, 255, 0});
  EXPECT_EQ(dice.both, 1);
  EXPECT_EQ(dice.value(), 0.5);
}

TEST(Dice, OfTwoEmptyMasksIsOne) {
  EXPECT_EQ(Dice{}.value(), 1);
  Dice dice;
  dice.add(std::vector<float>{0.0F}, std::vector<std::uint8_t>{1});
  EXPECT_EQ(dice.value(), 0);
}

}  // namespace
}  // namespace sluice::data
