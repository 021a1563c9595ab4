// SPDX-License-Identifier: Apache-2.0
// Mixup (Zhang and others, 2018): images and what is wanted of them, mixed in pairs.
#pragma once

#include <cstdint>
#include <torch/types.h>
#include <vector>

#include "sluice/base/rng.hpp"

namespace sluice::train {

struct Mixture {
  double share = 1;                    // of the image itself
  std::vector<std::int64_t> partners;  // the image that each is mixed with
};

// Beta(α, α), α > 0.
[[nodiscard]] double draw_symmetric_beta(double alpha, Rng& rng);

// For a batch of `count`, from the seed and the number of the step alone.
[[nodiscard]] Mixture draw_mixture(std::uint64_t seed, std::int64_t step, std::int64_t count,
                                   double alpha);

// share·row + (1 − share)·partner's row.
[[nodiscard]] at::Tensor mixed(const at::Tensor& rows, const Mixture& mixture);

}  // namespace sluice::train
