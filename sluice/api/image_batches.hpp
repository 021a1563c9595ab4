// SPDX-License-Identifier: Apache-2.0
// Images as the batches of a network's only input: for calibration.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sluice/base/progress.hpp"
#include "sluice/base/result.hpp"
#include "sluice/data/loader.hpp"
#include "sluice/runtime/executor.hpp"

namespace sluice::api {

// The images, repeated until the shape's batch is full.
[[nodiscard]] Tensor filled(const Tensor& images, const Shape& shape);

// The first `count` images of several, seen in their memory: valid as long as `images` is.
[[nodiscard]] Tensor first_of(const Tensor& images, std::int64_t count);

// Observes the first `count` images of a batch only: those that fill it are passed over. Valid as
// long as `observer` is.
[[nodiscard]] runtime::Observer of_first(const runtime::Observer& observer, std::int64_t count);

class ImageBatches {
 public:
  // `dataset` must outlive it; `shape` is the input's; `what` goes before the progress.
  ImageBatches(const data::Dataset& dataset, const data::Preprocess& preprocess,
               data::LoaderOptions options, Shape shape, std::string what, bool quiet);

  // A quant::BatchSource. Interrupted after Ctrl-C.
  [[nodiscard]] Result<std::vector<Tensor>> next();
  [[nodiscard]] const std::vector<data::SkippedImage>& skipped() const { return loader_.skipped(); }

 private:
  data::Loader loader_;
  Shape shape_;
  Progress bar_;
};

}  // namespace sluice::api
