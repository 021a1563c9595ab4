// SPDX-License-Identifier: Apache-2.0
#include "sluice/train/loop.hpp"

#include <algorithm>
#include <gtest/gtest.h>

#include "tests/support/net.hpp"

namespace sluice::train {
namespace {

using test::Net;

// Grey images of 6 x 6: bright ones are class 1; or one that cannot be decoded.
data::Dataset bright_and_dark(std::int64_t count, std::int64_t broken = -1) {
  std::vector<data::Dataset::Entry> entries;
  entries.reserve(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) {
    entries.push_back({"image " + std::to_string(i), i % 2});
  }
  return {"made up",
          std::move(entries),
          {},
          [broken](std::int64_t index, const auto& entry) -> Result<data::Image> {
            if (index == broken) return Error{ErrorCode::Parse, "is broken", entry.name};
            Rng rng(static_cast<std::uint64_t>(index));
            data::Image image(6, 6, 1);
            for (std::uint8_t& pixel : image.pixels) {
              const std::int64_t low = entry.label == 1 ? 100 : 0;
              pixel = static_cast<std::uint8_t>(rng.integer(low, low + 155));
            }
            return image;
          }};
}

data::Preprocess grey() {
  data::Preprocess preprocess;
  preprocess.height = preprocess.width = 6;
  preprocess.channels = 1;
  preprocess.mean = {0.5F, 0.5F, 0.5F};
  preprocess.std = {0.25F, 0.25F, 0.25F};
  return preprocess;
}

ir::Graph small_net() {
  Net net;
  const auto x = net.input({8, 1, 6, 6});
  ir::Conv conv;
  conv.window.kernel = {3, 3};
  const auto y =
      net.add(ir::Relu{}, {net.batch_norm(net.add(conv, {x, net.weight({4, 1, 3, 3})}), 4)});
  const auto flat = net.add(ir::Flatten{}, {net.add(ir::GlobalAveragePool{}, {y})});
  return net.finish({net.add(ir::Gemm{}, {flat, net.weight({4, 2}), net.weight({2})})});
}

constexpr std::int64_t kEpochs = 3, kBatch = 8, kImages = 45;

Trainer new_trainer() {
  Recipe recipe;
  recipe.schedule.steps = kEpochs * steps_per_epoch(kImages, kBatch);
  recipe.device = DeviceChoice::Cpu;
  return *Trainer::create(small_net(), recipe);
}

LoopOptions options() {
  LoopOptions result;
  result.epochs = kEpochs;
  result.batch_size = kBatch;
  result.augmentation = *data::parse_augmentation("crop=1,flip");
  return result;
}

TEST(Loop, LearnsAndNotesEachEpoch) {
  const data::Dataset images = bright_and_dark(kImages);
  const data::Preprocess preprocess = grey();
  Trainer trainer = new_trainer();
  LoopState state;
  std::vector<std::int64_t> saved;
  LoopOptions how = options();
  how.save = [&](const LoopState& at, const EpochRow* row) -> Status {
    EXPECT_EQ(at.trainer.step, static_cast<std::int64_t>(at.rows.size()) * 5);
    if (row != nullptr) saved.push_back(row->epoch);
    return {};
  };
  const ImageSource source{images, preprocess};
  const Status status = run_loop(trainer, source, source, state, how);
  ASSERT_TRUE(status) << status.error().text();
  EXPECT_EQ(saved, (std::vector<std::int64_t>{1, 2, 3}));
  ASSERT_EQ(state.rows.size(), 3U);
  for (const EpochRow& row : state.rows) {
    EXPECT_EQ(row.images, 40);  // five full batches
    EXPECT_EQ(row.validation.count, kImages);
    EXPECT_GT(row.images_per_s, 0);
  }
  EXPECT_LT(state.rows[2].validation_loss, state.rows[0].validation_loss + 0.1);
  EXPECT_GE(state.rows[2].validation.top1, 43);
}

// Cancelled before each of its steps in turn, and gone on from what was saved.
TEST(Loop, GoesOnFromAnyStepToTheSameBits) {
  const data::Dataset images = bright_and_dark(kImages);
  const data::Preprocess preprocess = grey();
  const ImageSource source{images, preprocess};
  Trainer whole = new_trainer();
  LoopState expected;
  ASSERT_TRUE(run_loop(whole, source, source, expected, options()));
  LoopState state;
  int runs = 0;
  while (state.rows.size() < 3 && runs < 40) {
    Trainer trainer = new_trainer();
    LoopOptions how = options();
    LoopState saved;
    how.save = [&](const LoopState& at, const EpochRow* /*row*/) -> Status {
      saved = at;
      return {};
    };
    int asked = 0;
    how.is_cancelled = [&] { return ++asked == 2; };
    const Status status = run_loop(trainer, source, source, state, how);
    EXPECT_TRUE(status || status.error().code == ErrorCode::Interrupted);
    state = saved;
    ++runs;
  }
  EXPECT_GE(runs, 7);
  ASSERT_EQ(state.rows.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(state.rows[i].loss, expected.rows[i].loss);
    EXPECT_EQ(state.rows[i].right, expected.rows[i].right);
    EXPECT_EQ(state.rows[i].validation, expected.rows[i].validation);
  }
  EXPECT_EQ(state.trainer.tensors, whole.state().tensors);
}

TEST(Loop, EveryEpochHasAnOrderOfItsOwn) {
  const data::Dataset images = bright_and_dark(kImages);
  const data::Preprocess preprocess = grey();
  Trainer trainer = new_trainer();
  LoopState state;
  LoopOptions how = options();
  how.augmentation = {};
  ASSERT_TRUE(run_loop(trainer, {images, preprocess}, {}, state, how));
  EXPECT_EQ(state.rows[0].validation.count, 0);
  Trainer again = new_trainer();
  LoopState other;
  how.seed = 2;
  ASSERT_TRUE(run_loop(again, {images, preprocess}, {}, other, how));
  EXPECT_NE(state.rows[0].loss, other.rows[0].loss);
}

TEST(Loop, ABatchOfMoreImagesThanThereAreIsRefused) {
  const data::Dataset images = bright_and_dark(5);
  const data::Preprocess preprocess = grey();
  Trainer trainer = new_trainer();
  LoopState state;
  const Status status = run_loop(trainer, {images, preprocess}, {}, state, options());
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::InvalidArgument);
}

TEST(Loop, AnImageThatCannotBeReadStopsOrIsSkipped) {
  const data::Dataset images = bright_and_dark(kImages, 7);
  const data::Preprocess preprocess = grey();
  for (const auto on_bad_image : {data::OnBadImage::Stop, data::OnBadImage::Skip}) {
    Trainer trainer = new_trainer();
    LoopState state;
    LoopOptions how = options();
    how.on_bad_image = on_bad_image;
    const Status status = run_loop(trainer, {images, preprocess}, {}, state, how);
    EXPECT_EQ(status.has_value(), on_bad_image == data::OnBadImage::Skip);
    EXPECT_TRUE(status || status.error().text().find("image 7") != std::string::npos);
  }
}

TEST(Loop, ASaveThatFailsStopsTheTraining) {
  const data::Dataset images = bright_and_dark(kImages);
  const data::Preprocess preprocess = grey();
  Trainer trainer = new_trainer();
  LoopState state;
  LoopOptions how = options();
  how.save = [](const LoopState& /*at*/, const EpochRow* /*row*/) -> Status {
    return Error{ErrorCode::Io, "no space left"};
  };
  EXPECT_EQ(run_loop(trainer, {images, preprocess}, {}, state, how).error().code, ErrorCode::Io);
}

}  // namespace
}  // namespace sluice::train
