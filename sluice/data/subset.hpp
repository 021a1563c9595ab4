// SPDX-License-Identifier: Apache-2.0
// Which images to calibrate on.
#pragma once

#include <cstdint>
#include <vector>

#include "sluice/data/dataset.hpp"

namespace sluice::data {

// The first `count` images, or all if there are fewer.
[[nodiscard]] std::vector<std::int64_t> first_images(const Dataset& dataset, std::int64_t count);

// `count` images at random (all if there are fewer), as many of each class as of any other. They
// are taken in the order of torch_permutation(size, seed), an image only while its class has fewer
// than count / classes; so a multiple of the number of classes gives the published subsets. What is
// left over goes to one more image a class, and then, where classes have too few, to any image.
// Unlabelled images count as one class.
[[nodiscard]] std::vector<std::int64_t> balanced_images(const Dataset& dataset, std::int64_t count,
                                                        std::uint32_t seed);

// balanced_images of a dataset that has more than `count`, else all in their order.
[[nodiscard]] std::vector<std::int64_t> calibration_images(const Dataset& dataset,
                                                           std::int64_t count, std::uint32_t seed);

}  // namespace sluice::data
