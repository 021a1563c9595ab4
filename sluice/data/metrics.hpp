// SPDX-License-Identifier: Apache-2.0
// Metrics: integer counts that add up over batches, and the figures made from them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/numeric/tensor.hpp"

namespace sluice::data {

// How many classes are ahead of `label`, which is an index of `scores`. A greater score is ahead;
// of equal ones the lower index is (torch.topk leaves that open). NaN is greater than any number,
// as in torch, so a network that answers NaN is wrong.
[[nodiscard]] std::int64_t rank_of(std::span<const float> scores, std::int64_t label);

// Top-1 and top-5 of a classifier.
struct Accuracy {
  std::int64_t count = 0;
  std::int64_t top1 = 0;
  std::int64_t top5 = 0;

  // InvalidArgument if the label is unknown or no index of the scores.
  [[nodiscard]] Status add(std::span<const float> scores, std::int64_t label);
  Accuracy& operator+=(const Accuracy& other) noexcept;
  // In percent; 0 before the first image.
  [[nodiscard]] double top1_percent() const noexcept;
  [[nodiscard]] double top5_percent() const noexcept;
  friend bool operator==(const Accuracy&, const Accuracy&) = default;
};

// The class of the greatest score at each position of float32 scores of shape [batch, classes, …]:
// batch·… indices. Equal scores and NaN as in rank_of.
[[nodiscard]] std::vector<std::int32_t> predicted_classes(const Tensor& scores);

// Counts of pixels by true class (row) and predicted class (column).
class ConfusionMatrix {
 public:
  explicit ConfusionMatrix(std::int64_t num_classes);

  // Pixels whose true class is not below num_classes (255: unlabelled) do not count. Predictions
  // must be classes.
  void add(std::span<const std::uint8_t> truth, std::span<const std::int32_t> predicted);

  [[nodiscard]] std::int64_t at(std::int64_t truth, std::int64_t predicted) const;
  // Intersection over union, tp / (tp + fp + fn), of each class; nothing where it is 0 / 0. The
  // ignored class' row and column count as zero.
  [[nodiscard]] std::vector<std::optional<double>> iou(
      std::optional<std::int64_t> ignored_class = {}) const;
  // The mean over the classes that have one, as a fraction; 0 if none has.
  [[nodiscard]] double mean_iou(std::optional<std::int64_t> ignored_class = {}) const;

 private:
  std::int64_t num_classes_;
  std::vector<std::int64_t> counts_;
};

// Dice coefficient of two masks: 2·|P ∧ T| / (|P| + |T|).
struct Dice {
  std::int64_t both = 0;
  std::int64_t predicted = 0;
  std::int64_t truth = 0;

  // A pixel is predicted if its probability is above `threshold`, and true if it is not 0. Both
  // have the same size.
  void add(std::span<const float> probabilities, std::span<const std::uint8_t> mask,
           float threshold = 0.5F);
  // 1 if both masks are empty.
  [[nodiscard]] double value() const noexcept;
};

}  // namespace sluice::data
