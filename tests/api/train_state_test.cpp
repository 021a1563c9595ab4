// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/train_state.hpp"

#include <gtest/gtest.h>

#include "tests/support/temp_folder.hpp"

#include "sluice/export/safetensors.hpp"

namespace sluice::api {
namespace {

train::LoopState some_state() {
  train::LoopState state;
  state.trainer.step = 137;
  state.trainer.tensors = {{"student/w", Tensor::from<float>({2}, {0.1F, -3})},
                           {"optimizer/steps", Tensor::from<std::int64_t>({}, {137})}};
  state.rows = {{.epoch = 1,
                 .rate = 0.1,
                 .loss = 2.302585092994046,
                 .images = 640,
                 .right = 64,
                 .validation = {100, 12, 55},
                 .validation_loss = 1.0 / 3,
                 .images_per_s = 123.4}};
  state.loss_sum = 0.1 + 0.2;
  state.images = 17;
  state.right = 5;
  state.seconds = 1e-3;
  return state;
}

TEST(TrainState, EveryBitComesBack) {
  const TempFolder temp;
  const auto path = temp.path() / "state.safetensors";
  const train::LoopState state = some_state();
  ASSERT_TRUE(write_train_state(state, "me", path));
  const auto back = read_train_state(path, "me");
  ASSERT_TRUE(back) << back.error().text();
  EXPECT_EQ(back->trainer.step, state.trainer.step);
  EXPECT_EQ(back->trainer.tensors, state.trainer.tensors);
  EXPECT_EQ(back->loss_sum, state.loss_sum);
  EXPECT_EQ(back->images, state.images);
  EXPECT_EQ(back->right, state.right);
  EXPECT_EQ(back->seconds, state.seconds);
  ASSERT_EQ(back->rows.size(), 1U);
  EXPECT_EQ(back->rows[0].epoch, 1);
  EXPECT_EQ(back->rows[0].loss, state.rows[0].loss);
  EXPECT_EQ(back->rows[0].validation, state.rows[0].validation);
  EXPECT_EQ(back->rows[0].validation_loss, state.rows[0].validation_loss);
}

TEST(TrainState, AnotherTrainingsIsRefusedWithTheRemedy) {
  const TempFolder temp;
  const auto path = temp.path() / "state.safetensors";
  ASSERT_TRUE(write_train_state(some_state(), "me", path));
  const auto back = read_train_state(path, "you");
  ASSERT_FALSE(back);
  EXPECT_EQ(back.error().code, ErrorCode::InvalidArgument);
  EXPECT_NE(back.error().text().find("another folder"), std::string::npos);
  EXPECT_NE(back.error().text().find("state.safetensors"), std::string::npos);
}

TEST(TrainState, FilesThatAreNoStateAreRefused) {
  const TempFolder temp;
  const auto path = temp.path() / "a.safetensors";
  const std::vector<NamedTensor> tensors = some_state().trainer.tensors;
  const std::vector<exporter::SafetensorsMetadata> metadata{
      {},
      {{"sluice", "no JSON"}},
      {{"sluice", R"({"format": "sluice.training-state/2"})"}},
      {{"sluice", R"({"format": "sluice.training-state/1", "identity": "me"})"}},
      {{"sluice", R"({"format": "sluice.training-state/1", "identity": "me", "step": -1})"}}};
  for (const auto& each : metadata) {
    ASSERT_TRUE(exporter::write_safetensors(tensors, each, path));
    const auto back = read_train_state(path, "me");
    ASSERT_FALSE(back);
    EXPECT_EQ(back.error().code, ErrorCode::Parse) << back.error().text();
  }
}

}  // namespace
}  // namespace sluice::api
