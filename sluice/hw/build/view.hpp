// SPDX-License-Identifier: Apache-2.0
// View: which word of a stream each element of a tensor is. Reshape, Flatten and Transpose change
// how a tensor is seen, not the words: as long as the view is known they cost nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sluice/base/shape.hpp"
#include "sluice/hw/modules/module.hpp"

namespace sluice::hw {

// `size` words, `stride` apart in the stream.
struct Run {
  std::int64_t size = 1;
  std::int64_t stride = 1;
  friend bool operator==(const Run&, const Run&) = default;
};

// For each dimension of a tensor the runs it goes through, the outermost first.
class View {
 public:
  View() = default;
  explicit View(std::vector<std::vector<Run>> dims);

  // The same elements in another shape; none where a dimension would cut through a run.
  [[nodiscard]] std::optional<View> reshaped(const Shape& shape) const;
  // Dimension i becomes what permutation[i] was.
  [[nodiscard]] View transposed(std::span<const std::int64_t> permutation) const;

  [[nodiscard]] const std::vector<std::vector<Run>>& dims() const { return dims_; }
  friend bool operator==(const View&, const View&) = default;

 private:
  std::vector<std::vector<Run>> dims_;
};

// A tensor as feature maps are: [1, channels], with up to three dimensions of space behind.
struct PlainTensor {
  FeatureMap map;
  View view;
};
// None for other shapes.
[[nodiscard]] std::optional<PlainTensor> plain_tensor(const Shape& shape);

// Where the view differs from the plain one of `shape` only by its channels' order, and this is as
// a shuffle of so many groups leaves them: the first of each group, then the second of each.
[[nodiscard]] std::optional<std::int64_t> shuffled_groups(const View& view, const Shape& shape);

}  // namespace sluice::hw
