// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/image_batches.hpp"

#include <algorithm>
#include <utility>

#include "sluice/base/interrupt.hpp"

namespace sluice::api {

Tensor filled(const Tensor& images, const Shape& shape) {
  if (images.shape() == shape) return images;
  Tensor full(images.dtype(), shape);
  const auto from = images.bytes();
  for (auto to = full.mutable_bytes(); !to.empty();) {
    const std::size_t size = std::min(from.size(), to.size());
    std::ranges::copy(from.first(size), to.begin());
    to = to.subspan(size);
  }
  return full;
}

Tensor first_of(const Tensor& images, std::int64_t count) {
  ir::ValueType type{images.dtype(), images.shape()};
  type.shape[0] = count;
  return runtime::view(type, images.bytes().data());
}

runtime::Observer of_first(const runtime::Observer& observer, std::int64_t count) {
  runtime::Observer first = observer;
  first.on_value = [&observer, count](ir::ValueId value, std::int64_t at, const Tensor& piece) {
    const std::int64_t images = std::min(piece.shape()[0], count - at);
    if (images == piece.shape()[0]) {
      observer.on_value(value, at, piece);
    } else if (images > 0) {
      observer.on_value(value, at, first_of(piece, images));
    }
  };
  return first;
}

ImageBatches::ImageBatches(const data::Dataset& dataset, const data::Preprocess& preprocess,
                           data::LoaderOptions options, Shape shape, std::string what, bool quiet)
    : loader_(dataset, preprocess, std::move(options)),
      shape_(std::move(shape)),
      bar_({.what = std::move(what), .total = loader_.num_positions()}, quiet) {}

Result<std::vector<Tensor>> ImageBatches::next() {
  SL_TRY_STATUS(check_interrupt());
  SL_TRY(const auto batch, loader_.next());
  if (!batch) return std::vector<Tensor>{};
  bar_.update(batch->end);
  return std::vector<Tensor>{filled(batch->images, shape_)};
}

}  // namespace sluice::api
