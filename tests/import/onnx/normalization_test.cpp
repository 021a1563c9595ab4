// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/onnx_model.hpp"

namespace sluice::importer::onnx {
namespace {

using test::read_one;

TEST(OnnxBatchNormalization, TakesEpsilonAndMomentum) {
  const auto read = read_one(9, "BatchNormalization", 5, {{"epsilon", 0.5F}, {"momentum", 0.25F}});
  ASSERT_EQ(read.error, "");
  EXPECT_EQ(read.op<ir::BatchNormalization>().epsilon, 0.5F);
  EXPECT_EQ(read.op<ir::BatchNormalization>().momentum, 0.25F);
}

TEST(OnnxBatchNormalization, TrainingIsReadFromOpset14On) {
  const auto read = read_one(14, "BatchNormalization", 5, {{"training_mode", 1}}, 3);
  ASSERT_EQ(read.error, "");
  EXPECT_TRUE(read.op<ir::BatchNormalization>().training_mode);
}

TEST(OnnxBatchNormalization, TrainingOutputsBeforeOpset14AreRefused) {
  const auto read = read_one(9, "BatchNormalization", 5, {}, 3);
  EXPECT_NE(read.error.find("outputs of training"), std::string::npos) << read.error;
}

TEST(OnnxBatchNormalization, StatisticsForEachPositionAreRefused) {
  EXPECT_EQ(read_one(7, "BatchNormalization", 5, {{"spatial", 1}}).error, "");
  const auto read = read_one(7, "BatchNormalization", 5, {{"spatial", 0}});
  EXPECT_NE(read.error.find("spatial = 0"), std::string::npos) << read.error;
}

TEST(OnnxGroupNormalization, ScaleIsPerGroupBeforeOpset21) {
  EXPECT_TRUE(read_one(18, "GroupNormalization", 3, {{"num_groups", 2}})
                  .op<ir::GroupNormalization>()
                  .scale_per_group);
  EXPECT_FALSE(read_one(21, "GroupNormalization", 3, {{"num_groups", 2}, {"stash_type", 1}})
                   .op<ir::GroupNormalization>()
                   .scale_per_group);
}

TEST(OnnxGroupNormalization, StatisticsInAnotherTypeAreRefused) {
  const auto read = read_one(21, "GroupNormalization", 3, {{"num_groups", 2}, {"stash_type", 10}});
  EXPECT_NE(read.error.find("stash_type"), std::string::npos) << read.error;
}

TEST(OnnxInstanceNormalization, TakesEpsilon) {
  const auto read = read_one(13, "InstanceNormalization", 3, {{"epsilon", 0.5F}});
  ASSERT_EQ(read.error, "");
  EXPECT_EQ(read.op<ir::InstanceNormalization>().epsilon, 0.5F);
}

}  // namespace
}  // namespace sluice::importer::onnx
