// SPDX-License-Identifier: Apache-2.0
#include "sluice/train/loop.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fmt/format.h>
#include <utility>

#include "sluice/base/divide.hpp"
#include "sluice/base/rng.hpp"

namespace sluice::train {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// The order of an epoch, and what is done to the images of it, are drawn from this.
std::uint64_t epoch_seed(std::uint64_t seed, std::int64_t epoch) {
  return seed * 0x9e3779b97f4a7c15ULL + static_cast<std::uint64_t>(epoch);
}

class Loop {
 public:
  Loop(Trainer& trainer, const ImageSource& training, const std::optional<ImageSource>& validation,
       LoopState& state, const LoopOptions& options)
      : trainer_(trainer),
        training_(training),
        validation_(validation),
        state_(state),
        options_(options),
        steps_(steps_per_epoch(training.images.size(), options.batch_size)) {}

  Status run() {
    if (steps_ == 0) {
      return invalid_argument(fmt::format("a batch of {} is more than the {} images there are",
                                          options_.batch_size, training_.images.size()));
    }
    while (static_cast<std::int64_t>(state_.rows.size()) < options_.epochs) {
      SL_TRY_STATUS(run_epoch());
    }
    return {};
  }

 private:
  [[nodiscard]] std::int64_t epoch() const { return static_cast<std::int64_t>(state_.rows.size()); }

  Status run_epoch() {
    Rng rng(epoch_seed(options_.seed, epoch()));
    std::vector<std::int64_t> order = permutation(training_.images.size(), rng);
    order.resize(static_cast<std::size_t>(steps_ * options_.batch_size));
    const std::int64_t done = trainer_.next_step() - epoch() * steps_;
    data::Loader loader(training_.images, training_.preprocess,
                        {.batch_size = options_.batch_size,
                         .indices = std::move(order),
                         .start = done * options_.batch_size,
                         .on_bad_image = options_.on_bad_image,
                         .transform = transform()});
    start_ = Clock::now();
    before_s_ = state_.seconds;
    double rate = 0;
    while (true) {
      SL_TRY(const auto batch, loader.next());
      if (!batch) break;
      SL_TRY(const StepResult result, trainer_.step(batch->images, batch->labels));
      rate = result.rate;
      state_.loss_sum += result.loss;
      state_.images += static_cast<std::int64_t>(batch->labels.size());
      state_.right += result.right;
      state_.seconds = before_s_ + seconds_since(start_);
      report(false);
      SL_TRY_STATUS(save_now_and_then());
    }
    return end_epoch(rate);
  }

  [[nodiscard]] decltype(data::LoaderOptions::transform) transform() const {
    if (options_.augmentation == data::Augmentation()) return {};
    return [&how = options_.augmentation, seed = epoch_seed(options_.seed, epoch())](
               data::Image image, std::int64_t position) -> Result<data::Image> {
      return data::augment(std::move(image), how, seed, position);
    };
  }

  Status save_now_and_then() {
    const bool is_cancelled = options_.is_cancelled && options_.is_cancelled();
    if (is_cancelled || seconds_since(saved_) >= options_.save_every_s) {
      SL_TRY_STATUS(save(nullptr));
    }
    if (!is_cancelled) return {};
    return Error{ErrorCode::Interrupted,
                 fmt::format("stopped before step {}; --resume goes on", trainer_.next_step())};
  }

  Status end_epoch(double rate) {
    EpochRow row{.epoch = epoch() + 1,
                 .rate = rate,
                 .loss = state_.loss_sum / static_cast<double>(steps_),
                 .images = state_.images,
                 .right = state_.right};
    row.images_per_s = static_cast<double>(state_.images) / state_.seconds;
    if (validation_) {
      report(true);
      SL_TRY(const Validation validation,
             validate(trainer_, *validation_, options_.batch_size, options_.on_bad_image));
      row.validation = validation.accuracy;
      row.validation_loss = validation.loss;
    }
    state_.rows.push_back(row);
    state_.loss_sum = state_.seconds = 0;
    state_.images = state_.right = 0;
    return save(&row);
  }

  Status save(const EpochRow* row) {
    saved_ = Clock::now();
    if (!options_.save) return {};
    state_.trainer = trainer_.state();
    return options_.save(state_, row);
  }

  void report(bool is_validating) const {
    if (!options_.report) return;
    const std::int64_t steps = trainer_.next_step() - epoch() * steps_;
    options_.report(
        {.epoch = epoch() + 1,
         .epochs = options_.epochs,
         .step = trainer_.next_step(),
         .steps = options_.epochs * steps_,
         .loss = state_.loss_sum / static_cast<double>(std::max<std::int64_t>(steps, 1)),
         .top1_percent = percent_of(state_.right, state_.images),
         .images_per_s = static_cast<double>(state_.images) / state_.seconds,
         .is_validating = is_validating});
  }

  Trainer& trainer_;
  const ImageSource& training_;
  const std::optional<ImageSource>& validation_;
  LoopState& state_;
  const LoopOptions& options_;
  std::int64_t steps_;
  Clock::time_point start_ = Clock::now(), saved_ = Clock::now();
  double before_s_ = 0;
};

// −log softmax(scores)[label], in float64.
double loss_of(std::span<const float> scores, std::int64_t label) {
  const double most = *std::ranges::max_element(scores);
  double sum = 0;
  for (const float score : scores) sum += std::exp(score - most);
  return std::log(sum) + most - scores[static_cast<std::size_t>(label)];
}

}  // namespace

std::int64_t steps_per_epoch(std::int64_t num_images, std::int64_t batch_size) {
  return num_images / batch_size;
}

Status run_loop(Trainer& trainer, const ImageSource& training,
                const std::optional<ImageSource>& validation, LoopState& state,
                const LoopOptions& options) {
  if (!state.trainer.tensors.empty()) SL_TRY_STATUS(trainer.restore(state.trainer));
  return Loop(trainer, training, validation, state, options).run();
}

Result<Validation> validate(const Trainer& trainer, const ImageSource& source,
                            std::int64_t batch_size, data::OnBadImage on_bad_image) {
  data::Loader loader(source.images, source.preprocess,
                      {.batch_size = batch_size, .on_bad_image = on_bad_image});
  Validation result;
  double loss_sum = 0;
  while (true) {
    SL_TRY(const auto batch, loader.next());
    if (!batch) break;
    SL_TRY(const Tensor scores, trainer.scores(batch->images));
    const auto all = scores.data<float>();
    const std::size_t classes = all.size() / batch->labels.size();
    for (std::size_t i = 0; i < batch->labels.size(); ++i) {
      const auto row = all.subspan(i * classes, classes);
      if (Status status = result.accuracy.add(row, batch->labels[i]); !status) {
        return std::move(status).error().at(source.images.name(batch->indices[i]));
      }
      loss_sum += loss_of(row, batch->labels[i]);
    }
  }
  if (result.accuracy.count > 0) {
    result.loss = loss_sum / static_cast<double>(result.accuracy.count);
  }
  return result;
}

}  // namespace sluice::train
