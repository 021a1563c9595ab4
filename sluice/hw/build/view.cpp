// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/build/view.hpp"

#include <algorithm>

namespace sluice::hw {
namespace {

// Runs of which each ends where the one before goes on are one.
std::vector<Run> joined(const std::vector<Run>& runs) {
  std::vector<Run> result;
  for (const Run& run : runs) {
    if (run.size == 1) continue;
    if (!result.empty() && result.back().stride == run.stride * run.size) {
      result.back() = {result.back().size * run.size, run.stride};
    } else {
      result.push_back(run);
    }
  }
  return result;
}

// Takes `size` elements from the inner end of `runs`; false where that cuts through one.
bool take_inner(std::vector<Run>& runs, std::int64_t size, std::vector<Run>& taken) {
  while (size > 1) {
    if (runs.empty()) return false;
    Run& last = runs.back();
    if (size % last.size == 0) {
      size /= last.size;
      taken.insert(taken.begin(), last);
      runs.pop_back();
    } else if (last.size % size == 0) {
      taken.insert(taken.begin(), {size, last.stride});
      last = {last.size / size, last.stride * size};
      size = 1;
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace

View::View(std::vector<std::vector<Run>> dims) : dims_(std::move(dims)) {
  for (std::vector<Run>& runs : dims_) runs = joined(runs);
}

std::optional<View> View::reshaped(const Shape& shape) const {
  std::vector<Run> left;
  for (const std::vector<Run>& runs : dims_) left.insert(left.end(), runs.begin(), runs.end());
  std::vector<std::vector<Run>> dims(shape.size());
  for (std::size_t d = shape.size(); d-- > 0;) {
    if (!take_inner(left, shape[d], dims[d])) return std::nullopt;
  }
  if (!left.empty()) return std::nullopt;
  return View(std::move(dims));
}

View View::transposed(std::span<const std::int64_t> permutation) const {
  View result;
  for (const std::int64_t from : permutation) {
    result.dims_.push_back(dims_[static_cast<std::size_t>(from)]);
  }
  return result;
}

std::optional<PlainTensor> plain_tensor(const Shape& shape) {
  constexpr std::size_t kMostDims = 5;
  const std::size_t rank = shape.size();
  if (rank == 0 || rank > kMostDims || shape[0] != 1) return std::nullopt;
  PlainTensor result;
  FeatureMap& map = result.map;
  // Of a line, the words are a row; of a volume, the first dimension is its depth.
  if (rank > 1) map.channels = shape[1];
  if (rank > 2) map.cols = shape[rank - 1];
  if (rank > 3) map.rows = shape[rank - 2];
  if (rank > 4) map.depth = shape[2];
  // Channels come first, then what is deeper, the next column, the next row.
  std::vector<std::vector<Run>> dims(rank);
  if (rank > 1) dims[1] = {{map.channels, 1}};
  if (rank > 2) dims[rank - 1] = {{map.cols, map.channels * map.depth}};
  if (rank > 3) dims[rank - 2] = {{map.rows, map.channels * map.depth * map.cols}};
  if (rank > 4) dims[2] = {{map.depth, map.channels}};
  result.view = View(std::move(dims));
  return result;
}

std::optional<std::int64_t> shuffled_groups(const View& view, const Shape& shape) {
  const auto plain = plain_tensor(shape);
  if (!plain || shape.size() < 2 || view.dims().size() != shape.size()) return std::nullopt;
  for (std::size_t d = 0; d < shape.size(); ++d) {
    if (d != 1 && view.dims()[d] != plain->view.dims()[d]) return std::nullopt;
  }
  const std::vector<Run>& channels = view.dims()[1];
  const bool is_shuffle =
      channels.size() == 2 && channels[0].stride == 1 && channels[1].stride == channels[0].size;
  return is_shuffle ? std::optional(channels[1].size) : std::nullopt;
}

}  // namespace sluice::hw
