// SPDX-License-Identifier: Apache-2.0
// What the layout operators' inputs come to for one input shape, every default filled in and every
// bound checked: shared by the shape rules and by whoever moves the elements. All functions give
// InvalidArgument, naming the value, where ONNX forbids it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sluice/base/shape.hpp"
#include "sluice/ir/ops/layout.hpp"

namespace sluice::ir {

using Integers = std::vector<std::int64_t>;

// `axes`, each made non-negative and none twice.
[[nodiscard]] Result<Integers> normalize_axes(const Integers& axes, std::size_t rank);

// The shape Reshape asks for, of as many elements as `input`.
[[nodiscard]] Result<sluice::Shape> reshaped_shape(const sluice::Shape& input,
                                                   const Integers& request, bool allow_zero);

// Along one dimension output element i is input element begin + i·step.
struct SliceRange {
  std::int64_t begin = 0;
  std::int64_t step = 1;
  std::int64_t size = 0;
};

// One range a dimension. Without axes starts speak of the first dimensions.
struct SliceRequest {
  Integers starts;
  Integers ends;
  std::optional<Integers> axes;
  std::optional<Integers> steps;
};
[[nodiscard]] Result<std::vector<SliceRange>> resolve_slice(const sluice::Shape& input,
                                                            const SliceRequest& request);

// Along one dimension: the input's elements [crop_begin, crop_begin + kept) with `begin` and `end`
// elements put around them. Negative pads crop first, as if Slice had run before.
struct PadRange {
  std::int64_t crop_begin = 0;
  std::int64_t kept = 0;
  std::int64_t begin = 0;
  std::int64_t end = 0;
  [[nodiscard]] std::int64_t size() const { return begin + kept + end; }
};
[[nodiscard]] Result<std::vector<PadRange>> resolve_pad(const sluice::Shape& input, PadMode mode,
                                                        const Integers& pads,
                                                        const std::optional<Integers>& axes);

// The sizes of `count` parts of a dimension of `total`: `sizes` if given, else equal ones with the
// last one smaller.
[[nodiscard]] Result<Integers> split_sizes(std::int64_t total, std::size_t count,
                                           const std::optional<Integers>& sizes);

// Transpose's permutation of `rank` dimensions.
[[nodiscard]] Result<Integers> resolve_permutation(const Integers& permutation, std::size_t rank);

}  // namespace sluice::ir
