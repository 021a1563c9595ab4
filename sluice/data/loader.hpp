// SPDX-License-Identifier: Apache-2.0
// Loader: batches of preprocessed images, made by threads of its own while the caller works on the
// batch before. The batches are the same at any number of threads.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/data/dataset.hpp"
#include "sluice/data/image.hpp"
#include "sluice/data/preprocess.hpp"
#include "sluice/numeric/tensor.hpp"

namespace sluice::data {

// What to do when an image cannot be read or decoded.
enum class OnBadImage : unsigned char { Stop, Skip };

struct LoaderOptions {
  std::int64_t batch_size = 16;
  // Which images, in which order; all in the dataset's order if there are none. Positions count
  // along this list.
  std::vector<std::int64_t> indices = {};
  std::int64_t start = 0;  // the first position: a multiple of batch_size, to resume
  std::optional<std::int64_t> limit = {};  // the position to stop before
  OnBadImage on_bad_image = OnBadImage::Stop;
  int threads = 0;  // 0: num_threads()
  int batches_ahead = 2;
  // Changes a decoded image before it is preprocessed, say by chance (augment.hpp). Called from the
  // loader's threads, so its result may depend on the image and its position only.
  std::function<Result<Image>(Image image, std::int64_t position)> transform = {};
};

// The images at positions [k·batch_size, (k+1)·batch_size), less those skipped.
struct Batch {
  Tensor images;                      // float32, output_shape(preprocess, labels.size())
  std::vector<std::int64_t> indices;  // in the dataset
  std::vector<std::int64_t> labels;
  std::int64_t end = 0;  // position behind this batch: where a resumed run starts
};

struct SkippedImage {
  std::int64_t index = 0;
  Error reason;  // names the image
};

class Loader {
 public:
  // `dataset` must outlive the loader; indices must be its own; batch_size must be positive.
  Loader(const Dataset& dataset, const Preprocess& preprocess, LoaderOptions options);
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;
  ~Loader();

  // The next batch, never empty; nothing at the end. An image that cannot be decoded is an error,
  // or is skipped, as the options say; one that does not have the size the preprocessing asks for
  // is always an error. After an error there are no more batches.
  [[nodiscard]] Result<std::optional<Batch>> next();

  // Positions from start to the end or limit.
  [[nodiscard]] std::int64_t num_positions() const noexcept { return end_ - options_.start; }
  // Images left out so far.
  [[nodiscard]] const std::vector<SkippedImage>& skipped() const noexcept { return skipped_; }

 private:
  // A batch in the making.
  struct Slot {
    std::int64_t first = 0;
    std::int64_t count = 0;
    std::int64_t missing = 0;  // images not yet done
    Tensor images;
    std::span<float> pixels;  // of `images`
    std::vector<std::optional<Error>> errors;
  };

  void work();
  // Whether a worker may take the next position: there is one, and room for its batch.
  [[nodiscard]] bool may_take() const;
  Slot& slot_of_next();
  Status load(std::int64_t position, std::span<float> out) const;
  Result<Batch> finish(Slot slot);
  [[nodiscard]] std::int64_t index_at(std::int64_t position) const;

  const Dataset& dataset_;
  const Preprocess preprocess_;
  const LoaderOptions options_;
  std::int64_t image_elements_ = 0;
  std::int64_t end_ = 0;
  std::vector<SkippedImage> skipped_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable room_;
  std::condition_variable done_;
  std::deque<Slot> slots_;  // oldest first
  std::int64_t next_ = 0;   // the next position to take
  bool stop_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace sluice::data
