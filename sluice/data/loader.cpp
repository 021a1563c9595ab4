// SPDX-License-Identifier: Apache-2.0
#include "sluice/data/loader.hpp"

#include <algorithm>

#include "sluice/base/assert.hpp"
#include "sluice/base/threads.hpp"

namespace sluice::data {

Loader::Loader(const Dataset& dataset, const Preprocess& preprocess, LoaderOptions options)
    : dataset_(dataset), preprocess_(preprocess), options_(std::move(options)) {
  SL_ASSERT(options_.batch_size > 0 && options_.start >= 0, "loader options");
  image_elements_ = num_elements(output_shape(preprocess_, 1));
  end_ = options_.indices.empty() ? dataset_.size()
                                  : static_cast<std::int64_t>(options_.indices.size());
  if (options_.limit) end_ = std::min(end_, *options_.limit);
  end_ = std::max(end_, options_.start);
  next_ = options_.start;
  const std::int64_t wanted = options_.threads > 0 ? options_.threads : num_threads();
  const std::int64_t most = std::min(wanted, num_positions());
  for (std::int64_t i = 0; i < most; ++i) threads_.emplace_back([this] { work(); });
}

Loader::~Loader() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  room_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

std::int64_t Loader::index_at(std::int64_t position) const {
  if (options_.indices.empty()) return position;
  return options_.indices[static_cast<std::size_t>(position)];
}

bool Loader::may_take() const {
  if (next_ >= end_) return false;
  const bool begins_batch = (next_ - options_.start) % options_.batch_size == 0;
  return !begins_batch ||
         static_cast<std::int64_t>(slots_.size()) < std::max(options_.batches_ahead, 1);
}

Loader::Slot& Loader::slot_of_next() {
  if ((next_ - options_.start) % options_.batch_size == 0) {
    const std::int64_t count = std::min(options_.batch_size, end_ - next_);
    Slot& slot = slots_.emplace_back();
    slot.first = next_;
    slot.count = slot.missing = count;
    slot.images = Tensor(DType::Float32, output_shape(preprocess_, count));
    slot.pixels = slot.images.mutable_data<float>();
    slot.errors.resize(static_cast<std::size_t>(count));
  }
  return slots_.back();
}

void Loader::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    room_.wait(lock, [this] { return stop_ || next_ >= end_ || may_take(); });
    if (stop_ || next_ >= end_) return;
    Slot& slot = slot_of_next();  // stays where it is while others come and go
    const std::int64_t position = next_++;
    lock.unlock();
    const auto place = static_cast<std::size_t>(position - slot.first);
    const auto size = static_cast<std::size_t>(image_elements_);
    Status status = load(position, slot.pixels.subspan(place * size, size));
    lock.lock();
    if (!status) slot.errors[place] = std::move(status).error();
    if (--slot.missing == 0) done_.notify_all();
  }
}

Status Loader::load(std::int64_t position, std::span<float> out) const {
  const std::int64_t index = index_at(position);
  SL_TRY(Image image, dataset_.image(index));
  if (options_.transform) {
    auto changed = options_.transform(std::move(image), position);
    if (!changed) return std::move(changed).error().at(dataset_.name(index));
    image = *std::move(changed);
  }
  Status status = preprocess_image(preprocess_, image, out);
  if (!status) return std::move(status).error().at(dataset_.name(index));
  return {};
}

Result<std::optional<Batch>> Loader::next() {
  for (;;) {
    std::unique_lock lock(mutex_);
    if (stop_ || (slots_.empty() && next_ >= end_)) return std::optional<Batch>();
    done_.wait(lock, [this] { return !slots_.empty() && slots_.front().missing == 0; });
    Slot slot = std::move(slots_.front());
    slots_.pop_front();
    lock.unlock();
    room_.notify_all();
    auto batch = finish(std::move(slot));
    if (!batch) {
      lock.lock();
      stop_ = true;
      lock.unlock();
      room_.notify_all();
      return std::move(batch).error();
    }
    if (!batch->labels.empty()) return std::optional<Batch>(*std::move(batch));
  }
}

// Closes the gaps that skipped images leave.
Result<Batch> Loader::finish(Slot slot) {
  Batch batch{.end = slot.first + slot.count};
  const auto size = static_cast<std::size_t>(image_elements_);
  for (std::size_t i = 0; i < slot.errors.size(); ++i) {
    const std::int64_t index = index_at(slot.first + static_cast<std::int64_t>(i));
    if (slot.errors[i]) {
      Error& error = *slot.errors[i];
      const bool is_bad_image = error.code != ErrorCode::InvalidArgument;
      if (is_bad_image && options_.on_bad_image == OnBadImage::Skip) {
        skipped_.push_back({index, std::move(error)});
        continue;
      }
      if (is_bad_image) error.message += " (--on-bad-image skip leaves such images out)";
      return std::move(error);
    }
    const std::size_t place = batch.labels.size();
    if (place != i)
      std::ranges::copy(slot.pixels.subspan(i * size, size), &slot.pixels[place * size]);
    batch.indices.push_back(index);
    batch.labels.push_back(dataset_.label(index));
  }
  const auto kept = static_cast<std::int64_t>(batch.labels.size());
  if (kept == slot.count) {
    batch.images = std::move(slot.images);
  } else if (kept > 0) {
    batch.images = Tensor(DType::Float32, output_shape(preprocess_, kept));
    std::ranges::copy(slot.pixels.first(batch.labels.size() * size),
                      batch.images.mutable_data<float>().begin());
  }
  return batch;
}

}  // namespace sluice::data
