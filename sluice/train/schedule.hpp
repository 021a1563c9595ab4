// SPDX-License-Identifier: Apache-2.0
// Schedules: the learning rate of each step, from nothing but its number.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/result.hpp"

namespace sluice::train {

enum class Decay : std::uint8_t {
  Constant,
  Linear,  // to 0 at the last step: rate·(1 − t/(T − 1))
  Cosine,  // rate·(1 + cos(π·t/(T − 1)))/2
  Step,    // times `factor` at each of `at`
};

struct Schedule {
  double rate = 0.1;  // after warming up
  Decay decay = Decay::Cosine;
  std::int64_t steps = 1;          // of all training, T
  std::int64_t warm_up_steps = 0;  // up to the rate, linearly; the decay begins behind
  double factor = 0.1;
  std::vector<std::int64_t> at = {};  // steps
};

// 0 ≤ step < schedule.steps.
[[nodiscard]] double rate_at(const Schedule& schedule, std::int64_t step);

// "constant", "linear", "cosine", "step". InvalidArgument with the nearest name.
[[nodiscard]] Result<Decay> decay_from_string(std::string_view name);
[[nodiscard]] std::string_view to_string(Decay decay) noexcept;

}  // namespace sluice::train
