// SPDX-License-Identifier: Apache-2.0
// The loop: epochs of steps over images in an order drawn anew each time, with what is noted of
// them, and a state after any step that a killed training goes on from.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/data/augment.hpp"
#include "sluice/data/loader.hpp"
#include "sluice/data/metrics.hpp"
#include "sluice/train/trainer.hpp"

namespace sluice::train {

struct ImageSource {
  const data::Dataset& images;
  const data::Preprocess& preprocess;
};

// One epoch that has ended.
struct EpochRow {
  std::int64_t epoch = 0;  // from 1
  double rate = 0;         // of its last step
  double loss = 0;         // mean over its steps
  std::int64_t images = 0, right = 0;
  data::Accuracy validation;  // empty without images for it
  double validation_loss = 0;
  double images_per_s = 0;
};

// All that the loop goes on from.
struct LoopState {
  TrainerState trainer;
  std::vector<EpochRow> rows;
  // Of the epoch in flight.
  double loss_sum = 0;
  std::int64_t images = 0, right = 0;
  double seconds = 0;
};

// What is said while it runs.
struct LoopStatus {
  std::int64_t epoch = 1, epochs = 1;
  std::int64_t step = 0, steps = 1;  // of all epochs
  double loss = 0;                   // mean of the epoch so far
  double top1_percent = 0;           // of the epoch so far
  double images_per_s = 0;
  bool is_validating = false;
};

struct LoopOptions {
  std::int64_t epochs = 1;
  std::int64_t batch_size = 128;
  std::uint64_t seed = 1;
  data::OnBadImage on_bad_image = data::OnBadImage::Stop;
  data::Augmentation augmentation;
  double save_every_s = 300;
  // Called at the end of each epoch (`row` is its) and whenever save_every_s have passed (none).
  std::function<Status(const LoopState& state, const EpochRow* row)> save;
  std::function<void(const LoopStatus&)> report;
  std::function<bool()> is_cancelled;
};

// Steps of an epoch: batches that are full. The recipe's schedule must be of epochs times so many.
[[nodiscard]] std::int64_t steps_per_epoch(std::int64_t num_images, std::int64_t batch_size);

// Trains from the state on (LoopState{} from the beginning) to the last epoch. Interrupted where it
// was cancelled, after having saved; other errors are those of images, of steps, and of saving.
[[nodiscard]] Status run_loop(Trainer& trainer, const ImageSource& training,
                              const std::optional<ImageSource>& validation, LoopState& state,
                              const LoopOptions& options);

// Accuracy and mean loss of the network on all images.
struct Validation {
  data::Accuracy accuracy;
  double loss = 0;
};
[[nodiscard]] Result<Validation> validate(const Trainer& trainer, const ImageSource& source,
                                          std::int64_t batch_size, data::OnBadImage on_bad_image);

}  // namespace sluice::train
