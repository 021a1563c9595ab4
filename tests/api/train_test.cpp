// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/train.hpp"

#include <gtest/gtest.h>

#include "tests/support/temp_folder.hpp"

#include "sluice/api/builtin.hpp"
#include "sluice/api/model.hpp"
#include "sluice/base/file.hpp"

namespace sluice::api {
namespace {

TrainOptions digits_training(const std::filesystem::path& output) {
  const Builtin builtin = *builtin_digits();
  TrainOptions options;
  options.model = builtin.model;
  options.data = builtin.calibration;
  options.validation = builtin.test;
  options.preprocess = "mnist";
  options.augmentation = *data::parse_augmentation("crop=1");
  options.epochs = 1;
  options.batch = 64;
  options.recipe.schedule.rate = 0.001;
  options.recipe.device = train::DeviceChoice::Cpu;
  options.output = output;
  options.quiet = true;
  return options;
}

TEST(Train, WritesANetworkThatIsAsAccurateAsItSays) {
  const TempFolder temp;
  const auto report = train(digits_training(temp.path() / "out"));
  ASSERT_TRUE(report) << report.error().text();
  ASSERT_EQ(report->rows.size(), 1U);
  EXPECT_EQ(report->device, "cpu");
  EXPECT_EQ(report->recipe.schedule.steps, 12);  // of 797 images
  EXPECT_EQ(report->rows[0].images, 12 * 64);
  EXPECT_EQ(report->rows[0].validation.count, 1000);
  EXPECT_GT(report->rows[0].validation.top1, 950);
  EXPECT_EQ(report->best_epoch, 1);
  for (const char* name : {"network.onnx", "best.onnx", "state.safetensors", "log.csv",
                           "train.json", "loss.svg", "accuracy.svg"}) {
    EXPECT_TRUE(std::filesystem::exists(temp.path() / "out" / name)) << name;
  }
  EXPECT_TRUE(load_model(temp.path() / "out/network.onnx"));
}

TEST(Train, TheSameOptionsGiveTheSameBytesWhateverTheLogSays) {
  const TempFolder temp;
  for (const char* name : {"a", "b"}) ASSERT_TRUE(train(digits_training(temp.path() / name)));
  EXPECT_EQ(MappedFile::open(temp.path() / "a/network.onnx")->text(),
            MappedFile::open(temp.path() / "b/network.onnx")->text());
}

TEST(Train, AFinishedTrainingIsResumedToItself) {
  const TempFolder temp;
  TrainOptions options = digits_training(temp.path() / "out");
  const auto first = train(options);
  ASSERT_TRUE(first);
  const std::string before(MappedFile::open(temp.path() / "out/network.onnx")->text());
  options.resume = true;
  const auto second = train(options);
  ASSERT_TRUE(second) << second.error().text();
  EXPECT_EQ(second->rows.size(), 1U);
  EXPECT_EQ(MappedFile::open(temp.path() / "out/network.onnx")->text(), before);
}

TEST(Train, WhatCannotBeIsRefusedBeforeAnythingIsWritten) {
  const TempFolder temp;
  const auto folder = temp.path() / "out";
  TrainOptions options = digits_training(folder);
  options.epochs = 0;
  EXPECT_EQ(train(options).error().code, ErrorCode::InvalidArgument);
  options = digits_training(folder);
  options.preprocess = "imagenett";
  EXPECT_EQ(train(options).error().code, ErrorCode::InvalidArgument);
  options = digits_training(folder);
  options.recipe.frozen = {"nothing"};
  EXPECT_EQ(train(options).error().code, ErrorCode::InvalidArgument);
  options = digits_training(temp.write("file", "x"));
  EXPECT_EQ(train(options).error().code, ErrorCode::InvalidArgument);
  EXPECT_FALSE(std::filesystem::exists(folder));
}

}  // namespace
}  // namespace sluice::api
