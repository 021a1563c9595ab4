// SPDX-License-Identifier: Apache-2.0
#include "sluice/data/metrics.hpp"

#include <cmath>
#include <fmt/format.h>

#include "sluice/base/assert.hpp"
#include "sluice/base/divide.hpp"
#include "sluice/data/dataset.hpp"

namespace sluice::data {
namespace {

bool is_greater(float a, float b) {
  return std::isnan(a) ? !std::isnan(b) : a > b;
}

}  // namespace

std::int64_t rank_of(std::span<const float> scores, std::int64_t label) {
  const float own = scores[static_cast<std::size_t>(label)];
  std::int64_t rank = 0;
  for (std::int64_t i = 0; i < static_cast<std::int64_t>(scores.size()); ++i) {
    const float other = scores[static_cast<std::size_t>(i)];
    const bool is_equal = !is_greater(other, own) && !is_greater(own, other);
    if (is_greater(other, own) || (is_equal && i < label)) ++rank;
  }
  // A NaN of the label's own is no answer: it is behind all.
  return std::isnan(own) ? static_cast<std::int64_t>(scores.size()) : rank;
}

Status Accuracy::add(std::span<const float> scores, std::int64_t label) {
  if (label == kNoLabel) {
    return Error{ErrorCode::InvalidArgument,
                 "image has no label, so there is no accuracy; give a dataset with classes"};
  }
  if (label < 0 || label >= static_cast<std::int64_t>(scores.size())) {
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("label {} is no output of a network with {} outputs; check the "
                             "dataset and the label offset",
                             label, scores.size())};
  }
  const std::int64_t rank = rank_of(scores, label);
  ++count;
  top1 += rank < 1 ? 1 : 0;
  top5 += rank < 5 ? 1 : 0;
  return {};
}

Accuracy& Accuracy::operator+=(const Accuracy& other) noexcept {
  count += other.count;
  top1 += other.top1;
  top5 += other.top5;
  return *this;
}

double Accuracy::top1_percent() const noexcept {
  return percent_of(top1, count);
}

double Accuracy::top5_percent() const noexcept {
  return percent_of(top5, count);
}

std::vector<std::int32_t> predicted_classes(const Tensor& scores) {
  SL_ASSERT(scores.dtype() == DType::Float32 && scores.rank() >= 2, "scores by class");
  const auto batch = static_cast<std::size_t>(scores.shape()[0]);
  const auto classes = static_cast<std::size_t>(scores.shape()[1]);
  const std::span<const float> values = scores.data<float>();
  const std::size_t positions = values.empty() ? 0 : values.size() / batch / classes;
  std::vector<std::int32_t> best(batch * positions, 0);
  for (std::size_t n = 0; n < batch; ++n) {
    const std::span<const float> image = values.subspan(n * classes * positions);
    for (std::size_t c = 1; c < classes; ++c) {
      for (std::size_t p = 0; p < positions; ++p) {
        std::int32_t& winner = best[n * positions + p];
        const float champion = image[static_cast<std::size_t>(winner) * positions + p];
        if (is_greater(image[c * positions + p], champion)) winner = static_cast<std::int32_t>(c);
      }
    }
  }
  return best;
}

ConfusionMatrix::ConfusionMatrix(std::int64_t num_classes)
    : num_classes_(num_classes), counts_(static_cast<std::size_t>(num_classes * num_classes)) {}

void ConfusionMatrix::add(std::span<const std::uint8_t> truth,
                          std::span<const std::int32_t> predicted) {
  SL_ASSERT(truth.size() == predicted.size(), "a prediction for each pixel");
  for (std::size_t i = 0; i < truth.size(); ++i) {
    if (truth[i] >= num_classes_) continue;
    SL_ASSERT(predicted[i] >= 0 && predicted[i] < num_classes_, "predicted no class");
    ++counts_[static_cast<std::size_t>(truth[i] * num_classes_ + predicted[i])];
  }
}

std::int64_t ConfusionMatrix::at(std::int64_t truth, std::int64_t predicted) const {
  return counts_[static_cast<std::size_t>(truth * num_classes_ + predicted)];
}

std::vector<std::optional<double>> ConfusionMatrix::iou(
    std::optional<std::int64_t> ignored_class) const {
  std::vector<std::optional<double>> result(static_cast<std::size_t>(num_classes_));
  for (std::int64_t c = 0; c < num_classes_; ++c) {
    if (c == ignored_class) continue;
    std::int64_t either = -at(c, c);  // counted twice below
    for (std::int64_t other = 0; other < num_classes_; ++other) {
      if (other != ignored_class) either += at(c, other) + at(other, c);
    }
    if (either == 0) continue;
    result[static_cast<std::size_t>(c)] =
        static_cast<double>(at(c, c)) / static_cast<double>(either);
  }
  return result;
}

double ConfusionMatrix::mean_iou(std::optional<std::int64_t> ignored_class) const {
  double sum = 0;
  int count = 0;
  for (const std::optional<double>& value : iou(ignored_class)) {
    if (!value) continue;
    sum += *value;
    ++count;
  }
  return count == 0 ? 0 : sum / count;
}

void Dice::add(std::span<const float> probabilities, std::span<const std::uint8_t> mask,
               float threshold) {
  SL_ASSERT(probabilities.size() == mask.size(), "a mask for each prediction");
  for (std::size_t i = 0; i < mask.size(); ++i) {
    const bool is_predicted = probabilities[i] > threshold;
    const bool is_true = mask[i] != 0;
    both += is_predicted && is_true ? 1 : 0;
    predicted += is_predicted ? 1 : 0;
    truth += is_true ? 1 : 0;
  }
}

double Dice::value() const noexcept {
  const std::int64_t sizes = predicted + truth;
  return sizes == 0 ? 1 : 2 * static_cast<double>(both) / static_cast<double>(sizes);
}

}  // namespace sluice::data
