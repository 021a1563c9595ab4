// SPDX-License-Identifier: Apache-2.0
#include "sluice/data/subset.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>

#include "sluice/base/rng.hpp"

namespace sluice::data {

std::vector<std::int64_t> first_images(const Dataset& dataset, std::int64_t count) {
  count = std::clamp<std::int64_t>(count, 0, dataset.size());
  std::vector<std::int64_t> indices(static_cast<std::size_t>(count));
  std::iota(indices.begin(), indices.end(), std::int64_t{0});
  return indices;
}

std::vector<std::int64_t> balanced_images(const Dataset& dataset, std::int64_t count,
                                          std::uint32_t seed) {
  count = std::clamp<std::int64_t>(count, 0, dataset.size());
  std::map<std::int64_t, std::int64_t> taken_of_class;
  for (std::int64_t i = 0; i < dataset.size(); ++i) taken_of_class[dataset.label(i)] = 0;
  const std::int64_t share =
      count / std::max<std::int64_t>(static_cast<std::int64_t>(taken_of_class.size()), 1);
  std::vector<std::int64_t> order = torch_permutation(dataset.size(), seed);
  std::vector<std::int64_t> indices;
  constexpr std::int64_t kAnyNumber = std::numeric_limits<std::int64_t>::max();
  for (const std::int64_t quota : {share, share + 1, kAnyNumber}) {
    std::vector<std::int64_t> rest;
    for (const std::int64_t index : order) {
      std::int64_t& taken = taken_of_class[dataset.label(index)];
      const bool wanted = static_cast<std::int64_t>(indices.size()) < count && taken < quota;
      (wanted ? indices : rest).push_back(index);
      taken += wanted ? 1 : 0;
    }
    order = std::move(rest);
  }
  return indices;
}

std::vector<std::int64_t> calibration_images(const Dataset& dataset, std::int64_t count,
                                             std::uint32_t seed) {
  return count < dataset.size() ? balanced_images(dataset, count, seed)
                                : first_images(dataset, count);
}

}  // namespace sluice::data
